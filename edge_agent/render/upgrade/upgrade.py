"""This file makes a template of format 2 of one of format 1, or says by slot why it cannot; nothing is half done.

The file's own text is changed, so that comments and all that is no place stay. That the new labels hold what the old
ones held is not proved here, but by tests on all templates and records that we have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from edge_agent.errors import TemplateError
from edge_agent.render.templates.slots import AnyText, Slot
from edge_agent.render.templates.template import Template, examine, parse_template
from edge_agent.render.upgrade.keys import keys_that_come, keys_that_go
from edge_agent.render.upgrade.places import Places, margins_mm, places_of
from edge_agent.render.upgrade.statements import Statement, statements
from edge_agent.render.upgrade.ways import Manner, way_text

_NARROW = 0.6
"""A column is the code's if the code takes this share of its width."""
_UNEVEN_MM = 1.0
"""Margins left and right that differ by more are told: there may be something printed already."""
_CLOSE = re.compile(r"[^\s{]*[\u4e00-\u9fff] ?\{")
"""A caption, and right behind it a fact."""
_TABLES = ("fields", "composition")
_FORMAT = (
    "# 由格式 1 升级：部位没有固定的位置，怎样排列写在文件末尾的 [[way]]。",
    "# Upgraded from format 1: slots have no places; how they stand is said by [[way]] at the end.",
    "format = 2",
)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A file of format 2, and what a person should look at, a sentence in Chinese and English each."""

    data: bytes
    told: tuple[str, ...]


def upgraded(data: bytes, name: str) -> Upgraded:
    """The template in `data` in format 2.

    Raises:
        TemplateError: it has flaws, is of format 2 already, is an order sheet, or its slots stand in no rows and
            columns; names the slots.
    """
    old = parse_template(data, name)
    _check_form(old)
    places = places_of(old)
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    made = "".join(_rewritten(text, old, places)).rstrip("\n") + "\n" + "".join(_ways(old, places))
    made_data = made.replace("\n", "\r\n" if b"\r\n" in data else "\n").encode()
    if not isinstance(found := examine(made_data, name), Template):
        raise TemplateError(f"模板 {name} 不能自动升级，请手工改写 · cannot be upgraded: {found[0].told(name)}")
    return Upgraded(made_data, tuple(_told(old, places)))


def _check_form(old: Template) -> None:
    if old.format != 1:
        raise TemplateError(
            f"模板 {old.name} 已经是格式 2，不用升级，请去掉 --upgrade · "
            f"template {old.name}: expected format 1, got 2; leave out --upgrade"
        )
    if old.of_order:
        raise TemplateError(
            f"模板 {old.name} 是订货单，订货单总是格式 1，请去掉 --upgrade · "
            f"template {old.name}: expected a label's, got an order sheet's, which is always of format 1; leave out "
            "--upgrade"
        )


def _ways(old: Template, places: Places) -> Iterator[str]:
    """The places as they were; and denser, where there are captions to run in or grids to give up."""
    code = old.qr.name if old.coded else ""
    tables = frozenset(slot.name for slot in old.slot if slot.kind in _TABLES)
    manner = Manner(code, partial(_of_code, places, code), tables)
    yield "\n" + way_text(places.found, manner)
    if tables or places.dense != places.found:
        yield "\n" + way_text(places.dense, replace(manner, dense=True))


def _of_code(places: Places, code: str, names: Iterable[str]) -> bool:
    rects = [places.rects[name] for name in names]
    width = max(rect.right for rect in rects) - min(rect.left for rect in rects)
    return any(rect.name == code and rect.right - rect.left >= _NARROW * width for rect in rects)


def _rewritten(text: str, old: Template, places: Places) -> Iterator[str]:
    """The file without places."""
    parts = list(statements(text))
    if max((part.slot for part in parts), default=-1) + 1 != len(old.slot):
        raise TemplateError(
            f"模板 {old.name} 的部位不是每个一段 [[slot]]，不能自动升级，请先改写 · "
            f"template {old.name}: expected a [[slot]] for each slot, got another spelling; rewrite it, then upgrade"
        )
    first = next(part for part in parts if part.key is not None)
    for part in parts:
        if part is first and part.key != "format":
            yield from (f"{line}\n" for line in _FORMAT)
        yield (_of_top(part, old, places) if part.slot < 0 else _of_slot(part, old.placed[part.slot])).text


def _of_top(part: Statement, old: Template, places: Places) -> Statement:
    if part.key == "format":
        return part.replaced([*_FORMAT])
    if part.key != "size_mm":
        return part
    left, top, right, bottom = (round(margin, 2) for margin in margins_mm(old, places))
    ends = [top] if top == bottom else [top, bottom]
    margins = ", ".join(f"{one:g}" for one in (min(left, right), *ends))
    return part.followed_by(f"margin_mm = [{margins}]")


def _of_slot(part: Statement, slot: Slot) -> Statement:
    if part.key not in keys_that_go(slot):
        return part
    return part.replaced([*keys_that_come(slot)] if part.key == "size_mm" else [])


def _told(old: Template, places: Places) -> Iterator[str]:
    for name in places.left_out:
        yield (
            f"部位 {name} 框着别的部位，格式 2 没有这样的框，没有排进去 · "
            f"slot {name} lies around or under other slots; format 2 has no such box, so it stands in no way"
        )
    if close := [slot.name for slot in old.slot if isinstance(slot, AnyText) and _CLOSE.match(slot.text)]:
        yield (
            f"部位 {'、'.join(close)} 的题目和内容只隔一个窄空格，容易连读，请改成半个字宽的空格 \\u2002 · "
            f"slots {', '.join(close)}: caption and value are a narrow space apart and may be read as one word; "
            "write \\u2002 between them"
        )
    left, _, right, _ = margins_mm(old, places)
    if abs(left - right) > _UNEVEN_MM:
        yield (
            f"左边空 {left:.1f} mm、右边空 {right:.1f} mm，现在两边都是 {min(left, right):.1f} mm，请核对预印的纸 · "
            f"margins of {left:.1f} mm left and {right:.1f} mm right are {min(left, right):.1f} mm both now; look at "
            "it, if the paper is printed already"
        )
