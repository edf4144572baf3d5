"""These functions hold that an identifier names one thing: a GTIN one style, size and colour. Pure.

Both places are named, in the file or in the catalogue, since only a person knows which of the two is wrong. The same
file twice says the same twice, and is no clash. Who knows that the file is right says so (`replace`), and what stood in
its way in the catalogue goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from edge_agent.catalog.goods import gtin_key
from garment.record import Product
from label_protocol.errors import RecordError

TOLD = 20
Key = tuple[Any, ...]
"""Style and size."""
Placed = Mapping[Key, tuple[str, Product]]
"""Garments of a file, and where each stands in it."""
IN_CATALOGUE = "资料库 · the catalogue"
_REPLACE = (
    "请核对；确实要改，用命令 edge-agent catalog import --replace",
    "correct the file, or import it with --replace",
)


class Named(NamedTuple):
    """A garment by what names it."""

    style_no: str
    size: str
    colour: str | None
    gtin: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Named:
        """The garment of a document; one that somebody edited by hand may lack anything."""
        return cls(str(row.get("style_no")), str(row.get("size")), row.get("colour"), str(row.get("gtin")))

    def __str__(self) -> str:
        return " / ".join(filter(None, self[:3]))


def require_one_each(new: Placed, known: Mapping[Key, Named], *, replace: bool = False) -> Mapping[Key, Named]:
    """The garments of the catalogue that give their GTIN to one of the file: none, unless `replace`.

    Raises:
        RecordError: a GTIN for two garments, or two GTINs for one; unless `replace`, the catalogue counts too.
    """
    placed = {key: (place, Named(one.style_no, one.size, one.colour, one.gtin)) for key, (place, one) in new.items()}
    holders: dict[str, tuple[str, Named]] = {}
    clashes = list(_twice(placed, holders))
    before = {key: one for key, one in known.items() if key not in new and gtin_key(one.gtin) in holders}
    if not replace:
        clashes += [_of_another(holders[gtin_key(one.gtin)], one) for one in before.values()]
        clashes += _others(placed, known)
    if clashes:
        more = f"；共 {len(clashes)} 处 · {len(clashes)} in all" if len(clashes) > TOLD else ""
        raise RecordError("；".join(clashes[:TOLD]) + more + "；什么也没有导入 · nothing was imported")
    return before


def require_same(earlier: tuple[str, Product], later: tuple[str, Product]) -> None:
    """Raises RecordError: two documents of one style and size have different GTINs or colours."""
    (first, one), (place, other) = earlier, later
    what = _differs(Named.of(dict(one)), Named.of(dict(other)))
    if what:
        raise RecordError(
            f"款号 {one.style_no} 号型 {one.size} 写了两次（{first}，{place}），{what}，请改正；什么也没有导入 · "
            f"style {one.style_no}, size {one.size}: expected one GTIN and colour, got two in one file; correct the "
            "wrong one, nothing was imported"
        )


def _twice(placed: Mapping[Key, tuple[str, Named]], holders: dict[str, tuple[str, Named]]) -> Iterator[str]:
    """Within the file; fills in which garment has which GTIN."""
    for place, one in placed.values():
        first, other = holders.setdefault(gtin_key(one.gtin), (place, one))
        if other is not one:
            yield (
                f"商品条码 {one.gtin} 写给了两件：{other}（{first}）和 {one}（{place}），请改正 · "
                f"GTIN {one.gtin}: expected one style, size and colour, got two; correct the wrong one"
            )


def _of_another(new: tuple[str, Named], old: Named) -> str:
    place, one = new
    return (
        f"商品条码 {one.gtin} 已是另一件的：{old}（{IN_CATALOGUE}），文件里写给了 {one}（{place}），{_REPLACE[0]} · "
        f"GTIN {one.gtin}: expected {old}, as the catalogue has it, got {one}; {_REPLACE[1]}"
    )


def _others(placed: Mapping[Key, tuple[str, Named]], known: Mapping[Key, Named]) -> Iterator[str]:
    for key, (place, one) in placed.items():
        what = _differs(known.get(key, one), one)
        if what:
            yield (
                f"{one}（{place}）与资料库里的同一款同一号型不同：{what}，{_REPLACE[0]} · "
                f"expected what the catalogue has of this style and size, got another {what}; {_REPLACE[1]}"
            )


def _differs(old: Named, new: Named) -> str:
    """A GTIN, or the colour that it names, that is another one."""
    if gtin_key(old.gtin) != gtin_key(new.gtin):
        return f"商品条码 gtin {old.gtin} → {new.gtin}"
    return f"颜色 colour {old.colour} → {new.colour}" if old.colour and new.colour and old.colour != new.colour else ""
