"""`edge-agent template quality`: the damage that a label's code and text survive, measured on its own dots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from edge_agent.cli.common import ConfigOption, JsonOption, configuration, prepared_for, show
from edge_agent.cli.render import DataOption, DpiOption
from edge_agent.labels.prepare import example_serial, render_prepared
from edge_agent.quality.grade import Report
from edge_agent.quality.legibility import Counters, Cut, counters, worst_cut
from edge_agent.quality.limits import MEASURES
from edge_agent.quality.survive import Survival, survives, texts_of, undamaged
from edge_agent.render.plan import LabelPlan, Layout
from edge_agent.render.raster import to_image
from edge_agent.render.templates.template import Template, load_template

_HEAD = "指示性检查，不是检定仪的评级 · indicative: no verifier's grade"
_LETTERS = "FDCBA"
_TEXT_GAINS = {"half": 2, "one": 4}
"""A word for each gain, and its quarter dots."""
_DEAD = (1, 2, 3)


def quality(
    template: Annotated[str, typer.Argument(help="模板文件或模板名 · file, or a built-in name", metavar="TEMPLATE")],
    data: DataOption,
    dpi: DpiOption = 203,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """印刷质量：墨点变粗、坏点、模糊到什么程度还合格 · The damage a label survives: gain, dead dots, blur and more.

    Example: edge-agent template quality down_grade_60x40 --data jacket.json --dpi 203
    """
    prepared = prepared_for(configuration(config), data, template)
    found = _measured(render_prepared(prepared, dpi), load_template(template))
    show(found, as_json=as_json, text="\n".join(_page(found)))


def _measured(plan: Layout, template: Template) -> dict[str, Any]:
    """All that is measured, as `--json` prints it."""
    found: dict[str, Any] = {"template": template.name, "dpi": plan.media.dpi, "indicative": True}
    label, drawn = plan.bare, plan.painted
    if isinstance(plan, LabelPlan):
        serial = example_serial()
        label, drawn = plan.alone(serial), texts_of(plan, template, serial)
        found["symbol"] = _symbol(plan, undamaged(plan, label))
        found["survives"] = [_survival(one) for one in survives(plan, label)]
    dots = to_image(label)
    found["text"] = [_text(one) for one in counters(dots, drawn)]
    found["text_dead"] = [_cut(count, cut) for count in _DEAD if (cut := worst_cut(dots, drawn, count))]
    return found


def _symbol(plan: LabelPlan, report: Report) -> dict[str, Any]:
    symbol = plan.symbol
    rows = [
        {
            "measure": one.key,
            "zh": one.zh,
            "en": one.en,
            "percent": round(100 * report.values[one.key]),
            "grade": report.grades[one.key],
        }
        for one in MEASURES
    ]
    size = {
        "modules": symbol.modules,
        "module_dots": symbol.module_dots,
        "x_mm": round(symbol.x_mm, 3),
        "ecc": symbol.ecc,
    }
    return {**size, "overall": report.overall, "measures": rows}


def _survival(one: Survival) -> dict[str, Any]:
    kind = one.damage
    largest = None if one.graded is None else one.graded * kind.scale
    told = {"damage": kind.key, "zh": kind.zh, "en": kind.en, "largest": largest, "unit": kind.unit}
    place = {} if one.worst is None else {"worst_column": one.worst}
    return {**told, "all_tried": one.beyond, **place}


def _text(one: Counters) -> dict[str, Any]:
    shares = {f"open_percent_{name}": round(100 * one.open_share(gain)) for name, gain in _TEXT_GAINS.items()}
    areas = {"slot": one.slot, "height_dots": one.height_dots, "areas": len(one.widths_dots)}
    return {**areas, **shares, "warn": one.warned}


def _cut(count: int, cut: Cut) -> dict[str, Any]:
    return {
        "dots": count,
        "column": cut.first,
        "slot": cut.slot,
        "text": cut.text,
        "lost_percent": round(100 * cut.lost),
    }


# --- the page ---------------------------------------------------------------------------------------------------------


def _page(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['template']}  {found['dpi']} dpi"
    yield _HEAD
    if "symbol" in found:
        yield from _symbol_lines(found["symbol"])
        yield from _survival_lines(found["survives"])
    yield from _text_lines(found["text"], found["text_dead"])


def _symbol_lines(symbol: dict[str, Any]) -> Iterator[str]:
    side = f"{symbol['modules']}×{symbol['modules']}"
    x = f"{symbol['module_dots']} 点 dots = {symbol['x_mm']:.3f} mm"
    yield ""
    yield f"二维码，没有损伤 · the code, undamaged: {_letter(symbol['overall'])}   {side}, X {x}, {symbol['ecc']}"
    for row in symbol["measures"]:
        yield f"  {_letter(row['grade'])}  {row['percent']:>4} %  {row['zh']} · {row['en']}"


def _survival_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield "损伤到此还有 C 级（≥ 1.5） · still grade C (≥ 1.5) up to:"
    for row in rows:
        largest = "–" if row["largest"] is None else f"{row['largest']:g}"
        more = "≥ " if row["all_tried"] else ""
        column = row.get("worst_column")
        place = "" if column is None else f"，最差处第 {column} 列 · worst at column {column}"
        yield f"  {more + largest:>6} {row['unit']}  {row['zh']} · {row['en']}{place}"


def _text_lines(rows: Iterable[dict[str, Any]], cuts: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield "文字：墨点变粗 ½ 点、1 点后还留白的笔画空隙 · text: inner paper still open at a gain of ½ and of 1 dot:"
    for row in rows:
        warn = "  WARN 多数空隙会糊住，请调低浓度 · most of it fills in; print lighter" if row["warn"] else ""
        shares = f"{row['open_percent_half']:>4} % {row['open_percent_one']:>4} %"
        yield f"  {shares}  {row['slot']}: {row['height_dots']} 点 dots, {row['areas']} 处 areas{warn}"
    for cut in cuts:
        yield (
            f"  坏点 {cut['dots']} 个，最差处第 {cut['column']} 列 · {cut['dots']} dead dot(s), worst at column "
            f"{cut['column']}: {cut['slot']} {cut['text']!r}, -{cut['lost_percent']} %"
        )


def _letter(grade: int) -> str:
    return f"{grade} ({_LETTERS[grade]})"
