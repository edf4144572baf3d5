"""What an order of labels is made of: a style, one of its lots, a label that fits, a printer. Only what fits is
offered, and what was chosen is never quietly exchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from urllib.parse import urlencode

from edge_agent.messages.text import Words
from edge_agent.service.agent_service import AgentService
from edge_agent.service.fitting import Fitting
from edge_agent.service.lots import Lots, Style
from edge_agent.service.requests import GarmentBody
from edge_agent.service.work_orders import OrderView
from edge_agent.web.console.pieces.state import State, of_printer

PATH = "/console/print"
LOTS_TRIED = 5
"""Lots of a style that are asked for one with which a label fits: they differ in little that a label shows."""
LAST_RESORT_DPI = 203


@dataclass(frozen=True, slots=True)
class Option:
    """One of several: its value in the form, its words, and what stands beneath; `state` of a printer."""

    value: str
    words: Words
    small: str = ""
    state: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is chosen, and what may be. `refused`: why nothing can be printed of it, else empty; `changed`: the label
    that was asked for does not take this garment, so another stands in its place and another roll may be needed.
    `order`: the work order that it is printed for, whose lot nobody changes here; `firms`: for whom it may be (为哪家),
    empty where only one has it."""

    style: Style
    lot_no: str
    lots: tuple[Option, ...]
    template: str
    templates: tuple[Option, ...]
    printer: str
    printers: tuple[Option, ...]
    coded: bool
    dpi: int
    lot_quantity: int | None
    order: OrderView | None = None
    refused: str = ""
    changed: str = ""
    firm: str = ""
    firms: tuple[Option, ...] = ()

    @property
    def garment(self) -> GarmentBody:
        """What is printed, and for whom."""
        lot_no, firm = self.lot_no or None, self.firm or None
        return GarmentBody(style_no=self.style.style_no, size=self.style.size, lot_no=lot_no, firm=firm)

    @property
    def fields(self) -> dict[str, str]:
        """As a form carries it."""
        chosen = {"style_no": self.style.style_no, "size": self.style.size, "lot_no": self.lot_no}
        chosen |= {"order": self.order.order.order_id} if self.order else {}
        chosen |= {"firm": self.firm} if self.firm else {}
        return chosen | {"template": self.template, "printer": self.printer}

    @property
    def preview(self) -> str:
        """Where the picture of the label is."""
        asked = {name: value for name, value in self.fields.items() if value and name not in ("printer", "order")}
        return f"/api/v1/preview?{urlencode(asked | {'dpi': self.dpi})}"


def here(fields: Mapping[str, str], **more: str) -> str:
    """The address of the page with these choices."""
    names = ("order", "style_no", "size", "lot_no", "firm", "template", "printer", "quantity", "q")
    kept = {name: fields[name] for name in names if fields.get(name)} | more
    return f"{PATH}?{urlencode(kept)}" if kept else PATH


async def choose(there: AgentService, style: Style, asked: Mapping[str, str], order: OrderView | None = None) -> Choice:
    """What is chosen of this style, with what the address asks for where it is still to be had. Raises CatalogError,
    RecordError."""
    lots = (await there.catalogue.lots()).of(style.firm)
    own = lots.offered([style])[style.key]
    wanted = asked.get("lot_no", "")
    stopped = _stopped(lots, wanted, own)
    firm = style.firm or asked.get("firm", "")
    if "lot_no" in asked or not own:
        lot_no, fits = wanted, Fitting((), {}) if stopped else await _fitting(there, style, wanted, firm)
    else:
        lot_no, fits = await _first_that_fits(there, style, own, firm)
    chosen = await _chosen(there, style, asked, _Lot(lot_no, own, lots, stopped, fits))
    chosen = replace(chosen, firm=firm, firms=_firms(fits.firms, firm))
    return chosen if order is None else _for_order(chosen, order, fits, asked)


def _for_order(chosen: Choice, order: OrderView, fits: Fitting, asked: Mapping[str, str]) -> Choice:
    """The lot is the order's, and the label the smallest where the order leaves it to us and nobody chose another."""
    lots = tuple(one for one in chosen.lots if one.value == chosen.lot_no)
    label = chosen.template if asked.get("template") else fits.smallest or chosen.template
    return replace(chosen, order=order, lots=lots, template=label)


@dataclass(frozen=True, slots=True)
class _Lot:
    lot_no: str
    own: Sequence[str]
    lots: Lots
    stopped: str
    fits: Fitting


