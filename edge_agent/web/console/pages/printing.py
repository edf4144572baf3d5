"""Print: a style is found by a fragment, a barcode or a scan; what fits is offered; one press prints once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from edge_agent.access.asking import Asking
from edge_agent.errors import IdempotencyError, NotFoundError
from edge_agent.messages.text import Words
from edge_agent.service.agent_service import AgentService
from edge_agent.service.lots import Style
from edge_agent.service.requests import MOST_LABELS
from edge_agent.service.work_orders import OrderView, PartOrder
from edge_agent.web.console.floor import copied, names_of, work_of
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages.choice import PATH, Choice, choose, here
from edge_agent.web.console.pages.orders import BACK, nothing_changed
from edge_agent.web.console.pages.waiting import asked_for, most_urgent, of_style, of_these
from edge_agent.web.console.pieces.life import Field, Question
from edge_agent.web.console.pieces.table import Asked, Cell, Column, Row, Table, cut, found
from edge_agent.web.console.pieces.told import Told, bad, good
from edge_agent.web.console.pieces.work import Work
from edge_agent.web.console.who import acting
from edge_agent.web.context import service

USUAL = "50"
SMALL = 100
"""Up to here a slip costs little, and is not asked about."""
TIMES = 2
"""Above twice the largest of the last orders a slip of the hand is likelier than a wish."""
LAST_ORDERS = 20
ARRIVED = (
    "上一单其实已经下了，请看“现在”；还要打，请再按一次 · "
    "The order before did arrive, see Now; to order more press once more"
)
CHANGED = "标签不适合，已换一种，请核对 · that label does not fit, another was chosen; look again"
PRESETS = (1, 10, 50, 100, 200, 500)

COLUMNS = (
    Column("style", "款号 · 号型", "style · size", sortable=True),
    Column("name", "名称", "name", sortable=True),
    Column("gtin", "条码", "barcode"),
    Column("lots", "批次", "lots", number=True),
)
SORTS: Mapping[str, Callable[[Style], tuple[str, ...]]] = {
    "style": lambda one: (one.style_no, one.size),
    "name": lambda one: (one.name, one.style_no, one.size),
}


async def page(request: web.Request) -> web.Response:
    """What was ordered, or the choice of one style, or the search for it. Raises NotFoundError: an order of a style
    that is not here."""
    query = request.query
    if "done" in query:
        work = await _ordered(service(request), acting(request), query["done"])
        return await show(request, "pages/ordered.html", work=work, again=here(query))
    styles = (await service(request).catalogue.listing()).styles
    order_view, asked = await _order_of(service(request), query)
    style, orders = _style_of(styles, asked), None
    if style is not None and (searched := Asked.of(PATH, query).q) and not asked.get("style_no"):
        waits = await of_style(service(request), style)  # whoever found the style may not know that it was ordered
        orders = of_these(waits, searched) if waits else None
    if style is not None and orders is None:
        return await _choice_page(request, style, asked, order_view)
    if order_view is not None:
        raise NotFoundError(no_style(order_view))
    orders = orders or await most_urgent(service(request), Asked.of(PATH, query).q)
    return await show(request, "pages/print.html", styles=await _table(request, styles), orders=orders)


async def _order_of(there: AgentService, said: Mapping[str, str]) -> tuple[OrderView | None, Mapping[str, str]]:
    """The work order that is printed, if one is, and what is asked for then. Raises NotFoundError, OrderBookError."""
    if not said.get("order"):
        return None, said
    view = await there.work_orders.find(said["order"])
    return view, asked_for(view, said)


def no_style(view: OrderView) -> str:
    """Of an order whose goods the catalogue does not know."""
    line = view.order.asked
    return (
        f"资料里没有款号 {line.style_no} {line.size}，请先导入资料 · work order {line.order_no}: expected a style of "
        f"the catalogue, got {line.style_no!r} {line.size!r}; import it first"
    )


def _style_of(styles: Sequence[Style], asked: Mapping[str, str]) -> Style | None:
    """The style that is asked for, or the only one that the search finds."""
    wanted = (asked.get("style_no", ""), asked.get("size", ""))
    of_number = [one for one in styles if (one.style_no, one.size) == wanted]
    of_firm = (one for one in of_number if one.firm == asked.get("firm", ""))
    named = next(of_firm, of_number[0] if of_number else None)
    if named is not None or not asked.get("q"):
        return named
    hits = _found(styles, asked["q"])
    return hits[0] if len(hits) == 1 else None


def _found(styles: Sequence[Style], q: str) -> Sequence[Style]:
    """A barcode stands with and without its leading zeros, by who writes it."""
    return found(styles, q.lstrip("0") if q.isdigit() and len(q) >= 12 else q, " ".join)


async def _table(request: web.Request, styles: Sequence[Style]) -> Table:
    asked = Asked.of(PATH, request.query)
    hits = _found(styles, asked.q)
    if by := SORTS.get(asked.sort.lstrip("-")):
        hits = sorted(hits, key=by, reverse=asked.sort.startswith("-"))
    part = cut(hits, asked.page)
    offered = (await service(request).catalogue.lots()).offered(part.rows)
    return Table(
        caption=Words("选款式", "Choose a style"),
        asked=asked,
        columns=COLUMNS,
        rows=tuple(_row(one, len(offered[one.key])) for one in part.rows),
        total=part.total,
        pages=part.pages,
        empty=EMPTY if styles else NONE,
        search=Words("款号、名称、条码，也可以扫", "style, name, barcode, or scan it"),
    )


EMPTY = Words("没有找到，换几个字，或扫衣服上的条码", "Not found: try other words, or scan the barcode")
NONE = Words("还没有款式，请先导入资料", "No styles yet; import them first")


def _row(style: Style, lots: int) -> Row:
    cells = (
        Cell(f"{style.style_no} · {style.size}", small=style.firm),
        Cell(style.name, small=style.brand),
        Cell(style.gtin),
        Cell(str(lots)),
    )
    leads = here({"style_no": style.style_no, "size": style.size, "firm": style.firm})
    return Row(" ".join(style.key), cells, leads)


async def _choice_page(
    request: web.Request,
    style: Style,
    asked: Mapping[str, str],
    order_view: OrderView | None,
    error: str = "",
    status: int = 200,
) -> web.Response:
    """`fresh` names the form: one form is one order, whatever is pressed how often."""
    choice = await choose(service(request), style, asked, order_view)
    quantity = Field(
        name="quantity", zh="数量", en="quantity", value=asked.get("quantity", USUAL), error=error, digits=True, most=7
    )
    return await show(
        request,
        "pages/choice.html",
        status=status,
        choice=choice,
        quantity=quantity,
        presets=PRESETS,
        key=secrets.token_urlsafe(16),
        part=order_view.next_part if order_view else 0,
        fresh=asked.get("fresh", ""),
    )


async def order(request: web.Request, form: Form) -> Told | web.Response:
    """Orders what the form says, once for its key. Raises as `JobService.submit` and `CopiesService.submit`."""
    there, back = service(request), here(form)
    if form.get("answer") == BACK:
        return Told(nothing_changed().look, nothing_changed().words, back)
    order_view, asked = await _order_of(there, form)
    style = _style_of((await there.catalogue.listing()).styles, asked)
    if style is None:
        return bad("没有这个款式，请重新选 · No such style; choose again", PATH)
    quantity = whole(form.get("quantity", ""))
    if quantity is None:
        said = f"请填 1 到 {MOST_LABELS} 的整数 · a whole number from 1 to {MOST_LABELS}"
        typed = {**asked, "quantity": form.get("quantity", "")}
        return await _choice_page(request, style, typed, order_view, said, 422)
    choice = await choose(there, style, asked, order_view)
    if choice.refused or choice.template != form.get("template"):
        return bad(choice.refused or CHANGED, here(choice.fields))
    if "sure" not in form and (told := await _unusual(there, choice, quantity)):
        return await show(request, "pages/question.html", question=_question(form, quantity, told, back))
    return await _submit(there, choice, quantity, form, acting(request))


async def _submit(there: AgentService, choice: Choice, quantity: int, form: Form, who: Asking) -> Told:
    if choice.order is not None:
        return await _submit_part(there, choice, quantity, form, who)
    body: dict[str, Any] = {name: value for name, value in choice.fields.items() if value}
    body |= {"operator": who.stated, "quantity" if choice.coded else "count": quantity}
    try:
        if choice.coded:
            done = (await there.jobs.submit(body, form.get("key", ""), who)).job_id
        else:
            done = f"copies/{(await there.copies.submit(body, form.get('key', ''), who)).copies_id}"
    except IdempotencyError:
        return bad(ARRIVED, here(form, fresh=secrets.token_urlsafe(6)))
    return good(f"已下单 {quantity} 张", f"{quantity} ordered", here(choice.fields, quantity=str(quantity), done=done))


async def _submit_part(there: AgentService, choice: Choice, quantity: int, form: Form, who: Asking) -> Told:
    """A part of a work order: the same part again is the same job."""
    order_id = choice.fields["order"]
    wanted = PartOrder(whole(form.get("part", "")) or 1, quantity, choice.printer, choice.template, choice.firm or None)
    job = await there.work_orders.print_part(order_id, wanted, who)
    return good(f"已下单 {quantity} 张", f"{quantity} ordered", here({}, done=job.job_id))


def whole(text: str) -> int | None:
    """A number of labels as a person types it; None: it is none, or out of bounds."""
    plain = text.strip()
    known = plain.isascii() and plain.isdigit() and len(plain) <= 7
    return int(plain) if known and 1 <= int(plain) <= MOST_LABELS else None


async def _unusual(there: AgentService, choice: Choice, quantity: int) -> Words | None:
    """What to say before a quantity far above the usual; None: it is usual. Beyond the garments of the lot it never
    is."""
    orders = await (there.jobs.recent(LAST_ORDERS) if choice.coded else there.copies.recent(LAST_ORDERS))
    usual = max((one.quantity for one in orders if one.state != "cancelled"), default=0)
    lot = choice.lot_quantity if choice.coded else None
    beyond = lot is not None and quantity > lot
    if not beyond and quantity <= max(SMALL, TIMES * usual):
        return None
    of_lot = Words(f"；这一批 {lot} 件", f"; garments in the lot: {lot}") if lot is not None else Words("", "")
    free = await _free(there, choice)
    return Words(
        f"最近最多一单 {usual} 张{of_lot.zh}{free.zh}", f"largest of the last orders: {usual}{of_lot.en}{free.en}"
    )


async def _free(there: AgentService, choice: Choice) -> Words:
    """What may still be printed of the lot; of a lot without an allotment nothing is said."""
    free = await there.catalogue.free(choice.garment) if choice.coded and choice.lot_no else None
    return Words("", "") if free is None else Words(f"；还能打 {free} 张", f"; may still be printed: {free}")


def _question(form: Form, quantity: int, told: Words, back: str) -> Question:
    names = ("order", "part", "style_no", "size", "lot_no", "firm", "template", "printer", "quantity", "key")
    return Question(
        title=Words(f"要打 {quantity} 张？", f"Print {quantity} labels?"),
        consequence=told,
        yes=Words(f"打 {quantity} 张", f"Print {quantity}"),
        action=PATH,
        back=back,
        fields=(*((name, form.get(name, "")) for name in names), ("sure", "1")),
    )


async def _ordered(there: AgentService, who: Asking, done: str) -> Work:
    """The order that was made. Raises NotFoundError."""
    names = await names_of(there, await there.printers.all(), who)
    kind, _, key = done.rpartition("/")
    if kind == "copies":
        return await copied(there, await there.copies.find(key), names)
    return await work_of(there, await there.jobs.find(key), names, {})
