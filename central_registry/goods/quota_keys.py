"""Makes the keys under which labels are counted: `lot:<lot_no>`, or `style:<style_no>` without a lot. Pure."""

from __future__ import annotations

import unicodedata

from central_registry.problems import RefusedError

_LOT, _STYLE = "lot:", "style:"


def of_lot(lot_no: str) -> str:
    """The key of a lot."""
    return f"{_LOT}{lot_no}"


def of_style(style_no: str) -> str:
    """The key of a style."""
    return f"{_STYLE}{style_no}"


def lot_of(key: str) -> str | None:
    """The lot that a key counts; None if it counts a style."""
    return key.removeprefix(_LOT) if key.startswith(_LOT) else None


def quota_key(lot_no: str | None, style_no: str | None) -> str:
    """The key of what a person names, in NFC as imported. Raises RefusedError unless exactly one is given."""
    if bool(lot_no) == bool(style_no):
        raise RefusedError("quota: expected exactly one of --lot and --style, got both or none; name one")
    return unicodedata.normalize("NFC", of_lot(lot_no) if lot_no else of_style(style_no or ""))
