"""Whose a style, a lot and a GTIN are: two firms' numbers never meet, and what was here before firms goes to one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry import db
from central_registry.distribution.items import put_lost
from central_registry.goods import lot_import
from central_registry.parties.actor import PartyKind
from central_registry.problems import RefusedError
from tests.kits.platform_kit import a_uscc, add_party
from tests.kits.registry_kit import Registry, fresh_dsn, garment, running

SMALL, LARGE = "06901234567892", "06901234567908"
_ITEM = """INSERT INTO feed_item (agent, kind, key, n, quantity, style_no, body)
VALUES ($1, $2, $3, $4, $5, $6, $7)"""


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


async def firms(registry: Registry) -> tuple[str, str]:
    one = await add_party(registry.pool, PartyKind.FIRM, "示例服饰")
    return one, await add_party(registry.pool, PartyKind.FIRM, "示例针织")


async def test_two_firms_with_the_same_numbers_never_meet(registry: Registry) -> None:
    one, two = await firms(registry)
    mine, theirs = garment("L1", "S1", brand="甲", size="165"), garment("L1", "S1", brand="乙", size="175", gtin=LARGE)
    for firm, record in ((one, mine), (two, theirs), ("unassigned", garment("L1", "S1", gtin="06901234567915"))):
        said = await lot_import.import_lots(registry.pool, [record], firm=firm)
        assert said == {"styles": 1, "lots": 1, "changed": 2, "other_sizes": 0}
    rows = await registry.rows("SELECT firm, record FROM lot WHERE lot_no = 'L1'")
    brands = {row["firm"]: json.loads(row["record"])["product"].get("brand") for row in rows}
    assert brands == {one: "甲", two: "乙", "unassigned": None}
    fed = await registry.rows("SELECT body FROM feed_item WHERE agent = '*' AND kind = 'lot'")
    bodies = [json.loads(row["body"]) for row in fed]
    assert {body.get("firm"): body["record"]["product"].get("brand") for body in bodies} == {
        one: "甲",
        two: "乙",
        None: None,
    }


async def test_a_gtin_is_one_firms_one_styles_one_sizes(registry: Registry) -> None:
    one, two = await firms(registry)
    await lot_import.import_lots(registry.pool, [garment("L1", "S1", size="165")], firm=one)
    with pytest.raises(RefusedError, match=f"expected that of {two} S9 170, got one of another firm; correct"):
        await lot_import.import_lots(registry.pool, [garment("L9", "S9", size="170")], firm=two, replace=True)
    with pytest.raises(RefusedError, match=r"gtin 06901234567892, S1 165 → S1 170"):
        await lot_import.import_lots(registry.pool, [garment(None, "S1", size="170")], firm=one)
    twice = [garment(None, "S3", size=size, gtin=LARGE) for size in ("165", "170")]
    with pytest.raises(RefusedError, match=f"GTIN {LARGE}: expected that of {one} S3 170"):
        await lot_import.import_lots(registry.pool, twice, firm=one, replace=True)
    await lot_import.import_lots(registry.pool, [garment(None, "S1", size="170")], firm=one, replace=True)
    assert [dict(row) for row in await registry.pool.fetch("SELECT gtin, firm, style_no, size FROM trade_item")] == [
        {"gtin": SMALL, "firm": one, "style_no": "S1", "size": "170"}
    ]


@pytest.mark.parametrize("kind", [None, PartyKind.LAB])
async def test_goods_are_taken_in_for_a_firm_that_was_admitted(registry: Registry, kind: PartyKind | None) -> None:
    party = a_uscc() if kind is None else await add_party(registry.pool, kind, "示例检测")
    with pytest.raises(RefusedError, match="没有此企业"):
        await lot_import.import_lots(registry.pool, [garment("L1")], firm=party)


async def test_a_preview_says_what_would_change_and_changes_nothing(registry: Registry) -> None:
    one, two = await firms(registry)
    await lot_import.import_lots(registry.pool, [garment("L1", "S1", size="165")], firm=one)
    await lot_import.import_lots(registry.pool, [garment(None, "S8", gtin=LARGE)], firm=two)
    records = [garment("L1", "S1", size="165", quantity=10), garment("L2", "S2", size="1", gtin=LARGE)]
    before = await registry.rows("SELECT * FROM feed_item ORDER BY n")
    async with registry.pool.acquire() as connection:
        placed = [(f"row {number}", record) for number, record in enumerate(records, 2)]
        steps = await lot_import.preview(connection, placed, lot_import.Taken(one))
    assert [(step.where, *step.place, step.state) for step in steps] == [
        ("row 2", "style", "S1", "same"),
        ("row 2", "lot", "L1", "differs"),
        ("row 2", "gtin", SMALL, "same"),
        ("row 3", "style", "S2", "new"),
        ("row 3", "lot", "L2", "new"),
        ("row 3", "gtin", LARGE, "refused"),
    ]
    assert steps[1].told == ("lot.quantity: 5000 → 10",)
    assert await registry.rows("SELECT * FROM feed_item ORDER BY n") == before
    assert len(await registry.rows("SELECT FROM style")) == 2


async def test_an_old_name_that_a_firm_has_is_imported_for_that_firm(registry: Registry) -> None:
    one, _ = await firms(registry)
    await lot_import.import_lots(registry.pool, [garment("L1", "S1")])
    assert await registry.rows("SELECT quota_key, lot_no, style_no, gtins FROM quota_key ORDER BY 1") == [
        {"quota_key": "lot:L1", "lot_no": "L1", "style_no": "S1", "gtins": [SMALL]},
        {"quota_key": "style:S1", "lot_no": None, "style_no": "S1", "gtins": [SMALL]},
    ]
    await registry.pool.execute("UPDATE quota_key SET firm = $1 WHERE quota_key = 'lot:L1'", one)
    with pytest.raises(RefusedError, match=f"编号已归属企业 · lot L1: .*{one} 示例服饰"):
        await lot_import.import_lots(registry.pool, [garment("L1", "S1")], replace=True)


async def test_a_lot_taken_back_from_an_agent_is_its_firms(registry: Registry) -> None:
    item = {"kind": "lot", "lot_no": "L7", "record": garment("L7", "S7", quantity=12)}
    async with registry.pool.acquire() as connection, connection.transaction():
        assert await put_lost(connection, "line-1", item, 90) == "lot L7"
    found = await registry.rows("SELECT firm, style_no, quantity, source FROM lot")
    assert found == [{"firm": "unassigned", "style_no": "S7", "quantity": 12, "source": "agent"}]


async def test_what_was_here_before_firms_goes_to_one_and_keeps_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    dsn = await fresh_dsn(migrated=False)
    everything = db.migrations()
    monkeypatch.setattr(db, "migrations", lambda: [one for one in everything if one[0] < 9])
    async with await db.connect(dsn, connections_max=1) as pool:
        await _as_it_was(pool)
    monkeypatch.setattr(db, "migrations", lambda: everything)
    async with await db.connect(dsn, connections_max=1) as pool:
        lots = [
            dict(row) for row in await pool.fetch("SELECT firm, lot_no, style_no, quantity, source FROM lot ORDER BY 2")
        ]
        keys = {row["quota_key"]: dict(row) for row in await pool.fetch("SELECT * FROM quota_key")}
        items = await pool.fetch("SELECT gtin, firm, style_no, size FROM trade_item")
        doubts = await pool.fetch("SELECT what, number FROM goods_doubt ORDER BY 1")
        record = json.loads(await pool.fetchval("SELECT record FROM lot WHERE lot_no = 'L1'"))
    of = {"firm": "unassigned", "source": "before_firms"}
    assert lots == [
        {**of, "lot_no": "L1", "style_no": "S1", "quantity": 5000},
        {**of, "lot_no": "L2", "style_no": "S2", "quantity": None},
    ]
    assert record == garment("L1", "S1", size="165", name="a")
    assert sorted(keys) == ["lot:L1", "lot:L2", "lot:L3", "odd", "style:S1", "style:S9"]
    assert {row["firm"] for row in keys.values()} == {"unassigned"}
    told = {name: (row["lot_no"], row["style_no"], row["gtins"]) for name, row in keys.items()}
    assert told["lot:L1"] == ("L1", "S1", [SMALL, LARGE]), "also what labels said"
    assert told["style:S9"] == (None, "S9", []) and told["odd"] == (None, "", [])
    assert [tuple(row) for row in items] == [(SMALL, "unassigned", "S1", "165")], "the first one keeps it"
    assert [tuple(row) for row in doubts] == [("gtin", SMALL), ("key", "lot:L1")]


async def _as_it_was(pool: Any) -> None:
    nul = garment("L1", "S1", size="165", name="a")
    bodies = [
        ("style", "S1", {"record": {"product": nul["product"]}}, None, None),
        ("lot", "L1", {"record": nul}, 5000, "S1"),
        ("lot", "L2", {"record": garment("L2", "S2", size="170", quantity=None)}, None, "S2"),
    ]
    for n, (kind, key, body, quantity, style_no) in enumerate(bodies, 1):
        text = json.dumps({"kind": kind, f"{kind}_no": key, **body}).replace('"a"', '"a\\u0000"')
        await pool.execute(_ITEM, "*", kind, key, n, quantity, style_no, text)
    await pool.execute(_ITEM, "line-1", "allotment", "lot:L3", 9, 5, None, "{}")
    await pool.execute("INSERT INTO quota_use (agent, quota_key, drawn, freed) VALUES ('line-1', 'odd', 1, 0)")
    await pool.execute("INSERT INTO entitlement (agent, quota_key, allotted) VALUES ('line-1', 'style:S9', 1)")
    await pool.execute(
        "INSERT INTO drawing (draw, agent, window_id, job, snapshot, quota_key, gtin, lot_no, sent_at, serials, "
        "differs) VALUES ('d', 'line-1', 'w', 'j', 's', 'lot:L1', $1, 'L1', 'now', '{}', $2)",
        LARGE,
        json.dumps([["maker", "示例针织", "示例服饰"]]),
    )
