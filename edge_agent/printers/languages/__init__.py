"""Printer languages: one folder each, and this literal table. No discovery: grep finds an entry, mypy checks it."""

from __future__ import annotations

from edge_agent.errors import ConfigError
from edge_agent.printers.languages.contract import Language
from edge_agent.printers.languages.zpl import ZPL

LANGUAGES: dict[str, Language] = {
    "zpl": ZPL(),
}


def language_named(name: str) -> Language:
    """The language that `--language` and a profile's `language` name.

    Raises:
        ConfigError: there is no such language.
    """
    try:
        return LANGUAGES[name]
    except KeyError:
        raise ConfigError(f"language: expected one of {', '.join(LANGUAGES)}, got {name!r}") from None
