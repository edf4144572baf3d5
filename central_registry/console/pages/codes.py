"""Finds one code: its whole life, the facts on its label from the snapshot, its verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web

from central_registry.console.frame import show
from central_registry.console.page import Desk, Group, Page
from central_registry.console.pages import stops
from central_registry.console.pieces.former_facts import facts_of_code
from central_registry.console.pieces.former_terms import IMPORTED
from central_registry.console.pieces.former_terms import STATES as STATES_THERE
from central_registry.console.pieces.label_stop import state_of as stop_state_of
from central_registry.console.pieces.life import Fact, Moment
from central_registry.console.pieces.placed import Placed, of_place
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.times import read
from central_registry.console.pieces.words import Words, of_sentence
from central_registry.consumer.garment_facts import WORDS, page_of
from central_registry.former.codes import find_former
from central_registry.oversight.code_life import CodeLife, find_code
from central_registry.parties.actor import UNASSIGNED
from central_registry.parties.acts import Act
from central_registry.place.finding import find_place
from central_registry.problems import ProblemError
from garment.certificate import fact_words
from label_protocol.events import EventType

_HERE = "/console/codes"
_PILL = Words("", "")
"""The state beside it says it all."""

EVENTS: Mapping[str, State] = {
    EventType.WINDOW_SENDING: State(Look.REST, Words("发码、送往打印机", "issued, sent to the printer")),
    EventType.WINDOW_PRINTED: State(Look.GOOD, Words("打印已确认", "printed")),
    EventType.WINDOW_IN_DOUBT: State(Look.ATTENTION, Words("打印结果存疑", "in doubt")),
    EventType.WINDOW_NEVER_SENT: State(Look.STOP, Words("没有送出", "never sent")),
    EventType.WINDOW_SETTLED: State(Look.REST, Words("存疑已处理", "doubt settled")),
    EventType.LABEL_SCANNED: State(Look.GOOD, Words("在工厂扫过", "scanned at the factory")),
    EventType.LABEL_DECIDED: State(Look.ATTENTION, Words("人工处理", "decided by hand")),
}
_HOW: Mapping[str, str] = {
    "sent": "只知已送出",
    "idle": "打印机空闲",
    "response": "打印机应答",
    "counter": "打印机计数相符",
    "scan": "扫码",
    "commission": "贴到衣服上",
    "settle_printed": "判为已打印",
    "scrap": "作废",
    "invalidate": "判为没有打印",
}
"""What a proof rests on (docs/architecture.md, section 4), and the steps of a label."""
STATES: Mapping[str, State] = {
    "sending": State(Look.UNKNOWN, Words("已发码，打印未确认", "sending")),
    "printed": State(Look.GOOD, Words("已打印", "printed")),
    "in_doubt": State(Look.ATTENTION, Words("存疑", "in doubt")),
    "commissioned": State(Look.GOOD, Words("已贴在衣服上", "commissioned")),
    "scrapped": State(Look.STOP, Words("已作废", "scrapped")),
    "invalid": State(Look.STOP, Words("无效", "invalid")),
}
ROLL: Mapping[str, State] = {
    "commissioned": State(Look.GOOD, Words("按成卷标签贴到衣服上", "put on its garment from a roll")),
    "returned": State(Look.REST, Words("随卷退回协会", "returned with its roll")),
    "lost": State(Look.STOP, Words("报丢失", "lost from its roll")),
}
CODES: Mapping[str, State] = {
    "registered": State(Look.GOOD, Words("已登记", "registered")),
    "not_entitled": State(Look.STOP, Words("无权发码", "not entitled")),
    "not_allotted": State(Look.STOP, Words("没有分配", "not allotted")),
    "told_after_revocation": State(Look.ATTENTION, Words("停用后上报", "told after a revocation")),
}
FACTS: Mapping[str, State] = {
    "confirmed": State(Look.GOOD, Words("与证书一致", "confirmed")),
    "declared": State(Look.REST, Words("企业自行声明", "declared")),
    "differ": State(Look.STOP, Words("与证书或批次不同", "differs")),
    "before_certificates": State(Look.REST, Words("证书比对之前", "before certificates")),
}


async def codes(desk: Desk) -> web.Response:
    """The question, and the code if one was asked for."""
    asked = desk.query.get("code", "").strip()[:500]
    life, refused, former = None, None, None
    if asked:
        try:
            life = await find_code(desk.pool, desk.actor, asked)
        except ProblemError as problem:
            former = await _former(desk, asked)
            refused = None if former else of_sentence(str(problem))
    more: dict[str, Any] = {} if life is None else _told(life, of_place(await _place(desk, life.serial)))
    stop = "" if life is None or not desk.may(Act.SUSPEND) else _stop(life.row)
    return await show(
        desk, "pages/codes.html", asked=asked, refused=refused, life=life, former=former, stop=stop, **more
    )


async def _place(desk: Desk, serial: str) -> dict[str, Any] | None:
    try:
        return await find_place(desk.pool, desk.actor, serial)
    except ProblemError:
        return None


async def _former(desk: Desk, asked: str) -> dict[str, Any] | None:
    """What was brought of it, if it is a code of a former platform."""
    try:
        row = await find_former(desk.pool, desk.actor, asked)
    except ProblemError:
        return None
    told = [Fact(name, "", value or None) for name, value in row["facts"]]
    return {
        "code": row["code"],
        "pills": [IMPORTED, STATES_THERE[row["state"]]],
        "facts": facts_of_code(row),
        "told": told,
    }


def _stop(row: Mapping[str, Any]) -> str:
    """Where the goods of its quota key are stopped; '' for a key that no firm's goods stand under."""
    named = row["firm"] and (row["key_lot_no"] or row["key_style_no"])
    return stops.place_of(row["firm"], row["key_lot_no"], row["key_style_no"]) if named else ""


