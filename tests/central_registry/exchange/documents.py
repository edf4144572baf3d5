"""Published EPCIS documents, each taken and given back, or refused with the place: `make test-long ONLY=epcis`.

    EPCIS_DOCUMENTS=FOLDER python -m tests.central_registry.exchange.documents [FOLDER]

The folder holds `gs1/JSON/` (the standard's own examples) and `openepcis/valid/` and `openepcis/invalid/` (test
resources of OpenEPCIS); none of them is kept here. A document in which one key stands twice in an object is refused, as
any JSON of this product is; it is counted, and taken once more as readers of JSON take it that keep the last.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from central_registry.exchange.epcis.document import Event, as_document, read
from central_registry.exchange.epcis.flaws import EpcisError

VALID = ("gs1/JSON", "openepcis/valid")
INVALID = "openepcis/invalid"
_TWICE = "twice in one object"


def main(arguments: list[str]) -> int:
    """0 if each document of the folder met what was expected of it."""
    given = arguments[0] if arguments else os.environ.get("EPCIS_DOCUMENTS", "")
    if not given or not (Path(given) / INVALID).is_dir():
        print(f"expected a folder with {', '.join((*VALID, INVALID))} in EPCIS_DOCUMENTS, got {given!r}; name it")
        return 2
    figures, wrong = played(Path(given))
    for line in wrong:
        print(line)
    print(" ".join(f"{name}={value}" for name, value in figures.items()))
    return 1 if wrong or not figures["captured"] or not figures["refused"] else 0


def played(folder: Path) -> tuple[Counter[str], list[str]]:
    """Figures, and each document that did not do as it should."""
    figures: Counter[str] = Counter(captured=0, events=0, a_key_twice=0, refused=0, places=0)
    wrong: list[str] = []
    for file in _files(folder, *VALID):
        try:
            events = _taken(file, figures)
        except EpcisError as cause:
            wrong.append(f"{file.name}: expected to be taken, got {cause}")
            continue
        figures["captured"] += 1
        figures["events"] += len(events)
        again = read(json.dumps(as_document(events, "2026-12-01T00:00:00Z")))
        if [one.hash_id for one in again] != [one.hash_id for one in events]:
            wrong.append(f"{file.name}: expected equal hashes of what was given back, got others")
    for file in _files(folder, INVALID):
        try:
            read(file.read_bytes())
            wrong.append(f"{file.name}: expected to be refused, got it taken")
        except EpcisError as cause:
            figures["refused"] += 1
            figures["places"] += sum(flaw.at.startswith("/epcisBody/eventList/") for flaw in cause.flaws)
            print(f"{file.name}: {cause}")
    return figures, wrong


def _taken(file: Path, figures: Counter[str]) -> tuple[Event, ...]:
    try:
        return read(file.read_bytes(), queries=True)
    except EpcisError as cause:
        if _TWICE not in str(cause):
            raise
        figures["a_key_twice"] += 1
        print(f"{file.name}: {cause}")
        return read(json.dumps(json.loads(file.read_bytes())), queries=True)


def _files(folder: Path, *rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted(file for file in (folder / room).iterdir() if file.suffix in (".json", ".jsonld"))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
