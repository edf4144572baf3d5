"""Printer languages: one folder each, and this literal table. No discovery: grep finds an entry, mypy checks it."""

from __future__ import annotations

from edge_agent.printers.languages.contract import Language
from edge_agent.printers.languages.epl2 import EPL2
from edge_agent.printers.languages.tspl import TSPL
from edge_agent.printers.languages.zpl import ZPL

LANGUAGES: dict[str, Language] = {
    "epl2": EPL2(),
    "tspl": TSPL(),
    "zpl": ZPL(),
}
