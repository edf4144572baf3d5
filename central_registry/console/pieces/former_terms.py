"""What is said of a former platform: how its codes stood there, what the lines of its file are. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from central_registry.console.pieces.goods_terms import KINDS
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.words import Words

IMPORTED = State(Look.REST, Words("由原平台导入", "imported from the former platform"))
STATES: Mapping[str, State] = {
    "in_use": State(Look.REST, Words("在用", "in use")),
    "issued": State(Look.REST, Words("已发出", "issued")),
    "void": State(Look.STOP, Words("已作废", "void")),
}
_LINES: Mapping[str, Words] = {
    **KINDS,
    "firm": Words("企业", "firm"),
    "goods": Words("款式、批次", "goods"),
    "certificate": Words("证书", "certificate"),
    "label": Words("标签内容", "label"),
    "serial": Words("码", "code"),
    "line": Words("看不懂的行", "line that cannot be read"),
}


def kind_words(kind: str) -> Words:
    """What a line of a file is called."""
    return _LINES.get(kind, Words(kind, ""))
