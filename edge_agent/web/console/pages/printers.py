"""Printers: each with what is known of it, the groups that stand in for each other, and what a person does at one:
change a roll or the ribbon and look afterwards, print a test label, calibrate, say whether it is another printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from edge_agent.errors import NotFoundError
from edge_agent.messages.line import TITLE
from edge_agent.messages.text import Words
from edge_agent.model.printer_identity import PrinterQuestion
from edge_agent.service.printers import Printer
from edge_agent.web.console.floor import PrinterCard, look_at
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages.guides import GUIDES, Guide
from edge_agent.web.console.pages.orders import BACK, nothing_changed, reason_of
from edge_agent.web.console.pieces.life import Fact, Question, Step
from edge_agent.web.console.pieces.state import Look
from edge_agent.web.console.pieces.told import Told
from edge_agent.web.console.who import acting
from edge_agent.web.context import service

PATH = "/console/printers"

ANSWERS: Mapping[str, Words] = {
    "another": Words("就用现在这台", "go on with the one that is there now"),
    "put_back": Words("不对，要接回原来的", "no, the confirmed one has to come back"),
}
CONSEQUENCES: Mapping[str, Words] = {
    "another": Words("从现在这台的计数算起；旧的存疑照旧处理", "its counter is taken as it is; older doubts stay"),
    "put_back": Words("原来那台接回来以前，一张也不打", "nothing is printed until the confirmed one answers"),
}
REASONS = (
    Words("原来那台坏了，换的", "the old one broke and was exchanged"),
    Words("线接错了", "the cable was at the wrong one"),
    Words("主板换过，还是那台", "its board was exchanged, it is the same one"),
)
FEEDS = Words("打印机会走几张空白纸，量出标签长度", "the printer feeds a few blank labels and measures them")


@dataclass(frozen=True, slots=True)
class Station:
    """A printer's card, what is known of it, and the groups that it stands in."""

    card: PrinterCard
    facts: Sequence[Fact]
    groups: Sequence[str]


async def page(request: web.Request) -> web.Response:
    """Every printer, in the order of the configuration."""
    there = service(request)
    floor, groups = await look_at(there, acting(request)), (await there.printers.all()).groups
    stations = [
        Station(
            one, facts_of(one.printer), [group.name for group in groups if one.printer.printer_id in group.printers]
        )
        for one in floor.printers
    ]
    return await show(request, "pages/printers.html", stations=stations, guides=GUIDES.values(), answers=ANSWERS)


def facts_of(printer: Printer) -> list[Fact]:
    """What is known of a printer; what it does not tell is said to be unknown."""
    counter = None if printer.counter is None else f"{printer.counter:,}"
    return [
        Fact("编号", "id", printer.printer_id),
        Fact("它说它是", "says it is", str(printer.identity) if printer.identity else None),
        Fact("能证明到", "proves by", printer.proof_words.zh),
        Fact("打过的张数（它自己计的）", "its own count", counter),
        Fact("语言 · 分辨率", "language · resolution", f"{printer.language.upper()} · {printer.dpi} dpi"),
        Fact("接在", "reached at", printer.url),
    ]


async def _of_key(request: web.Request) -> PrinterCard:
    key = request.match_info["key"]
    found = (
        one for one in (await look_at(service(request), acting(request))).printers if one.printer.printer_id == key
    )
    card = next(found, None)
    if card is None:
        raise NotFoundError(f"没有这台打印机 · printer {key[:40]!r}: expected one of the configuration, got another")
    return card


async def guide(request: web.Request) -> web.Response:
    """The steps of changing something at a printer, and the look afterwards. Raises NotFoundError."""
    card, wanted = await _of_key(request), GUIDES.get(request.match_info["guide"])
    if wanted is None:
        raise NotFoundError("没有这个步骤说明 · guide: expected one of the printer's page, got another; go back to it")
    return await show(request, "pages/guide.html", card=card, guide=wanted, steps=steps_of(wanted))


def steps_of(wanted: Guide) -> list[Step]:
    """The steps, none of them ticked: a printer that is ready does not say that its roll was changed."""
    return [Step(one.words, done=False, help=one.help) for one in (*wanted.steps, wanted.check)]


async def test(request: web.Request, _: Form) -> Told:
    """Prints a label without a code. Raises as `PrinterService.test`."""
    key = request.match_info["key"]
    return await _at(request, key, await service(request).printers.test(key, acting(request)))


async def ask_calibrate(request: web.Request) -> web.Response:
    """Asks before paper is fed. Raises NotFoundError."""
    card = await _of_key(request)
    question = Question(
        title=Words(f"校准 {card.printer.name}？", f"Calibrate {card.printer.name}?"),
        consequence=FEEDS,
        yes=Words("校准", "Calibrate"),
        action=f"{PATH}/{card.printer.printer_id}/calibrate",
        back=PATH,
        danger=False,
    )
    return await show(request, "pages/question.html", question=question)


async def calibrate(request: web.Request, form: Form) -> Told:
    """Has a printer measure its roll. Raises as `PrinterService.calibrate`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    key = request.match_info["key"]
    return await _at(request, key, await service(request).printers.calibrate(key, acting(request)))


async def _at(request: web.Request, key: str, words: Words) -> Told:
    """What a printer did, with its name before it."""
    found = (await service(request).printers.all()).printers
    name = next((one.name for one in found if one.printer_id == key), key)
    return Told(Look.ATTENTION, Words(f"{name}：{words.zh}", f"{name}: {words.en}"))


async def ask_answer(request: web.Request) -> web.Response:
    """Asks a lead once more before an answer counts. Raises NotFoundError."""
    card, given = await _of_key(request), request.query.get("as", "")
    if given not in ANSWERS:
        raise NotFoundError("没有这个回答 · answer: expected one of the printer's page, got another; go back to it")
    question = Question(
        title=Words(f"{TITLE.zh}{card.printer.name}：{ANSWERS[given].zh}", f"{card.printer.name}: {ANSWERS[given].en}"),
        consequence=_consequence(given, card.printer.question),
        yes=ANSWERS[given],
        action=f"{PATH}/{card.printer.printer_id}/answer",
        back=PATH,
        fields=(("as", given),),
        reasons=REASONS,
        danger=given == "another",
    )
    return await show(request, "pages/question.html", question=question)


def _consequence(given: str, asked: PrinterQuestion | None) -> Words:
    """What follows, with both printers by what they tell of themselves."""
    said = CONSEQUENCES[given]
    if asked is None or given != "another":
        return said
    found, known = (str(one) if one else "?" for one in (asked.found, asked.known))
    return Words(
        f"从现在起在 {found} 上打印，原来是 {known}；{said.zh}",
        f"from now on {found} prints, confirmed was {known}; {said.en}",
    )


async def answer(request: web.Request, form: Form) -> Told:
    """A lead's answer to whether another printer stands there. Raises as `PrinterService.answer`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    key, given = request.match_info["key"], form.get("as", "")
    words = await service(request).printers.answer(key, given, acting(request), reason_of(form))
    return Told(Look.GOOD, words, PATH)
