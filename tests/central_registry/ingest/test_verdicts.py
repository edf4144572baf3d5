"""What the registry vouches for: who may issue, what was allotted, what an agent told after it was declared lost."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from central_registry import db
from central_registry.agents import enrolment
from central_registry.goods import lot_import
from central_registry.ingest import behind_facts
from central_registry.ingest.compare import differences_of_lot
from central_registry.ingest.verdict import Against, judged, reasons
from central_registry.oversight import notices
from label_protocol import chain, wire
from label_protocol.codes.serial import ALPHABET, new_serial
from tests.central_registry.consumer.test_scan_page import GTIN, read
from tests.kits import registry_kit
from tests.kits.registry_kit import AT, Edge, Registry, fresh_dsn, running, sample_snapshot
from tests.kits.told_kit import told

ACCUSING = ("假", "伪", "盗", "非法", "fake", "false", "stolen", "illegal", "forged", "fraud")


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


@pytest.fixture
async def edge(registry: Registry) -> Edge:
    found = (await registry.enrolled()).begin()
    await registry.allot(found.agent, 10)
    return found


async def facts(registry: Registry, serial: str) -> dict[str, Any]:
    return await registry.facts(f"/01/{GTIN}/21/{serial}")


async def verdicts(registry: Registry, serials: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    found = [await facts(registry, serial) for serial in serials]
    return [(one["registration"], tuple(row["kind"] for row in one.get("reasons", ()))) for one in found]


async def new(edge: Edge) -> None:
    """Tell what the registry does not have yet."""
    told = await edge.registry.rows("SELECT seq FROM incarnation WHERE incarnation = $1", edge.incarnation)
    await edge.send((told[0]["seq"] if told else 0) + 1)


def hear(edge: Edge, page: dict[str, Any]) -> None:
    edge.tell("feed_received", cursor=page["cursor"], epoch=page["epoch"], items=page["items"])


GOOD = ("registered", ())


def against(*kinds: str) -> tuple[str, tuple[str, ...]]:
    return ("being_verified", kinds)


def drawn_by_another(edge: Edge) -> str:
    foreign = next(a + b + c for a in ALPHABET for b in ALPHABET for c in ALPHABET if a + b + c != edge.issuer)
    return new_serial(foreign, secrets.token_bytes)


# --- who issued it, and what was allotted -----------------------------------------------------------------------------


async def test_a_serial_of_another_issuer_is_not_shown_as_registered(registry: Registry, edge: Edge) -> None:
    own, foreign = edge.serial(), drawn_by_another(edge)
    edge.printed([own, foreign])
    await edge.send()
    assert await verdicts(registry, [own, foreign]) == [GOOD, against("not_entitled")]
    assert "foreign_issuer" in await registry.alarms()
    _, html = await registry.page(f"/01/{GTIN}/21/{foreign}")
    text = read(html)
    assert "平台正在核实" in text
    assert "Being verified" in text
    assert "示例羽" in text, "the paper is shown as it is"
    assert [word for word in ACCUSING if word in text.lower()] == []
    assert '<body class="being_verified">' in html


async def test_labels_of_a_lot_that_was_never_allotted_to_this_agent_are_not_registered(
    registry: Registry, edge: Edge
) -> None:
    other = await registry.enrolled("line-2")
    await registry.allot(other.agent, 100, "lot:L2")
    mine, never = edge.serials(2)
    edge.printed([mine])
    edge.printed([never], lot_no="L2")
    await edge.send()
    assert await verdicts(registry, [mine, never]) == [GOOD, against("not_allotted")]
    assert await registry.alarms() == ["overdraft"]


async def test_twenty_thousand_in_one_window_without_an_allotment(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    serials = edge.serials(20_000)
    edge.printed(serials)
    await edge.send()
    assert await verdicts(registry, [serials[0], serials[-1]]) == [against("not_allotted")] * 2
    rows = await registry.rows("SELECT verdict, count(*) AS n FROM serial GROUP BY 1")
    assert [(row["verdict"], row["n"]) for row in rows] == [(Against.NOT_ALLOTTED, 20_000)]


async def test_of_a_window_that_straddles_the_allotment_the_last_told_lie_above(registry: Registry, edge: Edge) -> None:
    first, second = edge.serials(6), edge.serials(6)
    edge.printed(first)
    await edge.send()
    edge.printed(second)
    await new(edge)
    assert await verdicts(registry, first + second) == [GOOD] * 10 + [against("not_allotted")] * 2


async def test_what_was_freed_may_be_drawn_again_and_what_lay_above_stays_there(registry: Registry, edge: Edge) -> None:
    first, second, third = edge.serials(10), edge.serials(3), edge.serials(2)
    edge.printed(first)
    edge.tell("label_decided", serial=first[0], operator="o", reason="r", step="scrap")
    edge.printed(second)
    edge.tell("label_decided", serial=first[1], operator="o", reason="r", step="scrap")
    edge.tell("label_decided", serial=first[2], operator="o", reason="r", step="scrap")
    edge.tell("label_decided", serial=first[3], operator="o", reason="r", step="scrap")
    edge.printed(third)
    await edge.send()
    over = against("not_allotted")
    assert await verdicts(registry, second) == [GOOD, over, over]
    assert await verdicts(registry, third) == [GOOD, over], "told later, freed later: only what was free then"


async def test_how_a_history_is_cut_into_batches_changes_no_verdict(registry: Registry) -> None:
    one, two = (await registry.enrolled("line-1")).begin(), (await registry.enrolled("line-2")).begin()
    found = []
    for edge, step in ((one, 100), (two, 1)):
        await registry.allot(edge.agent, 10)
        serials = [edge.serials(count) for count in (8, 4, 3)]
        edge.printed(serials[0])
        edge.tell("label_decided", serial=serials[0][0], operator="o", reason="r", step="scrap")
        edge.printed(serials[1])
        edge.tell("label_decided", serial=serials[0][1], operator="o", reason="r", step="scrap")
        edge.printed(serials[2])
        for first in range(1, len(edge.bodies) + 1, step):
            await edge.send(first, min(first + step - 1, len(edge.bodies)))
        found.append(await verdicts(registry, [one for window in serials for one in window]))
    assert found[0] == found[1]
    assert found[0].count(against("not_allotted")) == 4


async def test_an_agent_is_judged_by_what_it_held_not_by_what_was_lowered_since(registry: Registry, edge: Edge) -> None:
    """It drew offline under 10; the registry lowered to 4 meanwhile, and then raised to 6."""
    hear(edge, await edge.get("feed"))
    await edge.send()
    await registry.allot(edge.agent, 4)
    await registry.allot(edge.agent, 6)
    serials = edge.serials(10)
    edge.printed(serials)
    await new(edge)
    assert await verdicts(registry, serials) == [GOOD] * 10
    assert await registry.alarms() == ["overdraft"], "people are told as ever"


async def test_an_allotment_that_comes_later_makes_nothing_registered_that_was_drawn_before(
    registry: Registry, edge: Edge
) -> None:
    serials = edge.serials(12)
    hear(edge, await edge.get("feed"))
    edge.printed(serials)
    await edge.send()
    await registry.allot(edge.agent, 100)
    hear(edge, await edge.get("feed"))
    more = edge.serials(1)
    edge.printed(more)
    await new(edge)
    assert await verdicts(registry, serials[9:]) == [GOOD, *[against("not_allotted")] * 2]
    assert await verdicts(registry, more) == [GOOD]


async def test_a_feed_that_this_registry_never_gave_entitles_to_nothing(registry: Registry, edge: Edge) -> None:
    page = await edge.get("feed")
    items = [{**page["items"][0], "quantity": 1000}]
    edge.tell("feed_received", cursor=page["cursor"], epoch=page["epoch"], items=items)
    serials = edge.serials(11)
    edge.printed(serials)
    await edge.send()
    assert await verdicts(registry, serials[9:]) == [GOOD, against("not_allotted")]


async def test_labels_of_one_lot_on_the_allotment_of_another_are_not_registered(registry: Registry, edge: Edge) -> None:
    serials = edge.serials(3)
    edge.printed(serials[:1], lot_no="L2", quota_key="lot:L1")
    edge.printed(serials[1:2], lot_no=None, quota_key="lot:L1")
    edge.printed(serials[2:], lot_no="L1")
    await edge.send()
    assert await verdicts(registry, serials) == [against("not_allotted"), against("not_allotted"), GOOD]
    assert await registry.alarms() == ["not_allotted"], "the sum is within the allotment, and people are told"


async def test_a_restored_registry_comes_to_the_same_verdicts(registry: Registry, edge: Edge) -> None:
    """A dump of before the first allotment: all is lost but the agents' rows and the seal."""
    hear(edge, await edge.get("feed"))
    serials = edge.serials(12)
    edge.printed([*serials, drawn_by_another(edge)])
    found = await edge.send()
    await registry.allot(edge.agent, 100)
    hear(edge, await edge.get("feed"))
    edge.printed(edge.serials(2))
    await new(edge)
    before = await registry.rows("SELECT serial, verdict FROM serial ORDER BY serial")
    assert {row["verdict"] for row in before} == {0, 2, 3}
    tables = "edge_words, incarnation, serial, drawing, quota_use, feed_item, entitlement, held_lot, alarm"
    await registry.pool.execute(f"TRUNCATE {tables}")
    edge.receipt = found["receipt"]
    await edge.refused(len(edge.bodies) + 1)
    await edge.send()
    assert await registry.rows("SELECT serial, verdict FROM serial ORDER BY serial") == before


