"""Published EPCIS documents, each captured over HTTP and given back, or refused with the place: `make test-long
ONLY=epcis`.

    EPCIS_DOCUMENTS=FOLDER python -m tests.central_registry.exchange.documents [FOLDER]

The folder holds `gs1/JSON/` (the standard's own examples) and `openepcis/valid/` and `openepcis/invalid/` (test
resources of OpenEPCIS); none of them is kept here. A document in which one key stands twice in an object is refused, as
any JSON of this product is; it is counted, and taken once more as readers of JSON take it that keep the last.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from central_registry.exchange import keys
from central_registry.exchange.epcis.document import read
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT, Registry, running

VALID = ("gs1/JSON", "openepcis/valid")
INVALID = "openepcis/invalid"
_TWICE = "twice in one object"


def main(arguments: list[str]) -> int:
    """0 if each document of the folder met what was expected of it."""
    given = arguments[0] if arguments else os.environ.get("EPCIS_DOCUMENTS", "")
    if not given or not (Path(given) / INVALID).is_dir():
        print(f"expected a folder with {', '.join((*VALID, INVALID))} in EPCIS_DOCUMENTS, got {given!r}; name it")
        return 2
    figures, wrong = asyncio.run(played(Path(given)))
    for line in wrong:
        print(line)
    print(" ".join(f"{name}={value}" for name, value in figures.items()))
    return 1 if wrong or not figures["captured"] or not figures["refused"] else 0


async def played(folder: Path) -> tuple[Counter[str], list[str]]:
    """Figures, and each document that did not do as it should: sent over HTTP and asked for there."""
    async with running(fenced=True) as registry:
        association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        run = _Run(registry, association, await add_person(registry.pool, association, Role.OFFICER))
        for file in _files(folder, *VALID):
            await run.taken(file)
        for file in _files(folder, INVALID):
            await run.refused(file)
        return run.figures, run.wrong


@dataclass
class _Run:
    registry: Registry
    association: str
    officer: Actor
    figures: Counter[str] = field(
        default_factory=lambda: Counter(captured=0, events=0, a_key_twice=0, refused=0, places=0)
    )
    wrong: list[str] = field(default_factory=list)

    async def taken(self, file: Path) -> None:
        """Captured whole, and given back equal by event hash."""
        key, data = await self._key(), file.read_bytes()
        status, told = await self._capture(key, data)
        if status == 400 and _TWICE in told["detail"]:
            self.figures["a_key_twice"] += 1
            print(f"{file.name}: {told['detail']}")
            data = json.dumps(json.loads(data)).encode()
            status, told = await self._capture(key, data)
        if status != 202:
            self.wrong.append(f"{file.name}: expected to be taken, got {told['detail']}")
            return
        sent = {event.hash_id for event in read(data, queries=True)}
        answer = await self.registry.http.get("/v1/epcis/events", params={"perPage": "1000"}, headers=key)
        back = read(await answer.read(), queries=True)
        self.figures["captured"] += 1
        self.figures["events"] += len(read(data, queries=True))
        if {event.hash_id for event in back} != sent or len(back) != len(sent):
            self.wrong.append(f"{file.name}: expected equal hashes of what was given back, got others")

    async def refused(self, file: Path) -> None:
        """Refused, with the place of what is wrong."""
        status, told = await self._capture(await self._key(), file.read_bytes())
        if status != 400:
            self.wrong.append(f"{file.name}: expected to be refused, got it taken")
            return
        self.figures["refused"] += 1
        self.figures["places"] += sum(one["instance"].startswith("/epcisBody/eventList/") for one in told["errors"])
        print(f"{file.name}: {told['detail']}")

    async def _capture(self, key: dict[str, str], data: bytes) -> tuple[int, Any]:
        head = {**key, "Content-Type": "application/json"}
        answer = await self.registry.http.post("/v1/epcis/capture", data=io.BytesIO(data), headers=head)
        if answer.status != 202:
            return answer.status, await answer.json(content_type=None)
        job = await (await self.registry.http.get(answer.headers["Location"], headers=key)).json()
        return (202, job) if job["success"] else (409, {"detail": str(job["errors"])})

    async def _key(self) -> dict[str, str]:
        """Of a party of its own: published examples have one id for several events."""
        party = await add_party(self.registry.pool, PartyKind.MARKETPLACE, "示例商城", of=self.association)
        made = await keys.make(
            self.registry.pool, self.officer, party, AT, days=1, per_minute=60_000,
            rights=(keys.Right.CAPTURE, keys.Right.QUERY),
        )  # fmt: skip
        return {"Authorization": f"Bearer {made.key}"}


def _files(folder: Path, *rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted(file for file in (folder / room).iterdir() if file.suffix in (".json", ".jsonld"))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
