"""From a report to a certificate that stands: what is refused, who decides, what is stopped at once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from central_registry.goods import certificate_moves as moves
from central_registry.goods.certificates import State, limit, needs_certificate, standing, version
from central_registry.goods.certify import file_certificate
from central_registry.goods.kept_files import MOST_BYTES, KeptFile, media_type_of, read
from central_registry.goods.reports import Report, Sample, draw_sample, file_report
from central_registry.parties.actor import PartyKind, Role
from central_registry.problems import ProblemError
from label_protocol import chain
from tests.central_registry.goods.goods_kit import GRADE, PDF, House, a_house
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT

TODAY = AT.date()
DOWN_93 = {"part": "填充物", "down": {"species": "鹅绒", "cluster_percent": "93"}}


def _graded(**indicators: Any) -> dict[str, Any]:
    return {**GRADE, "indicators": {**GRADE["indicators"], **indicators}}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        yield found


async def stands(house: House, on: date = TODAY) -> int | None:
    async with house.pool.acquire() as connection:
        found = await standing(connection, house.firm, "L1", on)
    return None if found is None else found.version


async def test_a_certificate_stands_once_another_person_approved_it(house: House) -> None:
    filed = await house.filed()
    assert (filed.version, await stands(house), await house.waiting()) == (1, None, ["approve_certificate"])
    place = house.firm, "L1", 1
    with pytest.raises(ProblemError, match="不能“批准证书”"):
        await moves.approve(house.pool, house.technician, place, agreed=True, reason="", at=AT)
    assert await moves.approve(house.pool, house.approver, place, agreed=True, reason="", at=AT) is State.APPROVED
    assert (await stands(house), await house.waiting()) == (1, [])
    assert (await stands(house, TODAY - timedelta(days=1)), await stands(house, date(2027, 11, 20))) == (None, None)
    async with house.pool.acquire() as connection:
        found = await version(connection, house.firm, "L1", 1)
    assert found is not None
    lot = {"lot_no": "L1", "report_no": "R1", "lab": "示例检测中心", "quantity": 5000, "grade": GRADE}
    assert found.facts == {"product": {"style_no": "S1"}, "lot": lot}
    assert found.sha256 == chain.address(found.facts) == filed.sha256
    audit = await house.registry.rows("SELECT act, four_eyes, concerns FROM audit ORDER BY n")
    assert audit[-1] == {"act": "certificate_approved", "four_eyes": "kept", "concerns": house.firm}


async def test_who_filed_a_certificate_does_not_approve_it(house: House) -> None:
    await house.report()
    await file_certificate(house.pool, house.officer, house.filing(), AT)
    place = house.firm, "L1", 1
    with pytest.raises(ProblemError, match="不能是同一人"):
        await moves.approve(house.pool, house.officer, place, agreed=True, reason="", at=AT)
    assert await stands(house) is None
    alone = replace(house.officer, four_eyes=False)
    assert await moves.approve(house.pool, alone, place, agreed=True, reason="", at=AT) is State.APPROVED
    assert (await house.registry.rows("SELECT four_eyes FROM audit ORDER BY n DESC LIMIT 1"))[0]["four_eyes"] == "off"


async def test_a_rejected_version_says_why_and_the_next_one_may_be_filed(house: House) -> None:
    await house.filed()
    with pytest.raises(ProblemError, match="已有一版在等批准"):
        await file_certificate(house.pool, house.technician, house.filing(), AT)
    place = house.firm, "L1", 1
    with pytest.raises(ProblemError, match="理由 reason"):
        await moves.approve(house.pool, house.approver, place, agreed=False, reason=" ", at=AT)
    assert (
        await moves.approve(house.pool, house.approver, place, agreed=False, reason="字迹不清", at=AT) is State.REJECTED
    )
    assert (await house.filed()).version == 2
    with pytest.raises(ProblemError, match="expected one that waits for a second person"):
        await moves.approve(house.pool, house.approver, place, agreed=True, reason="", at=AT)


@pytest.mark.parametrize(
    ("other", "refused"),
    [
        ({"grade": {**GRADE, "overall": "AAAAAA"}}, "等级“AAAAAA”的写法不对"),
        ({"grade": _graded(warmth="大寒")}, r"D9, lot\.grade\.indicators\.warmth"),
        ({"grade": {**GRADE, "indicators": {"fill_power": "AAAA"}}}, "五项指标必须齐全"),
        ({"grade": _graded(fill_power={"level": "AAAA", "measured": "18", "unit": "mm"})}, r"D8, .*fill_power"),
        ({"scheme": "ctes-1080"}, r"D9, lot\.grade\.indicators\.down_leakage"),
        ({"scheme": "another"}, "没有这个分级方案"),
        ({"product": {"standard": "GB/T 14272-2021", "composition": [DOWN_93]}}, "D2, "),
        ({"product": {"colour": "黑"}}, "product.colour: expected only the fields"),
        ({"quantity": 5001}, "1 to the 5000 pieces of the lot, got 5001"),
        ({"quantity": 0}, "got 0"),
        ({"valid_to": TODAY - timedelta(days=1)}, "valid_to: expected a day from 2026-11-20 on"),
        ({"report_no": "R2"}, "没有登记这份报告"),
        ({"lot_no": "L9"}, "没有 批次"),
    ],
)  # fmt: skip
async def test_what_a_certificate_cannot_say_is_refused(house: House, other: dict[str, Any], refused: str) -> None:
    await house.report()
    with pytest.raises(ProblemError, match=refused):
        await file_certificate(house.pool, house.officer, house.filing(**other), AT)
    assert await house.registry.rows("SELECT FROM certificate") == []


async def test_one_report_stands_behind_one_lot(house: House) -> None:
    await house.report(covers=3000)
    with pytest.raises(ProblemError, match="一份报告只对应一个批次") as reused:
        await house.report(" r1".upper().replace("R", "Ｒ"), lot_no="L2")
    assert reused.value.document["rule"] == "report_reused"
    with pytest.raises(ProblemError, match="at most the 3000 pieces that it covers, got 5000"):
        await file_certificate(house.pool, house.officer, house.filing(), AT)
    with pytest.raises(ProblemError, match="报告已登记，内容不同"):
        await house.report(covers=9000)
    named = replace(house.filing(), lab="示例检测中心", lot_no="L2", quantity=1)
    with pytest.raises(ProblemError, match="expected lot L2, got another lot"):
        await file_certificate(house.pool, house.officer, named, AT)
    assert (await house.report(covers=3000))["file_hash"], "the same once more changes nothing"
    assert (
        len(await house.registry.rows("SELECT FROM report"))
        == len(await house.registry.rows("SELECT FROM kept_file"))
        == 1
    )


async def test_what_protects_works_at_once_and_a_second_person_confirms_or_lifts_it(house: House) -> None:
    await house.filed()
    place = house.firm, "L1", 1
    await moves.approve(house.pool, house.approver, place, agreed=True, reason="", at=AT)
    await moves.stop(house.pool, house.officer, place, withdraw=False, reason="投诉", at=AT)
    assert (await stands(house), await house.waiting()) == (None, ["stop_certificate"])
    due = await house.registry.rows("SELECT due_at FROM decision WHERE outcome IS NULL")
    assert due[0]["due_at"] == AT + timedelta(hours=72)
    with pytest.raises(ProblemError, match="不能是同一人"):
        await moves.lift(house.pool, house.officer, place, reason="误报", at=AT)
    with pytest.raises(ProblemError, match="不能是同一人"):
        await moves.confirm(house.pool, house.officer, place, reason="", at=AT)
    assert await moves.confirm(house.pool, house.approver, place, reason="", at=AT) is State.SUSPENDED
    with pytest.raises(ProblemError, match="不能是同一人"):
        await moves.lift(house.pool, house.officer, place, reason="误报", at=AT)
    assert await moves.lift(house.pool, house.approver, place, reason="复检合格", at=AT) is State.APPROVED
    assert (await stands(house), await house.waiting()) == (1, [])
    assert await house.moves() == [("approved", False), ("suspended", True), ("suspended", False), ("approved", False)]
    await moves.stop(house.pool, house.approver, place, withdraw=True, reason="数据造假", at=AT)
    await moves.confirm(house.pool, house.officer, place, reason="", at=AT)
    with pytest.raises(ProblemError, match="withdrawn and not yet confirmed, got withdrawn"):
        await moves.lift(house.pool, house.officer, place, reason="误报", at=AT)


async def test_a_newer_version_takes_the_place_of_the_one_before(house: House) -> None:
    for number in (1, 2):
        await house.filed(quantity=5000 - number)
        await moves.approve(house.pool, house.approver, (house.firm, "L1", number), agreed=True, reason="", at=AT)
    assert await stands(house) == 2
    assert await house.moves(1) == [("approved", False), ("superseded", False)]
    with pytest.raises(ProblemError, match="got superseded"):
        await moves.stop(house.pool, house.officer, (house.firm, "L1", 1), withdraw=False, reason="x", at=AT)


async def test_another_associations_lot_is_as_if_it_were_not_there(house: House) -> None:
    await house.filed()
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "示例二协会")
    stranger = await add_person(house.pool, other, Role.OFFICER, Role.APPROVER)
    lab = await add_party(house.pool, PartyKind.LAB, "示例二检测", of=other)
    technician = await add_person(house.pool, lab, Role.LAB)
    place = house.firm, "L1", 1
    for actor in (stranger, technician):
        with pytest.raises(ProblemError, match="没有 企业"):
            await file_certificate(house.pool, actor, house.filing(), AT)
        with pytest.raises(ProblemError, match="没有 企业"):
            await draw_sample(house.pool, actor, Sample(house.firm, "L1", "1", 5, TODAY, "示例甲"), AT)
    with pytest.raises(ProblemError, match="没有 企业"):
        await moves.approve(house.pool, stranger, place, agreed=True, reason="", at=AT)
    with pytest.raises(ProblemError, match="没有 企业"):
        await moves.stop(house.pool, stranger, place, withdraw=True, reason="x", at=AT)
    digest = (await house.report())["file_hash"]
    assert (await read(house.pool, house.clerk, digest)).body == PDF.body
    with pytest.raises(ProblemError, match="没有 文件"):
        await read(house.pool, stranger, digest)


async def test_a_sample_has_one_number(house: House) -> None:
    sample = Sample(house.firm, "L1", "Y-1", 12, TODAY, "示例甲", lab=house.lab)
    await draw_sample(house.pool, house.officer, sample, AT)
    with pytest.raises(ProblemError, match="样品编号已用"):
        await draw_sample(house.pool, house.officer, replace(sample, lot_no="L2"), AT)
    with pytest.raises(ProblemError, match="drawn_on: expected a day up to today"):
        await draw_sample(house.pool, house.officer, replace(sample, sample_no="2", drawn_on=date(2027, 1, 1)), AT)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"<html>%PDF-", None),
        (b"", None),
        (b"%PDF-" + bytes(MOST_BYTES), None),
    ],
    ids=["pdf", "jpeg", "png", "html", "empty", "large"],
)
async def test_a_file_is_what_its_bytes_are(body: bytes, kind: str | None) -> None:
    if kind is None:
        with pytest.raises(ProblemError):
            media_type_of(body)
    else:
        assert media_type_of(body) == kind


async def test_a_file_of_another_kind_files_no_report(house: House) -> None:
    report = Report(house.firm, "L1", house.lab, "R1", TODAY, 5000)
    with pytest.raises(ProblemError, match="文件不是 PDF"):
        await file_report(house.pool, house.technician, report, KeptFile("a.pdf", b"MZ"), AT)
    assert await house.registry.rows("SELECT FROM report") == []


async def test_what_needs_a_certificate_and_what_has_a_limit(house: House) -> None:
    assert needs_certificate({"lot": {"grade": GRADE}})
    assert not any(needs_certificate(json.loads(text)) for text in ("{}", '{"lot": {}}', '{"lot": 3}'))
    async with house.pool.acquire() as connection:
        assert await limit(connection, house.firm, "lot", "L1") is None