# --- a lost agent -----------------------------------------------------------------------------------------------------


async def test_what_a_lost_agent_tells_is_kept_and_shown_as_being_verified(registry: Registry, edge: Edge) -> None:
    before, after = edge.serials(2), edge.serials(3)
    edge.printed(before)
    await edge.send()
    await enrolment.lose_agent(registry.pool, edge.agent, AT)
    edge.printed(after[:1])
    await new(edge)
    edge.printed(after[1:])
    await new(edge)
    assert await verdicts(registry, before) == [GOOD] * 2
    assert await verdicts(registry, after) == [against("told_after_loss")] * 3
    text = read((await registry.page(f"/01/{GTIN}/21/{after[0]}"))[1])
    assert "平台正在核实" in text
    assert [word for word in ACCUSING if word in text.lower()] == []
    alarms = await registry.rows("SELECT kind, detail FROM alarm")
    assert [row["kind"] for row in alarms] == ["lost_agent_returned"]
    assert "being verified: 3" in alarms[0]["detail"]


async def test_a_lost_agent_moves_no_label_that_was_told_before(registry: Registry, edge: Edge) -> None:
    """Whoever has its secret could make every label of it void."""
    proven, sent = edge.serials(2)
    edge.printed([proven])
    window = edge.sending([sent])
    await edge.send()
    await enrolment.lose_agent(registry.pool, edge.agent, AT)
    edge.tell("label_decided", serial=proven, operator="o", reason="r", step="scrap")
    edge.tell("window_printed", window=window, level="counter", evidence={}, counts_as="printed")
    after = edge.serial()
    edge.printed([after])
    await new(edge)
    edge.tell("label_decided", serial=after, operator="o", reason="r", step="scrap")
    await new(edge)
    assert await verdicts(registry, [proven, sent]) == [GOOD, ("not_confirmed", ())]
    assert (await facts(registry, after))["status"] == "void", "what it told since is its own to move"
    assert len(await told(registry.pool)) == len(edge.bodies)
    assert "impossible_move" not in await registry.alarms()


