"""The running sums: they are what a count of every label says, and what the agents' own ledgers say."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from central_registry import db
from central_registry.ingest.states import State
from central_registry.ingest.sums import BECAME, CONFLICTS, NO_DAY, day_of
from central_registry.lists import Ask
from central_registry.oversight.reconcile import reconcile
from central_registry.oversight.sums import chart, list_sums
from central_registry.parties.actor import PartyKind, Role
from edge_agent.ledger import Ledger
from label_protocol import chain
from label_protocol.errors import AgentError
from label_protocol.states import SerialState, Step
from tests.kits.ledger_kit import PROOF, an_order, link_of
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import Edge, Registry, running
from tests.kits.sync_kit import Station, station


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


_EVERY_SUM = "SELECT * FROM label_sum ORDER BY agent, quota_key, day"


async def recounted(registry: Registry) -> list[dict[str, Any]]:
    """The table as it must be, made of labels, drawings and conflicts alone; days by `date`, not by our arithmetic."""
    found: dict[tuple[str, str, date], dict[str, int]] = {}
    places = {
        bytes(row["draw"]): (row["agent"], row["quota_key"], row["day"])
        for row in await registry.rows(
            "SELECT draw, agent, quota_key, (sent_at::timestamptz AT TIME ZONE 'Asia/Shanghai')::date AS day "
            "FROM drawing"
        )
    }
    labels = await registry.rows("SELECT issuer, serial, draw, state FROM serial")
    assert all(row["issuer"] == row["serial"][:3] for row in labels)
    told = [(row["draw"], State(row["state"]).word) for row in labels]
    told += [(row["draw"], CONFLICTS) for row in await registry.rows("SELECT draw FROM conflict")]
    for draw, became in told:
        row = found.setdefault(
            places[bytes(draw)], dict.fromkeys(("drawn", *BECAME, "packed", "shipped", "returned", "by_roll"), 0)
        )
        row["drawn"] += 1
        row[became] += 1
    names = ("agent", "quota_key", "day")
    return [{**dict(zip(names, place, strict=True)), **row} for place, row in sorted(found.items())]


@pytest.mark.parametrize(
    ("hour", "day"),
    [
        ("2026-11-20T15", date(2026, 11, 20)),
        ("2026-11-20T16", date(2026, 11, 21)),
        ("2026-12-31T23", date(2027, 1, 1)),
        ("2024-02-29T00", date(2024, 2, 29)),
        ("1970-01-01T00", NO_DAY),
        ("2026-13-01T00", NO_DAY),
        ("20261120T0915", NO_DAY),
        ("", NO_DAY),
        ("٢٠٢٦-11-20T09", NO_DAY),
    ],
)
def test_a_day_is_beijings(hour: str, day: date) -> None:
    assert day_of(hour) == day


async def test_sums_are_what_a_count_of_every_label_says(registry: Registry) -> None:
    """Moves in the same batch and in later ones, conflicts of every kind, a replay, two days, a lost agent."""
    one, two = (await registry.enrolled("line-1")).begin(), (await registry.enrolled("line-2")).begin()
    labels = one.serials(6)
    one.printed(labels[:4])
    window = one.sending(labels[4:], lot_no="L2")
    _at(one, "2026-11-20T17:00:00.000Z").printed([*one.serials(2), labels[0]])
    await one.send()
    one.tell("label_decided", serial=labels[1], operator="o", reason="r", step="scrap")
    one.tell("label_decided", serial=labels[2], operator="o", reason="r", step="commission")
    one.tell("window_in_doubt", window=window, reason="r", evidence={})
    one.tell("label_decided", serial=labels[4], operator="o", reason="r", step="invalidate")
    await one.send()
    two.printed([labels[3], labels[3], *two.serials(1)])
    await two.send()
    await two.send()
    await registry.pool.execute("UPDATE agent SET lost_at = now() WHERE agent = 'line-2'")
    two.printed(two.serials(3))
    await two.send(len(two.bodies) - 1)
    assert await registry.rows(_EVERY_SUM) == (counted := await recounted(registry))
    assert [(row["agent"], str(row["day"]), row["drawn"], row["conflicts"]) for row in counted] == [
        ("line-1", "2026-11-20", 4, 0),
        ("line-1", "2026-11-21", 3, 1),
        ("line-1", "2026-11-20", 2, 0),
        ("line-2", "2026-11-20", 5, 1),
    ]
    books = await reconcile(registry.pool, recount=True)
    assert all(row["balanced"] for row in books["rows"])
    assert books["rows"] == (await reconcile(registry.pool))["rows"]


def _at(edge: Edge, at: str) -> Edge:
    """From here on its clock says that."""
    tell = edge.tell

    def told(type_: str, **fields: Any) -> dict[str, Any]:
        event = json.loads(chain.canonical({**tell(type_, **fields), "at": at}))
        edge.bodies[-1] = chain.canonical(event)
        edge.hashes[-1] = chain.link(edge.hashes[-2], edge.bodies[-1])
        return dict(event)

    edge.tell = told  # type: ignore[method-assign]
    return edge


@pytest.mark.parametrize("seed", [20261130, 7])
async def test_sums_are_what_the_agents_ledgers_say(registry: Registry, tmp_path: Path, seed: int) -> None:
    """Real ledgers, random days of two factories, told in whatever pieces."""
    chance = random.Random(seed)
    async with (
        station(tmp_path / "1", registry, await registry.enrolled("line-1")) as one,
        station(tmp_path / "2", registry, await registry.enrolled("line-2")) as two,
    ):
        for each in (one, two):
            await registry.allot(each.edge.agent, 1000)
            assert await each.sync() == "online"
        for _ in range(40):
            each = chance.choice((one, two))
            await _something(each, chance)
            if chance.random() < 0.3:
                assert await each.sync() == "online"
        for each in (one, two):
            assert await each.sync() == "online"
            assert await _sums_of(registry, each.edge.agent) == await _ledger_says(each)
    assert await registry.rows(_EVERY_SUM) == await recounted(registry)
    assert all(row["balanced"] for row in (await reconcile(registry.pool, recount=True))["rows"])


async def _something(one: Station, chance: random.Random) -> None:
    """A window with a verdict, or a person's word on a label; what the ledger refuses does not happen."""
    with contextlib.suppress(AgentError):
        if not one.printed or chance.random() < 0.4:
            job = await one.ledger.do(Ledger.open_job, an_order(8, printer=f"p{chance.random()}"))
            window = await one.ledger.do(Ledger.begin_window, job.job_id, limit=chance.randint(1, 8))
            one.printed += window.serials
            ways = (
                lambda: one.ledger.do(Ledger.prove_window, window.window_id, PROOF),
                lambda: one.ledger.do(Ledger.doubt_window, window.window_id, "silence", {"heard": None}),
                lambda: one.ledger.do(Ledger.never_sent, window.window_id, "refused"),
            )
            await chance.choice(ways)()
            return
        serial, step = chance.choice(one.printed), chance.choice(list(Step))
        if step is Step.SCAN:
            await one.ledger.do(Ledger.scan, serial, link_of(serial), "示例甲", on_garment=chance.random() < 0.5)
        else:
            await one.ledger.do(Ledger.decide, serial, step, "示例甲", "看过")


