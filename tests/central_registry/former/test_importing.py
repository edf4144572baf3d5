"""What an association brings of its former platform: whole or not at all, once, marked, and never as ours."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.agents.enrolment import add_agent
from central_registry.distribution.keys import Goods
from central_registry.goods.lot_limit import excess
from central_registry.issuing.checks import QUANTITY_FREE, RULES
from central_registry.issuing.evidence import gather
from central_registry.parties.actor import PartyKind
from central_registry.problems import ProblemError, RefusedError
from label_protocol.codes.serial import new_serial
from tests.central_registry.former.former_kit import HEADER, HOST, Association, a_file, an_association, code
from tests.kits.platform_kit import a_uscc, add_party
from tests.kits.registry_kit import AT


@pytest.fixture
async def house() -> AsyncIterator[Association]:
    async with an_association() as found:
        yield found


NEW = {
    "certificate": {"new": 1}, "firm": {"new": 1}, "gtin": {"new": 1}, "label": {"new": 1}, "lot": {"new": 1},
    "serial": {"new": 3}, "style": {"new": 1},
}  # fmt: skip


async def test_a_preview_says_all_and_keeps_nothing(house: Association) -> None:
    before = await house.counts()
    report = await house.previews(a_file(house.firm))
    assert (report.as_json()["counts"], report.refused) == (NEW, [])
    assert await house.counts() == before


async def test_all_is_brought_once_and_marked(house: Association) -> None:
    assert (await house.brings(a_file(house.firm))).as_json()["counts"] == NEW
    rows = house.registry.rows
    status = await rows("SELECT status, reason, by_party FROM party_status WHERE party = $1", house.firm)
    assert (status[0]["status"], status[0]["by_party"]) == ("watched", house.officer.party)
    assert "由原平台“示例旧平台”导入" in status[0]["reason"]
    assert (await rows("SELECT source, quantity FROM lot"))[0] == {"source": "import", "quantity": 5000}
    certificate = (await rows("SELECT state, source, version, report_no FROM certificate"))[0]
    assert certificate == {"state": "imported", "source": "import", "version": 1, "report_no": "OR-1"}
    marks = await rows("SELECT kind, number FROM former_row ORDER BY kind")
    assert [tuple(row.values()) for row in marks] == [
        ("certificate", "OLD-1"), ("firm", ""), ("label", "A"), ("lot", "L9"), ("style", "S9"),
    ]  # fmt: skip
    brought = (await rows("SELECT platform, sha256, person FROM former_import"))[0]
    assert (brought["platform"], brought["person"]) == ("示例旧平台", house.officer.person)
    audit = (await rows("SELECT act, about, detail FROM audit"))[-1]
    assert (audit["act"], audit["about"]) == ("import_former", "示例旧平台") and brought["sha256"] in audit["detail"]


async def test_the_same_file_again_changes_nothing(house: Association) -> None:
    await house.brings(a_file(house.firm))
    before = await house.counts()
    again = await house.brings(a_file(house.firm))
    assert {state for _, state in again.counts if again.counts[_, state]} == {"same"}
    assert await house.counts() == before


async def test_no_event_no_sum_and_no_serial_is_made_of_it(house: Association) -> None:
    await house.brings(a_file(house.firm))
    for table in ("serial", "drawing", "edge_words", "label_sum", "quota_use", "scan"):
        assert await house.pool.fetchval(f"SELECT count(*) FROM {table}") == 0, table


def changed(rows: list[dict[str, Any]], at: int, **other: Any) -> list[dict[str, Any]]:
    return [{**row, **other} if n == at else row for n, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("at", "other", "told"),
    [
        (1, {"address": "浙江平湖"}, "address: – → 浙江平湖"),
        (3, {"quantity": 4000}, "quantity: 5000 → 4000"),
        (4, {"facts": {"品名": "羽绒衣"}}, "facts.品名: 羽绒服 → 羽绒衣"),
        (5, {"state": "void"}, "state: in_use → void"),
    ],
)
async def test_what_differs_is_named_and_needs_replace(
    house: Association, at: int, other: dict[str, Any], told: str
) -> None:
    rows = a_file(house.firm)
    await house.brings(rows)
    before = await house.counts()
    with pytest.raises(ProblemError, match=rf"1 行与已导入的不同.*line {at + 1}: .*{told}"):
        await house.brings(changed(rows, at, **other))
    assert await house.counts() == before
    report = await house.brings(changed(rows, at, **other), replace=True)
    assert sum(lines for (_, state), lines in report.counts.items() if state == "differs") == 1
    assert (await house.previews(changed(rows, at, **other))).all("differs") == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"kind": "serial", "firm": a_uscc(), "code": "X1"}, "没有此企业"),
        ({"kind": "goods", "firm": a_uscc(), "record": a_file("F")[2]["record"]}, "没有此企业"),
        ({"kind": "serial", "code": "X1", "label": "B"}, "没有这份标签内容"),
        ({"kind": "serial", "code": "HTTPS://CODE.EXAMPLE.CN/q?c=0001"}, "出现两次.*after line 6"),
        ({"kind": "serial", "code": "\n"}, "标签上的码不对"),
        ({"kind": "label", "label": "A", "facts": {"a": "b"}}, "expected once in a file"),
        (b"{", "expected JSON"),
    ],
)
async def test_one_wrong_line_refuses_the_whole_file(house: Association, line: Any, reason: str) -> None:
    before = await house.counts()
    rows: list[Any] = [*a_file(house.firm), line if isinstance(line, bytes) else {"firm": house.firm, **line}]
    with pytest.raises(ProblemError, match=f"1 行不能导入.*line 9: .*{reason}") as refused:
        await house.brings(rows)
    assert [one["line"] for one in refused.value.document["refused"]] == [9]
    assert await house.counts() == before


async def test_certificates_are_held_to_their_scheme_and_their_report(house: Association) -> None:
    rows = a_file(house.firm)
    for other, reason in (
        ({"grade": {**rows[3]["grade"], "overall": "AAAAAAA"}}, "D"),
        ({"lot_no": "L8"}, "批次"),
        ({"quantity": 6000}, "证书数量超出批次"),
        ({"scheme": "none-such"}, "没有这个分级方案"),
    ):
        report = await house.previews(changed(rows, 3, **other))
        assert [line for line, _ in report.refused] == [4] and reason in report.refused[0][1]
    second = {**rows[3], "number": "OLD-2", "lot_no": "L10"}
    lot = {**rows[2], "record": {**rows[2]["record"], "lot": {**rows[2]["record"]["lot"], "lot_no": "L10"}}}
    report = await house.previews([*rows, lot, second])
    assert len(report.refused) == 1 and "一份报告只对应一个批次" in report.refused[0][1]


async def test_a_code_built_like_ours_is_refused(house: Association) -> None:
    edge = await house.registry.enrolled()
    serial = edge.serial()
    for text in (serial, f"https://id.example.cn/01/06901234567892/10/L1/21/{serial}"):
        with pytest.raises(ProblemError, match=f"与本平台自己的序列号相同.*{serial}"):
            await house.brings([*a_file(house.firm), {"kind": "serial", "firm": house.firm, "code": text}])


async def test_a_firm_that_is_not_ours_is_not_taken_over(house: Association) -> None:

    other = await add_party(house.pool, PartyKind.FIRM, "示例针织")
    report = await house.previews(a_file(other))
    assert "不是本协会准入的企业" in report.refused[0][1]


async def test_only_an_officer_of_an_association_brings_it(house: Association) -> None:
    with pytest.raises(ProblemError, match="您的账号不能"):
        await house.brings([HEADER], actor=house.approver)


async def test_codes_of_the_former_platform_count_against_the_certificate(house: Association) -> None:
    """A piece that bears a former code needs no second one; a void code is on no piece."""
    await house.brings(a_file(house.firm, 500))
    goods = Goods(house.firm, "S9", "L9")
    async with house.pool.acquire() as connection:
        evidence = await gather(connection, goods, "line-1", 1, AT)
        assert (evidence.certificate, evidence.limit) == (None, None), "an imported certificate lets nothing be ordered"
        await connection.execute("UPDATE certificate SET state = 'approved'")
        evidence = await gather(connection, goods, "line-1", 4502, AT)
        assert (evidence.limit, evidence.taken, evidence.former) == (5000, 499, 499)
        passed, expected, _ = RULES[QUANTITY_FREE](evidence)
        assert not passed and "原平台已发 by the former platform 499" in expected
        await connection.execute("UPDATE certificate SET state = 'imported'")
        style = await gather(connection, Goods(house.firm, "S9"), "line-1", 1, AT)
        assert style.taken == 499, "the limit of a style counts all its lots"


async def test_the_command_of_before_counts_them_too(house: Association) -> None:
    await house.brings(a_file(house.firm, 500))
    await house.registry.enrolled()
    key = await house.pool.fetchval("SELECT quota_key FROM quota_key WHERE lot_no = 'L9'")
    async with house.pool.acquire() as connection:
        assert await excess(connection, key, "line-1", 4501) is None
        over = await excess(connection, key, "line-1", 4502)
    assert over is not None and over.allotted == 5001


async def test_a_line_that_is_refused_is_not_called_new(house: Association) -> None:
    """Each line comes out one way, so that the counts of a preview add up to the file."""
    rows = a_file(house.firm)
    other = {**rows[-1], "firm": "91330482MA0000003X"}
    told = await house.previews([*rows, rows[-1], {**other, "code": code(9)}, {**rows[4], "firm": other["firm"]}])
    assert told.as_json()["counts"] == {
        "certificate": {"new": 1}, "firm": {"new": 1}, "gtin": {"new": 1}, "label": {"new": 1, "refused": 1},
        "lot": {"new": 1},
        "serial": {"new": 3, "refused": 2}, "style": {"new": 1},
    }  # fmt: skip
    await house.brings(rows)
    moved = await house.previews([rows[0], {**rows[1], "status": "active"}], replace=True)
    assert moved.as_json()["counts"] == {"firm": {"refused": 1}}


@pytest.mark.parametrize("other", [{"name": "示例服装"}, {"short_name": "服装"}, {"contact": "0573-00000000"}])
async def test_what_consumers_read_of_a_firm_is_changed_by_no_file(house: Association, other: dict[str, Any]) -> None:
    rows = a_file(house.firm)
    await house.brings(rows)
    told = await house.previews(changed(rows, 1, **other), replace=True)
    assert told.as_json()["counts"]["firm"] == {"refused": 1}
    with pytest.raises(ProblemError, match="名称、简称、电话不随导入改变"):
        await house.brings(changed(rows, 1, **other), replace=True)


async def test_an_issuer_that_stands_on_former_labels_is_given_to_nobody(house: Association) -> None:
    """Else a serial of an agent to come could be one that hangs in a shop already."""
    ours = new_serial("7Z7", secrets.token_bytes)
    codes = [f"https://{HOST}/01/06901234567892/10/A/21/{ours}", ours]
    await house.brings(
        [*a_file(house.firm, 0), *({"kind": "serial", "firm": house.firm, "code": one} for one in codes)]
    )
    await house.pool.execute("INSERT INTO meta (key, value) VALUES ('issuers', '7Z6-7Z7')")
    await add_agent(house.pool, "line-1", AT)
    assert await house.pool.fetchval("SELECT issuer FROM agent WHERE agent = 'line-1'") == "7Z6"
    with pytest.raises(RefusedError, match="expected a free one"):
        await add_agent(house.pool, "line-2", AT)