async def test_moves_that_a_lost_agent_tells_are_counted_for_a_person(registry: Registry, edge: Edge) -> None:
    """They are never applied, so the sums stay as if nothing had been scrapped: somebody has to know."""
    proven, sent = edge.serials(4), edge.serials(2)
    edge.printed(proven)
    window = edge.sending(sent)
    await edge.send()
    await enrolment.lose_agent(registry.pool, edge.agent, AT)
    edge.tell("x")
    await new(edge)
    detail = "SELECT detail FROM alarm WHERE kind = 'lost_agent_returned'"
    assert "withheld" not in await registry.pool.fetchval(detail), "nothing was"
    edge.tell("label_decided", serial=proven[0], operator="o", reason="r", step="scrap")
    edge.tell("window_printed", window=window, level="counter", evidence={}, counts_as="printed")
    await new(edge)
    edge.tell("label_scanned", serial=proven[1], operator="o", step="scan")
    edge.tell("label_decided", serial=proven[2], operator="o", reason="r", step="scrap")
    edge.printed(edge.serials(1))
    await new(edge)
    said = await registry.pool.fetchval(detail)
    assert "withheld and never applied: 4 moves" in said, "one of the books' own state is none"
    assert "being verified: 1" in said
    assert (await registry.rows("SELECT drawn, freed FROM quota_use")) == [{"drawn": 7, "freed": 0}]