async def _sums_of(registry: Registry, agent: str) -> dict[str, int]:
    rows = await registry.rows("SELECT * FROM label_sum WHERE agent = $1", agent)
    return {name: sum(row[name] for row in rows) for name in ("drawn", *(state.value for state in SerialState))}


async def _ledger_says(one: Station) -> dict[str, int]:
    total = (await one.ledger.do(Ledger.balance))[-1]
    return {name: getattr(total, name) for name in ("drawn", *(state.value for state in SerialState))}


async def test_a_registry_of_before_has_its_sums_from_the_start(registry: Registry) -> None:
    """The migration counts what is there, as ingest would have."""
    edge = (await registry.enrolled()).begin()
    edge.printed([*(labels := edge.serials(3)), labels[0]])
    _at(edge, "2026-02-30T20:00:00.000Z").printed(edge.serials(1))
    _at(edge, "gestern").printed(edge.serials(2))
    await edge.send()
    before = await registry.rows(_EVERY_SUM)
    assert [str(row["day"]) for row in before] == ["1970-01-01", "2026-03-03", "2026-11-20"]
    await registry.pool.execute("DELETE FROM label_sum")
    text = next(text for number, _, text in db.migrations() if number == 14)
    await registry.pool.execute(_the_count(text))
    assert await registry.rows(_EVERY_SUM) == before


def _the_count(text: str) -> str:
    """The migration's statement that fills the table."""
    return text[text.index("WITH drawn AS") :].partition(";")[0]