async def _first_that_fits(there: AgentService, style: Style, own: Sequence[str], firm: str) -> tuple[str, Fitting]:
    first: tuple[str, Fitting] | None = None
    for lot_no in [*own[:LOTS_TRIED], ""]:
        fits = await _fitting(there, style, lot_no, firm)
        if fits.templates or len(fits.firms) > 1:
            return lot_no, fits
        first = first or (lot_no, fits)
    return first or ("", Fitting((), {}))


async def _fitting(there: AgentService, style: Style, lot_no: str, firm: str) -> Fitting:
    body = GarmentBody(style_no=style.style_no, size=style.size, lot_no=lot_no or None, firm=firm or None)
    return await there.fitting.of_garment(body)


def _firms(firms: Mapping[str, str], chosen: str) -> tuple[Option, ...]:
    """For whom it may be, in front of all the word that nobody was chosen, until somebody is."""
    nobody = () if chosen else (Option("", Words("请选", "choose"), ""),)
    named = tuple(Option(firm, Words(name or firm, ""), firm) for firm, name in firms.items())
    return (*nobody, *named) if named else ()


def _stopped(lots: Lots, wanted: str, own: Sequence[str]) -> str:
    """Why the lot that was asked for may not be printed; empty: it may."""
    if not wanted or wanted in own:
        return ""
    stop = lots.stopped(wanted)
    return f"批次 {wanted} 不能打这个款，请换一批 · Lot {wanted} cannot be printed here, choose another" + (
        f"：{stop.zh}" if stop else ""
    )


async def _chosen(there: AgentService, style: Style, asked: Mapping[str, str], lot: _Lot) -> Choice:
    known = await there.catalogue.templates()
    fits, before = lot.fits, asked.get("template", "")
    template = before if before in fits.templates else _instead(fits, before)
    printers, dpi = await _printers(there)
    printer = asked.get("printer", "")
    printer = printer if printer in dpi else next(iter(dpi), "")
    quantity = next((one.quantity for one in lot.lots.lots if one.lot_no == lot.lot_no), None)
    return Choice(
        style=style,
        lot_no=lot.lot_no,
        lots=(*(_lot(one, lot.lots) for one in lot.own), Option("", Words("不写批次", "no lot"))),
        template=template,
        templates=tuple(
            _label(one, Words(known[one].title_zh, known[one].title_en), known[one].size_mm, fits)
            for one in fits.templates
        ),
        printer=printer,
        printers=printers,
        coded=template in known and known[template].coded,
        dpi=dpi.get(printer, LAST_RESORT_DPI),
        lot_quantity=quantity,
        refused=lot.stopped or _why(fits),
        changed=before if template and before and before != template and before in fits.refused else "",
    )


def _instead(fits: Fitting, before: str) -> str:
    """The smallest in the place of one that does not take this garment: it fits most rolls."""
    smallest = fits.smallest if before in fits.refused else None
    return smallest or next(iter(fits.templates), "")


def _why(fits: Fitting) -> str:
    if fits.templates:
        return ""
    return next(iter(fits.refused.values()), "这个款式没有适合的标签 · no label fits this style")


def _lot(lot_no: str, lots: Lots) -> Option:
    quantity = next((one.quantity for one in lots.lots if one.lot_no == lot_no), None)
    return Option(lot_no, Words(lot_no, ""), f"{quantity} 件" if quantity else "")


def _label(name: str, title: Words, size_mm: tuple[float, float], fits: Fitting) -> Option:
    """A label by its title and size; the name of a file stands beside only where the site made it."""
    file = f" · {PurePath(name).stem}" if PurePath(name).suffix else ""
    smallest = " · 最小 smallest" if name == fits.smallest else ""
    return Option(name, title, f"{size_mm[0]:g} × {size_mm[1]:g} mm{file}{smallest}")


async def _printers(there: AgentService) -> tuple[tuple[Option, ...], dict[str, int]]:
    """Groups first: whoever may print on any of several printers should. And the dots per inch of each."""
    found = await there.printers.all()
    by_id = {one.printer_id: one for one in found.printers}
    groups = [
        Option(one.group_id, Words(one.name, "group"), "、".join(by_id[each].name for each in one.printers))
        for one in found.groups
    ]
    alone = [
        Option(
            one.printer_id,
            Words(one.name, ""),
            state=of_printer(one.words, ready=one.ready, busy=one.job_id is not None),
        )
        for one in found.printers
    ]
    dpi = {one.group_id: by_id[one.printers[0]].dpi for one in found.groups}
    return (*groups, *alone), dpi | {one.printer_id: one.dpi for one in found.printers}