async def test_a_lost_agent_gets_no_feed_and_comes_back_by_a_new_enrolment(registry: Registry, edge: Edge) -> None:
    await edge.send()
    await notices.suspend(registry.pool, "lot:L1", True, "复核")
    await enrolment.lose_agent(registry.pool, edge.agent, AT)
    for path in ("feed", "check-keys"):
        answer = await registry.http.get(f"/v1/agents/{edge.agent}/{path}", headers=edge.auth())
        assert (answer.status, "已声明丢失" in (await answer.json())["detail"]) == (409, True), path
    while_lost, then = edge.serials(2)
    edge.printed([while_lost])
    await new(edge)
    edge.secret = (await registry.enrolled()).secret
    edge.printed([then])
    await new(edge)
    assert await verdicts(registry, [while_lost, then]) == [against("told_after_loss"), GOOD]
    assert {item["kind"] for item in (await edge.get("feed"))["items"]} >= {"allotment", "suspension"}
    await enrolment.lose_agent(registry.pool, edge.agent, AT)
    edge.printed(edge.serials(1))
    await new(edge)
    assert "being verified: 1" in (await registry.rows("SELECT detail FROM alarm"))[0]["detail"], "counted anew"


# --- facts beside the imported lot ------------------------------------------------------------------------------------


def _lot(**changes: Any) -> dict[str, Any]:
    """The lot of the sample record, as L1, with some facts changed: `grade`, `report_no`, `lab`, `maker`, …"""
    record = json.loads(json.dumps({key: sample_snapshot("down_graded")[key] for key in ("product", "lot")}))
    record["lot"]["lot_no"] = "L1"
    record["lot"]["grade"]["overall"] = changes.pop("grade", record["lot"]["grade"]["overall"])
    record["product"]["maker"]["name"] = changes.pop("maker", record["product"]["maker"]["name"])
    for name in ("gtin", "style_no"):
        record["product"][name] = changes.pop(name, record["product"][name])
    record["lot"].update(changes)
    return record


