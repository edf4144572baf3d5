"""These functions hold that an identifier names one thing: a GTIN one style, size and colour. Pure.

Both places are named, in the file or in the catalogue, since only a person knows which of the two is wrong. The same
file twice says the same twice, and is no clash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edge_agent.catalog.goods import gtin_key
from garment.record import Product
from label_protocol.errors import RecordError

TOLD = 20
Key = tuple[Any, ...]
Placed = Mapping[Key, tuple[str, Product]]
"""Garments by style and size, and where each stands in a file."""
KNOWN = "资料库 · the catalogue"


def require_one_each(new: Placed, known: Mapping[Key, Product], *, replace: bool = False) -> None:
    """Raises RecordError: a GTIN for two garments, or two GTINs for one; `replace`: what the file says of a style and
    size may differ from what was known of them."""
    clashes = list(_gtins_twice(new, known))
    if not replace:
        clashes += _others(new, known)
    if clashes:
        more = f"；共 {len(clashes)} 处 · {len(clashes)} in all" if len(clashes) > TOLD else ""
        raise RecordError("；".join(clashes[:TOLD]) + more + "；什么也没有导入 · nothing was imported")


def _gtins_twice(new: Placed, known: Mapping[Key, Product]) -> Iterator[str]:
    """What stays in the catalogue beside the file counts too."""
    holders: dict[str, tuple[str, Product]] = {
        gtin_key(one.gtin): (KNOWN, one) for key, one in known.items() if key not in new
    }
    for place, one in new.values():
        other_place, other = holders.setdefault(gtin_key(one.gtin), (place, one))
        if other is not one:
            yield (
                f"商品条码 {one.gtin} 写给了两件：{_called(other)}（{other_place}）和 {_called(one)}（{place}），"
                "请改正 · "
                f"GTIN {one.gtin}: expected one style, size and colour, got two; correct the wrong one"
            )


def _others(new: Placed, known: Mapping[Key, Product]) -> Iterator[str]:
    for key, (place, one) in new.items():
        old = known.get(key)
        if old is None:
            continue
        what = _differs(old, one)
        if what:
            yield (
                f"{_called(one)}（{place}）与资料库不同：{what}，请核对；确实要改，用命令 edge-agent catalog import "
                "--replace · "
                f"expected what the catalogue knows of this style and size, got another {what}; correct the file, or "
                "import it with --replace"
            )


def _differs(old: Product, new: Product) -> str:
    """A GTIN, or the colour that it names, that is another one."""
    if gtin_key(old.gtin) != gtin_key(new.gtin):
        return f"gtin {old.gtin} → {new.gtin}"
    return f"colour {old.colour} → {new.colour}" if old.colour and new.colour and old.colour != new.colour else ""


def _called(one: Product) -> str:
    return " / ".join(filter(None, (one.style_no, one.size, one.colour)))
