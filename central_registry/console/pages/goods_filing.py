"""Files a certificate with its report: one form for each scheme, with the levels and figures that the scheme has.

The lot is found first, since a laboratory has no list of its own; what the lot's style says may be certified with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field, create_model

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Page
from central_registry.console.pages import goods
from central_registry.console.pieces.form import Upload
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.goods.certify import Filing, file_certificate, file_with_report
from central_registry.goods.goods_lists import list_lots, show_lot
from central_registry.goods.kept_files import MOST_BYTES, KeptFile
from central_registry.goods.reports import Report
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act
from central_registry.problems import ProblemError
from garment.facts import INDICATORS
from garment.schemes import MEASURES, SCHEMES, scheme_names

NEW = "/console/certificates/new"
_ONE = "/console/lots/{firm}/{lot_no}/certificate"
_LEVEL, _FIGURE = "level_", "figure_"
_PATH = "lot.grade."
_PRODUCT: Mapping[str, Words] = {
    "standard": Words("执行标准", "standard"),
    "quality_class": Words("质量等级", "quality class"),
    "safety": Words("安全类别", "safety class"),
    "composition": Words("成分", "composition"),
    "fill_weight_g": Words("充绒量", "fill weight"),
}
"""What a certificate may say of the style (`certified.CertifiedProduct`)."""

LISTING = replace(
    goods.LOTS,
    caption=Words("为哪个批次", "For which lot"),
    href=lambda row: place_of(row["firm"], row["lot_no"], row["scheme"] or ""),
)


class _Filing(BaseModel):
    """What is filed whatever the scheme."""

    overall: str = Field("", title="总等级 · overall grade", description="照证书写，如 AAAA", max_length=20)
    quantity: int = Field(title="证书件数 · certified pieces", ge=1, le=1_000_000_000)
    valid_from: date = Field(title="有效期从 · valid from")
    valid_to: date | None = Field(None, title="有效期至 · valid to", description="长期有效留空 · none: no end")
    inspected_on: date | None = Field(None, title="检验日期 · inspected on")
    lab: str = Field("", title="检验机构 · laboratory", description="名称或代码；检验机构自己提交不填", max_length=200)
    report_no: str = Field(title="报告编号 · report number", max_length=200)
    issued_on: date | None = Field(
        None, title="报告签发日期 · report issued on", description="报告已登记过就不填 · none: it is filed already"
    )
    covers: int | None = Field(None, title="报告覆盖件数 · pieces it covers", ge=1, le=1_000_000_000)
    file: Upload | None = Field(None, title="报告文件 · its file", description="PDF、JPEG、PNG，≤ 10 MB")
    product: list[str] = Field(
        [], title="同时证明款式资料 · certified of the style, too", description="取自这一批的款式资料，标签须一致"
    )


def place_of(firm: str, lot_no: str, scheme: str) -> str:
    """Where a certificate of that lot is filed; of the first scheme, where it has none that is known."""
    known = scheme if scheme in SCHEMES else next(iter(SCHEMES))
    return f"/console/lots/{quote(firm, safe='')}/{quote(lot_no, safe='')}/certificate/{known}"


def _form_of(scheme: str) -> type[BaseModel]:
    """The form of a scheme: a level for each of its indicators, and the figure where it has one."""
    fields: dict[str, Any] = {}
    for name in SCHEMES[scheme].indicators:
        zh, en = INDICATORS[name]
        fields[_LEVEL + name] = (str, Field("", title=f"{zh} · {en}", max_length=40))
        if name in MEASURES:
            unit = MEASURES[name].unit
            fields[_FIGURE + name] = (str, Field("", title=f"{zh}实测值（{unit}）· measured", max_length=20))
    return create_model(f"Filing_{scheme.replace('-', '_')}", __base__=_Filing, **fields)


_FORMS = {scheme: _form_of(scheme) for scheme in SCHEMES}


async def choose(desk: Desk) -> web.Response:
    """Which lot."""
    return await show_list(desk, LISTING, lambda ask: list_lots(desk.pool, desk.actor, ask))


async def _page(desk: Desk, scheme: str) -> web.Response:
    firm, lot_no = desk.part("firm"), desk.part("lot_no")
    row = await show_lot(desk.pool, desk.actor, firm, lot_no)
    zh, en = scheme_names(scheme)
    form = desk.form(
        place_of(firm, lot_no, scheme),
        _FORMS[scheme],
        Words("提交，等另一人批准", "File; another person approves"),
        options={"product": _options(row["record"])},
        values=_begun(row, scheme),
        title=Words(zh, en),
    )
    schemes = [(Words(*scheme_names(one)), place_of(firm, lot_no, one), one == scheme) for one in SCHEMES]
    return await show(desk, "pages/goods_filing.html", form=form, schemes=schemes, facts=_facts(row), lot_no=lot_no)


def _facts(row: Mapping[str, Any]) -> list[Fact]:
    lot = f"/console/lots/{quote(row['firm'], safe='')}/{quote(row['lot_no'], safe='')}"
    return [
        Fact("批号", "lot", row["lot_no"], lot),
        Fact("企业", "firm", row["firm_name"]),
        Fact("款号", "style", row["style_no"]),
        Fact("件数", "pieces", None if row["quantity"] is None else f"{row['quantity']:,}"),
    ]


def _begun(row: Mapping[str, Any], scheme: str) -> dict[str, Any]:
    """What the newest version said: an amended certificate mostly differs in one place. Of the first one, the lot."""
    begun: dict[str, Any] = {"quantity": row["quantity"], "product": [name for name, _ in _options(row["record"])]}
    newest = row["certificates"][0] if row["certificates"] else None
    if newest is None or newest["scheme"] != scheme:
        return begun
    lot = newest["facts"].get("lot", {})
    kept = {name: newest[name] for name in ("quantity", "valid_from", "valid_to", "report_no")}
    grade = lot.get("grade", {})
    begun |= {
        **kept,
        "lab": newest["lab_name"],
        "overall": grade.get("overall"),
        "inspected_on": lot.get("inspected_on"),
    }
    begun["product"] = [name for name in newest["facts"].get("product", {}) if name in _PRODUCT]
    for name, one in grade.get("indicators", {}).items():
        stated = one if isinstance(one, dict) else {"level": one}
        begun |= {_LEVEL + name: stated.get("level"), _FIGURE + name: stated.get("measured")}
    return begun


def _options(record: Mapping[str, Any]) -> list[tuple[str, Words]]:
    product = record.get("product") or {}
    return [(name, words) for name, words in _PRODUCT.items() if product.get(name)]


async def _file(desk: Desk, form: Any, scheme: str) -> Told:
    """File it, with its report where that is none yet."""
    firm, lot_no = desk.part("firm"), desk.part("lot_no")
    record = (await show_lot(desk.pool, desk.actor, firm, lot_no))["record"]
    product = {name: record["product"][name] for name, _ in _options(record) if name in form.product}
    filing = Filing(
        firm, lot_no, scheme, _grade(form, scheme), form.quantity, form.valid_from, form.valid_to, form.lab,
        form.report_no, product, "", form.inspected_on,
    )  # fmt: skip
    try:
        filed = await _filed(desk, form, filing)
    except ProblemError as cause:
        if "field" in cause.document:
            cause.document["field"] = _field(str(cause.document["field"]))
        raise
    doubts = f"；请复核：{'；'.join(filed.doubts)}" if filed.doubts else ""
    lot = f"/console/lots/{quote(firm, safe='')}/{quote(lot_no, safe='')}"
    return good(
        f"已提交第 {filed.version} 版，等另一人批准{doubts}", f"version {filed.version} waits for approval", lot
    )


async def _filed(desk: Desk, form: Any, filing: Filing) -> Any:
    file = KeptFile(form.file.name, form.file.body) if form.file and form.file.body else None
    if form.issued_on is None and file is None:
        return await file_certificate(desk.pool, desk.actor, filing, desk.at, "console")
    if form.issued_on is None:
        raise ProblemError(
            "unprocessable",
            "有文件就要填签发日期 · issued_on: expected the day on the report, got none; fill it in",
            field="issued_on",
        )
    report = Report(filing.firm, filing.lot_no, filing.lab, filing.report_no, form.issued_on, form.covers)
    return await file_with_report(desk.pool, desk.actor, filing, report, file, desk.at, "console")


def _grade(form: Any, scheme: str) -> dict[str, Any]:
    indicators = {name: _indicator(form, name) for name in SCHEMES[scheme].indicators}
    stated = {name: one for name, one in indicators.items() if one}
    return {"scheme": scheme, **({"overall": form.overall} if form.overall else {}), "indicators": stated}


def _indicator(form: Any, name: str) -> dict[str, str] | str:
    level, figure = getattr(form, _LEVEL + name), getattr(form, _FIGURE + name, "")
    if not figure:
        return str(level)
    return {**({"level": level} if level else {}), "measured": figure, "unit": MEASURES[name].unit}


def _field(path: str) -> str:
    """Where on the form a refused fact stands: `lot.grade.indicators.turbidity` is level_turbidity."""
    if not path.startswith(_PATH.rstrip(".")):
        return "product" if path.startswith("product") else path
    told = path.removeprefix(_PATH).removeprefix("indicators.").split(".")
    if told[0] not in INDICATORS:
        return "overall"
    return (_FIGURE if told[-1] in {"measured", "unit"} else _LEVEL) + told[0]


_KINDS = frozenset({PartyKind.ASSOCIATION, PartyKind.LAB})
PAGES = (
    Page(NEW, Act.FILE_CERTIFICATE, "提交证书", "File a certificate", choose, kinds=_KINDS),
    *(
        Page(f"{_ONE}/{scheme}", Act.FILE_CERTIFICATE, "提交证书", "File a certificate", partial(_page, scheme=scheme))
        for scheme in SCHEMES
    ),
)
ACTIONS = tuple(
    Action(
        f"{_ONE}/{scheme}", Act.FILE_CERTIFICATE, form, partial(_file, scheme=scheme), partial(_page, scheme=scheme),
        MOST_BYTES + 1_000_000,
    )
    for scheme, form in _FORMS.items()
)  # fmt: skip