@pytest.fixture
def as_l1(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = {**sample_snapshot("down_graded"), **_lot()}
    monkeypatch.setattr(registry_kit, "sample_snapshot", lambda _: snapshot)


@pytest.mark.usefixtures("as_l1")
@pytest.mark.parametrize(
    ("name", "changed"),
    [("grade", "AAA"), ("report_no", "JC-OTHER"), ("lab", "示例另一检测中心"), ("maker", "示例另一制衣厂")],
)
async def test_facts_that_differ_from_the_imported_lot_are_named(
    registry: Registry, edge: Edge, name: str, changed: str
) -> None:
    await lot_import.import_lots(registry.pool, [_lot(**{name: changed})], replace=True)
    serial = edge.serial()
    edge.printed([serial])
    await edge.send()
    found = await facts(registry, serial)
    assert (found["status"], [row["kind"] for row in found["reasons"]]) == ("being_verified", ["facts_differ"])
    assert [(row["fact"], row["lot"]) for row in found["differences"]] == [(name, changed)]
    label = found["differences"][0]["label"]
    text = read((await registry.page(f"/01/{GTIN}/21/{serial}"))[1])
    assert changed in text, "what the lot says stands beside it"
    assert text.count(label) >= 2, "the paper is shown as it is, and in the comparison"
    assert [word for word in ACCUSING if word in text.lower()] == []
    alarm = (await registry.rows("SELECT kind, about, detail FROM alarm"))[0]
    assert (alarm["kind"], alarm["about"]) == ("facts_differ", "lot:L1")
    assert changed in alarm["detail"]


@pytest.mark.usefixtures("as_l1")
async def test_values_are_compared_and_not_their_spelling(registry: Registry, edge: Edge) -> None:
    lot = _lot()
    report, maker = lot["lot"]["report_no"], lot["product"]["maker"]["name"]
    spelled = _lot(report_no=f" {report.translate({45: 0xFF0D})} ", maker=f"{maker[:2]} {maker[2:]}")
    spelled["lot"]["grade"]["indicators"]["turbidity"] = {"level": "ＡＡＡＡ", "measured": "900"}
    await lot_import.import_lots(registry.pool, [spelled], replace=True)
    serial = edge.serial()
    edge.printed([serial])
    await edge.send()
    assert await verdicts(registry, [serial]) == [GOOD]
    assert (await facts(registry, serial))["differences"] == []


@pytest.mark.usefixtures("as_l1")
async def test_absent_facts_are_no_differences_and_another_size_is_none(registry: Registry, edge: Edge) -> None:
    less = _lot(gtin="06901234567915")
    del less["lot"]["report_no"], less["lot"]["lab"]
    await lot_import.import_lots(registry.pool, [less], replace=True)
    serial = edge.serial()
    edge.printed([serial])
    await edge.send()
    assert await verdicts(registry, [serial]) == [GOOD]


def _without_grade(lot: dict[str, Any]) -> list[str]:
    return ["grade", *(f"indicator.{name}" for name in sorted(lot["lot"].pop("grade")["indicators"]))]


def _without_a_property(lot: dict[str, Any]) -> list[str]:
    del lot["lot"]["grade"]["indicators"]["turbidity"]
    return ["indicator.turbidity"]


def _without_overall(lot: dict[str, Any]) -> list[str]:
    del lot["lot"]["grade"]["overall"]
    return ["grade"]


@pytest.mark.usefixtures("as_l1")
@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize("without", [_without_grade, _without_a_property, _without_overall])
async def test_a_grade_that_only_the_label_states_is_named(
    registry: Registry, edge: Edge, without: Callable[[dict[str, Any]], list[str]], heard: bool
) -> None:
    """A grade is a scheme's mark: it needs the lot's word, and no agent can give that."""
    lot = _lot()
    missing = without(lot)
    await lot_import.import_lots(registry.pool, [lot], replace=True)
    if heard:
        hear(edge, await edge.get("feed"))
    serial = edge.serial()
    edge.printed([serial])
    await edge.send()
    assert await verdicts(registry, [serial]) == [against("facts_differ")]
    found = (await facts(registry, serial))["differences"]
    assert [(row["fact"], row["lot"]) for row in found] == [(name, "–") for name in missing]


@pytest.mark.usefixtures("as_l1")
async def test_a_lot_that_was_imported_bare_says_nothing_of_its_grade(registry: Registry, edge: Edge) -> None:
    """No more than number and quantity, as a site may have that keeps its facts elsewhere."""
    lot = _lot()
    lot["lot"] = {"lot_no": "L1", "quantity": 1_000_000}
    await lot_import.import_lots(registry.pool, [lot], replace=True)
    serial = edge.serial()
    edge.printed([serial])
    await edge.send()
    assert await verdicts(registry, [serial]) == [GOOD]


DEEP = [b'{"lot":' + b"[" * depth + b"]" * depth + b"}" for depth in (300, 900, 940, 960, 975, 985)]


@pytest.mark.parametrize("body", [*DEEP, b"7", b"[[]]", b'{"lot":{"lab":"' + b"x" * 100_000 + b'"}}'], ids=len)
async def test_facts_of_any_shape_are_taken_in_or_refused(registry: Registry, edge: Edge, body: bytes) -> None:
    """An agent may send any JSON: deep, long, no object. What cannot be compared is no difference and no failure."""
    await lot_import.import_lots(registry.pool, [_lot()], replace=True)
    name, serial = hashlib.sha256(body).hexdigest(), edge.serial()
    more = {"job": "j", "snapshot": name, "quota_key": "lot:L1", "gtin": GTIN, "lot_no": "L1", "serials": [serial]}
    edge.tell("window_sending", window="w", **more)
    status, _ = await edge.post(wire.pack_batch(edge.incarnation, 1, chain.GENESIS, edge.bodies, {name: body}))
    assert status in (200, 400, 422)
    rows = await registry.rows("SELECT length(differs) AS n FROM drawing WHERE differs IS NOT NULL")
    assert all(row["n"] < 1_000 for row in rows)


@pytest.mark.usefixtures("as_l1")
async def test_windows_of_one_snapshot_and_lot_are_compared_once(
    registry: Registry, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch has thousands of them, and nobody else is served while they are compared."""
    await lot_import.import_lots(registry.pool, [_lot(grade="AAA")], replace=True)
    compared: list[str] = []
    found = differences_of_lot
    monkeypatch.setattr(
        behind_facts, "differences_of_lot", lambda label, lot: compared.append("x") or found(label, lot)
    )
    serials = edge.serials(5)
    for serial in serials:
        edge.printed([serial])
    await edge.send()
    assert await verdicts(registry, serials) == [against("facts_differ")] * 5
    assert len(compared) == 1


async def test_a_snapshot_too_large_to_show_is_not_read_for_every_window(
    registry: Registry, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 24 MB, told once, each small batch that names it would stop everybody for seconds."""
    await lot_import.import_lots(registry.pool, [_lot()], replace=True)
    large = {**sample_snapshot("down_graded"), **_lot(grade="A"), "x": "x" * 300_000}
    monkeypatch.setattr(registry_kit, "sample_snapshot", lambda _: large)
    read_: list[bytes] = []
    monkeypatch.setattr(behind_facts, "read_label", lambda body: read_.append(body) or {})
    serial = edge.serial()
    edge.printed([serial])
    await edge.send()
    assert read_ == []
    assert [row["kind"] for row in (await facts(registry, serial))["warnings"]] == ["facts_unreadable"]


@pytest.mark.usefixtures("as_l1")
async def test_another_style_under_the_lot_is_named(registry: Registry, edge: Edge) -> None:
    await lot_import.import_lots(registry.pool, [_lot(gtin="06901234567915", style_no="OTHER-1")], replace=True)
    serial = edge.serial()
    edge.printed([serial])
    await edge.send()
    assert [row["fact"] for row in (await facts(registry, serial))["differences"]] == ["gtin", "style_no"]


@pytest.mark.usefixtures("as_l1")
async def test_a_label_without_a_lot_on_the_allotment_of_another_style_is_named(registry: Registry, edge: Edge) -> None:
    """Else a cheap style's allotment would make any style registered."""
    own = _lot()["product"]["style_no"]
    await registry.allot(edge.agent, 10, f"style:{own}")
    await registry.allot(edge.agent, 10, "style:CHEAP")
    good, other = edge.serials(2)
    edge.printed([good], lot_no=None, quota_key=f"style:{own}")
    edge.printed([other], lot_no=None, quota_key="style:CHEAP")
    await edge.send()
    assert await verdicts(registry, [good, other]) == [GOOD, against("facts_differ")]
    found = (await facts(registry, other))["differences"]
    assert [(row["fact"], row["label"], row["lot"]) for row in found] == [("style_no", own, "CHEAP")]


@pytest.mark.parametrize("imported", [True, False])
@pytest.mark.parametrize(("key", "lot_no", "known"), [("lot:L1", "L1", "L1"), ("style:KEY", None, "–")])
async def test_a_label_that_names_another_lot_than_was_told_is_not_registered(
    registry: Registry, edge: Edge, key: str, lot_no: str | None, known: str, imported: bool
) -> None:
    """The page shows what the snapshot says: under one lot's allotment it would show any other's number."""
    await registry.allot(edge.agent, 10, "style:KEY")
    if not imported:
        await registry.pool.execute("DELETE FROM feed_item WHERE kind = 'lot'")
    honest, other = edge.serials(2)
    edge.printed([honest], lot_no=lot_no, quota_key=key)
    snapshot = {"product": {"style_no": "KEY", "gtin": GTIN}, "lot": {"lot_no": "OTHER"}}
    name = chain.address(snapshot)
    edge.snapshots[name] = snapshot
    more = {"job": "j", "snapshot": name, "quota_key": key, "gtin": GTIN, "lot_no": lot_no, "serials": [other]}
    edge.tell("window_sending", window="w", **more)
    edge.tell("window_printed", window="w", level="counter", evidence={}, counts_as="printed")
    await edge.send()
    assert (await verdicts(registry, [other])) == [against("facts_differ")]
    found = [(row["fact"], row["label"], row["lot"]) for row in (await facts(registry, other))["differences"]]
    assert ("lot_no", "OTHER", known) in found
    honestly = (await facts(registry, honest))["differences"]
    assert "lot_no" not in [row["fact"] for row in honestly]


@pytest.mark.usefixtures("as_l1")
async def test_a_lot_corrected_since_the_agent_got_it_changes_no_verdict(registry: Registry, edge: Edge) -> None:
    await lot_import.import_lots(registry.pool, [_lot()], replace=True)
    hear(edge, await edge.get("feed"))
    await edge.send()
    await lot_import.import_lots(registry.pool, [_lot(grade="AAA")], replace=True)
    early, late = edge.serials(2)
    edge.printed([early])
    hear(edge, await edge.get("feed"))
    edge.printed([late])
    await new(edge)
    assert await verdicts(registry, [early, late]) == [GOOD, against("facts_differ")]


# --- what was told before ---------------------------------------------------------------------------------------------


ISSUERS = {"line-1": "P1A", "line-2": "P2B", "line-3": "P3C"}


async def _old_window(pool: Any, agent: str, key: str, serials: list[str]) -> None:
    """A window in the books as the last release wrote it, its labels in every state."""
    draw_ = f"{agent} {key}".encode()
    await pool.execute(
        "INSERT INTO drawing (draw, agent, window_id, job, snapshot, quota_key, gtin, lot_no, sent_at, serials) "
        "VALUES ($1, $2, 'w', 'j', 's', $3, $4, 'L1', '2026', $5)",
        draw_, agent, key, GTIN, serials,
    )  # fmt: skip
    rows = [(serial, draw_, index % 6) for index, serial in enumerate(serials)]
    await pool.executemany("INSERT INTO serial (serial, draw, state) VALUES ($1, $2, $3)", rows)


async def _old_registry(pool: Any, serials: dict[str, list[str]], foreign: str) -> None:
    """Allotted 3 and drew 6; never allotted anything, with a serial of another's issuer; lost. All on other facts."""
    for agent, issuer in ISSUERS.items():
        await pool.execute("INSERT INTO issuer VALUES ($1, $2)", issuer, agent)
        await pool.execute("INSERT INTO agent (agent, issuer, created_at) VALUES ($1, $2, now())", agent, issuer)
    await pool.execute("UPDATE agent SET lost_at = now() WHERE agent = 'line-3'")
    await pool.execute("INSERT INTO snapshot VALUES ('s', $1)", json.dumps(sample_snapshot("down_graded")).encode())
    lot = {"kind": "lot", "lot_no": "L1", "record": _lot(grade="A")}
    await pool.execute("INSERT INTO feed_item VALUES ('*', 'lot', 'L1', 2, NULL, $1)", json.dumps(lot))
    allotment = {"kind": "allotment", "quota_key": "lot:L1", "quantity": 3, "spoilage_permille": 30}
    fed = json.dumps(allotment)
    await pool.execute("INSERT INTO feed_item VALUES ('line-1', 'allotment', 'lot:L1', 1, 3, $1)", fed)
    await _old_window(pool, "line-1", "lot:L1", serials["line-1"])
    await _old_window(pool, "line-2", "lot:L1", [*serials["line-2"], foreign])
    await _old_window(pool, "line-3", "lot:L7", serials["line-3"])
    twice = serials["line-1"][1]
    await pool.execute("INSERT INTO conflict VALUES ('line-2', 'i', 1, $1, 'x', 'line-1', 'y', now())", twice)


async def test_no_page_of_what_was_told_before_gets_worse_but_a_foreign_issuers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A registry of the schema before this change, upgraded: every page says what it said, reasons and all."""
    dsn = await fresh_dsn(migrated=False)
    serials = {name: [new_serial(issuer, secrets.token_bytes) for _ in range(6)] for name, issuer in ISSUERS.items()}
    foreign = new_serial("P9Z", secrets.token_bytes)
    with monkeypatch.context() as before:
        old = [row for row in db.migrations() if row[0] <= 2]
        before.setattr(db, "migrations", lambda: old)
        pool = await db.connect(dsn, connections_max=1)
        await _old_registry(pool, serials, foreign)
        await pool.close()
    words = ["not_confirmed", "registered", "not_confirmed", "registered", "void", "void"]
    async with running(dsn=dsn) as upgraded:
        for of_agent in serials.values():
            for serial, word in zip(of_agent, words, strict=True):
                found = await facts(upgraded, serial)
                assert (found["registration"], found["reasons"], found["differences"]) == (word, [], [])
                kinds = [row["kind"] for row in found["warnings"]]
                assert kinds == (["conflict"] if serial == serials["line-1"][1] else [])
                html = (await upgraded.page(f"/01/{GTIN}/21/{serial}"))[1]
                assert "核实" not in read(html)
                assert f'<body class="{"conflict" if kinds else word}">' in html
        assert await verdicts(upgraded, [foreign]) == [against("not_entitled")]


async def test_an_agent_of_before_is_judged_by_the_feeds_it_told_before(registry: Registry, edge: Edge) -> None:
    """Fed 10, lowered to 4, upgraded; then it tells what it drew offline under the 10."""
    hear(edge, await edge.get("feed"))
    await edge.send()
    await registry.allot(edge.agent, 4)
    await registry.pool.execute("DELETE FROM entitlement")
    await registry.pool.execute("INSERT INTO entitlement VALUES ($1, 'lot:L1', NULL, 4)", edge.agent)
    await registry.pool.execute("UPDATE agent SET feeds_read = false")
    serials = edge.serials(11)
    edge.printed(serials)
    await new(edge)
    assert await verdicts(registry, serials[9:]) == [GOOD, against("not_allotted")]


# --- the rule itself --------------------------------------------------------------------------------------------------


def test_the_rule_says_which_serials_lie_above() -> None:
    serials = ["AAA1", "AAA2", "BBB3", "AAA4"]
    over, strange = Against.NOT_ALLOTTED, Against.NOT_ENTITLED
    assert judged(serials, "AAA", free=4) == {"BBB3": strange}
    assert judged(serials, "AAA", free=2) == {"BBB3": strange | over, "AAA4": over}
    assert judged(serials, "AAA", free=-7) == dict.fromkeys(serials, over) | {"BBB3": strange | over}
    written_off = over | Against.WRITTEN_OFF
    assert judged(serials[:1], "AAA", free=0, above=written_off) == {"AAA1": written_off}
    assert reasons(strange | Against.TOLD_AFTER_LOSS) == ("not_entitled", "told_after_loss")
    assert reasons(0) == ()
