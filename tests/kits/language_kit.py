"""What the suites of printer languages share: the vectors of every folder, and the questions that a language has."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from itertools import product
from typing import Any

import pytest

from edge_agent.model.media import Media, ReportedSettings, Sensor, Setup
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Language, Query, Quirks, ResponseReader

MEDIA = Media(203, 480, 320)
SETUP = Setup(ribbon=False)
"""All that a language may need to know beside the stock: EPL2 says direct or transfer in every window."""
NAMES = ("0123ABCD",)
"""A name to ask after, for languages that ask for one at a time."""


FILES = ("vectors.toml", "recordings.toml")
"""What we made by a manual's form; what real printers said, as others recorded it."""


def vectors_of(kind: str, *names: str) -> list[Any]:
    """(language, vector) of every vector of a kind (reply, graphic, response), of these files or of all."""
    rows = []
    for language, file in product(LANGUAGES, names or FILES):
        for place, vector in enumerate(tables_of(language, file).get(kind, ())):
            speaks = LANGUAGES[language]
            if "ribbon" in vector:
                speaks = speaks.with_quirks(Quirks(ribbon=vector["ribbon"]))
            told = vector.get("printer", vector["source"])[:24]
            rows.append(pytest.param(speaks, vector, id=f"{language}-{file[0]}{place}-{told}"))
    return rows


def tables_of(language: str, file: str) -> dict[str, Any]:
    return tomllib.loads(files(f"edge_agent.printers.languages.{language}").joinpath(file).read_text("utf-8"))


def questions_of(language: Language) -> dict[str, Query[Any]]:
    """All it can ask, by name."""
    asked = (
        *language.status_queries,
        language.counter_query,
        language.objects_query(NAMES),
        language.settings_query,
        language.identity_query,
    )
    return {query.name: query for query in asked if query is not None}


def expected_of(vector: dict[str, Any]) -> Any:
    """The value that a reply vector tells, as its reader must give it."""
    value = vector["value"]
    if value == "none":
        return None
    if isinstance(value, dict) and "settings" in value:
        found = dict(value["settings"])
        return ReportedSettings(**{**found, **({"sensor": Sensor(found["sensor"])} if "sensor" in found else {})})
    if not isinstance(value, dict) or "health" not in value:
        return _sizes(value) if isinstance(value, dict) else value
    row = {"health": Health(value["health"]), "faults": frozenset(map(Fault, value.get("faults", ())))}
    rest = {key: value[key] for key in ("idle", "label_waiting", "label_length_dots") if key in value}
    return PrinterStatus(**row, **rest, warnings=tuple(value.get("warnings", ())))


def _sizes(value: dict[str, Any]) -> dict[str, int | None]:
    """Stored objects; TOML has no null, so a list that tells no size says `untold`."""
    return {name: None if size == "untold" else size for name, size in value.items()}


def response_reader_of(language: Language) -> ResponseReader | None:
    """The reader of what a model says by itself that is asked to confirm its labels."""
    return language.with_quirks(Quirks(confirms=True)).response_reader