# --- for people -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def people() -> AsyncIterator[dict[str, Any]]:
    """Two associations with a firm each, two lots of one firm, labels of both; who looks."""
    async with running() as registry:
        found: dict[str, Any] = {"registry": registry}
        kinds = PartyKind
        for name, of in (("one", None), ("two", None)):
            found[f"association {name}"] = await add_party(registry.pool, kinds.ASSOCIATION, f"示例协会{name}", of=of)
        for name, of in (("one", "association one"), ("two", "association two")):
            found[f"firm {name}"] = await add_party(registry.pool, kinds.FIRM, f"示例{name}厂", of=found[of])
        found["inspector"] = await add_party(registry.pool, kinds.INSPECTOR, "示例局", of=found["association one"])
        found["operator"] = await add_party(registry.pool, kinds.OPERATOR, "示例中心")
        for who in tuple(found):
            if who != "registry":
                found[who] = await add_person(registry.pool, found[who], Role.VIEWER)
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 10)
        for key, firm, lot_no in (
            ("lot:L1", "firm one", "L1"),
            ("lot:L2", "firm one", "L2"),
            ("lot:L3", "firm two", "L3"),
        ):
            await registry.pool.execute(
                "INSERT INTO quota_key (quota_key, firm, lot_no, style_no, minted_at) VALUES ($1, $2, $3, 'S1', now()) "
                "ON CONFLICT (quota_key) DO UPDATE SET firm = excluded.firm",
                key, found[firm].party, lot_no,
            )  # fmt: skip
        edge.printed(edge.serials(3))
        edge.printed(edge.serials(2), lot_no="L2")
        edge.printed(edge.serials(1), lot_no="L3")
        edge.printed(edge.serials(4), lot_no="L4")
        await edge.send()
        yield found


_SEEN = {
    "operator": ["lot:L1", "lot:L2", "lot:L3", "lot:L4"],
    "association one": ["lot:L1", "lot:L2", "lot:L4"],
    "association two": ["lot:L3", "lot:L4"],
    "firm one": ["lot:L1", "lot:L2"],
    "firm two": ["lot:L3"],
    "inspector": ["lot:L1", "lot:L2"],
}


async def test_everybody_sees_their_own(people: dict[str, Any]) -> None:
    for who, keys in _SEEN.items():
        found = await list_sums(people["registry"].pool, people[who], Ask())
        assert ([row["what"] for row in found.rows], found.total) == (keys, len(keys)), who


async def test_sums_by_firm_lot_agent_and_day(people: dict[str, Any]) -> None:
    pool, who = people["registry"].pool, people["association one"]

    async def asked(**more: str) -> list[tuple[str, int, int]]:
        found = await list_sums(pool, who, Ask(filters=more, sort="drawn", descending=True))
        return [(row["what"], row["allotted"], row["drawn"]) for row in found.rows]

    assert await asked() == [("lot:L4", 0, 4), ("lot:L1", 10, 3), ("lot:L2", 0, 2)]
    assert await asked(by="firm") == [(people["firm one"].party, 10, 5), ("unassigned", 0, 4)]
    assert await asked(by="agent", lot_no="L1") == [("line-1", 10, 3)]
    drawn, moved = await asked(by="day")
    assert drawn == ("2026-11-20", 0, 9)
    assert moved[1:] == (10, 0), "what was allotted stands with the day on which it was"
    assert drawn not in await asked(by="day", since="2026-11-21")
    assert await asked(by="day", until="2026-11-20") == [drawn]
    assert await asked(by="nonsense", lot_no="L2") == [("lot:L2", 0, 2)]
    rows = (await list_sums(pool, who, Ask(search="示例one", sort="drawn"))).rows
    assert [(row["firm_name"], row["lot_no"], row["style_no"]) for row in rows] == [
        ("示例one厂", "L2", "S1"),
        ("示例one厂", "L1", "S1"),
    ]
    second = await list_sums(pool, who, Ask(sort="what", descending=True, page=2, rows=2))
    assert ([row["what"] for row in second.rows], second.total) == (["lot:L1"], 3)
    assert chart(rows, ("printed", "scrapped")) == {
        "labels": ["lot:L2", "lot:L1"],
        "series": [{"figure": "printed", "values": [2, 3]}, {"figure": "scrapped", "values": [0, 0]}],
        "most": 3,
    }