def _told(life: CodeLife, place: Placed) -> dict[str, Any]:
    page = page_of(life.snapshot)
    on_label = [("品名", "product", page.title), ("品牌", "brand", page.brand)]
    if page.grade:
        on_label.append((page.grade.zh, page.grade.en, f"{page.grade.level} {page.scheme[0]}"))
    on_label += [(one.zh, one.en, f"{one.level} {one.measured}".strip()) for one in page.indicators]
    on_label += [(row.zh, row.en, row.value) for row in (*page.garment, *page.inspection, *page.maker)]
    return {
        "state": STATES[life.state],
        "verdicts": [CODES[life.code], FACTS[life.facts]],
        "reasons": [Words(*WORDS["reason"][kind]) for kind in life.reasons],
        "differences": [(Words(*fact_words(fact)), label, other) for fact, label, other in life.differences],
        "facts": _facts(life),
        "on_label": [Fact(zh, en, value or None) for zh, en, value in on_label],
        "moments": sorted((*_moments(life), *place.moments), key=lambda one: one.at),
        "place": place.facts,
    }


def _facts(life: CodeLife) -> list[Fact]:
    row = life.row
    certificate = row["certificate"]
    return [
        Fact("企业", "firm", row["firm_name"] or None),
        Fact("批号", "lot", row["lot_no"], _lot(row)),
        Fact("商品条码", "GTIN", row["gtin"]),
        Fact("打印端", "agent", " ".join(dict.fromkeys((row["agent_name"], row["agent"]))).strip()),
        Fact("窗口", "window", f"{row['window_id']}，共 {row['labels']:,} 枚"),
        Fact("任务", "job", row["job"]),
        Fact("额度", "quota key", row["quota_key"]),
        Fact("证书版本", "certificate", "没有" if certificate is None else str(certificate)),
        Fact("消费者查询", "looked up", f"{row['times']:,}"),
        Fact("信息指纹", "fingerprint", f"{row['snapshot'][:16]}…", full=row["snapshot"]),
    ]


def _lot(row: Mapping[str, Any]) -> str:
    """Its lot's page, where it is known as that firm's."""
    if not (row["firm"] and row["key_lot_no"]) or row["firm"] == UNASSIGNED:
        return ""
    return f"/console/lots/{quote(row['firm'], safe='')}/{quote(row['key_lot_no'], safe='')}"


def _moments(life: CodeLife) -> list[Moment]:
    found = [one for one in map(_moment, life.events) if one is not None]
    for one in life.decisions:
        words = Words("承认", "admitted") if one["admitted"] else Words("不予承认", "rejected")
        look = State(Look.GOOD if one["admitted"] else Look.STOP, words)
        found.append(Moment(one["at"], look, _PILL, one["name"], one["reason"]))
    for one in life.conflicts:
        words = Words("同一序列号再次登记", "drawn again")
        found.append(Moment(one["found_at"], State(Look.STOP, words), _PILL, one["agent"]))
    found += [Moment(one["made_at"], stop_state_of(one), _PILL, one["reason"]) for one in life.stops]
    if life.row["became"] is not None:
        found.append(Moment(life.row["became_at"], ROLL[life.row["became"]], _PILL, life.row["became_by"]))
    if life.row["first_at"] is not None:
        words = Words("消费者第一次查询", "first looked up")
        found.append(Moment(life.row["first_at"], State(Look.REST, words), _PILL))
    return sorted(found, key=lambda one: one.at)


def _moment(event: Mapping[str, Any]) -> Moment | None:
    """None for an event that says no time that can be shown."""
    at = read(str(event.get("at")))
    if at is None:
        return None
    kind = str(event.get("type"))
    state = EVENTS.get(kind, State(Look.REST, Words("", kind)))
    said = (str(event[name]) for name in ("step", "level", "reason") if event.get(name))
    why = " · ".join(_HOW.get(one, one) for one in said)
    return Moment(at, state, _PILL, str(event.get("operator") or event.get("printer") or ""), why)


PAGES = (Page(_HERE, Act.LOOK, "查一枚码", "Find a code", codes, Group.CODES, "find"),)
