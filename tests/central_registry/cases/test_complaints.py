"""A complaint from the form beside the scan page to the day its words are deleted, behind the fence."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import FormData

from central_registry.cases import work
from central_registry.cases.forgetting import forget_due
from central_registry.cases.steps import Step
from central_registry.complaining import COUNTER
from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.http.context import PEOPLE
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.problems import ProblemError
from tests.central_registry.cases.test_photos import made, with_traces
from tests.kits.login_kit import Clock
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT, Registry, garment, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASTED = {"about": "content", "words": "标的是鹅绒，里面是鸭毛", "bought": "示例商场", "contact": "13800000000"}


@dataclass
class Street:
    """A label on sale, who looks after its firm, and who asks over HTTP."""

    registry: Registry
    clock: Clock
    serial: str
    firm: str
    officer: Actor
    second: Actor
    clerk: Actor
    stranger: Actor

    @property
    def people(self) -> Any:
        return self.registry.http.server.app[PEOPLE]  # type: ignore[attr-defined]

    async def send(self, *photos: bytes, to: str = "/complaint", **typed: str) -> tuple[int, str]:
        data = FormData({**({"code": self.serial, **PASTED} if to == "/complaint" else {}), **typed})
        for n, body in enumerate(photos, 1):
            data.add_field(f"photo{n}", body, filename=f"IMG_{n}.jpg", content_type="image/jpeg")
        answer = await self.registry.http.post(to, data=data)
        return answer.status, await answer.text()

    async def filed(self, *photos: bytes, **typed: str) -> tuple[str, str]:
        status, page = await self.send(*photos, **typed)
        assert status == 200, page
        number, word = re.findall(r'<dd class="code">([^<]+)</dd>', page)
        return number.replace(" ", ""), word

    async def read(self, number: str, word: str, **more: str) -> tuple[int, str]:
        return await self.send(to=f"/complaint/{number}", word=word, **more)

    async def step(self, actor: Actor, number: str, step: Step, said: str = "好") -> dict[str, Any]:
        return await work.step(self.people, actor, number, step, said, self.clock())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def street() -> AsyncIterator[Street]:
    clock = Clock()
    async with running(clock=clock, fenced=True) as registry:
        pool = registry.pool
        association, other = [await add_party(pool, PartyKind.ASSOCIATION, name) for name in ("示例协会", "示例别会")]
        firm = await add_party(pool, PartyKind.FIRM, "示例甲", of=association)
        lot = {"kind": "lot", "lot_no": "L1", "record": garment("L1")}
        await in_transaction(pool, lambda c: items.put_goods(c, firm, [lot], AT))
        key = await pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1", firm)
        edge = (await registry.enrolled()).begin()
        serial = edge.serial()
        edge.printed([serial], quota_key=key)
        await edge.send()
        people = [
            await add_person(pool, party, *roles)
            for party, roles in (
                (association, (Role.OFFICER,)),
                (association, (Role.APPROVER,)),
                (firm, (Role.OFFICER,)),
                (other, (Role.OFFICER,)),
            )
        ]
        yield Street(registry, clock, serial, firm, *people)


@pytest.fixture(autouse=True)
def a_new_day(street: Street) -> None:
    """What one test sent does not count against the next."""
    street.clock.later(days=1)


async def test_from_the_page_to_the_closing_and_until_it_is_forgotten(street: Street) -> None:
    number, word = await street.filed(with_traces(), made("PNG"))
    case = await work.show_case(street.people, street.officer, number, street.clock())
    assert (case["firm"], case["lot_no"], case["state"], case["photos"]) == (street.firm, "L1", "received", 2)
    assert (case["contact"], case["late"], case["days"]) == (PASTED["contact"], False, 0)
    photo = await work.photo_of(street.people, street.officer, number, 1, street.clock())
    assert photo.startswith(b"\xff\xd8\xff")
    assert b"SECRET" not in photo
    await street.step(street.officer, number, Step.TAKE, "")
    with pytest.raises(ProblemError, match="expected one of yours"):
        await work.show_case(street.people, street.clerk, number, street.clock())
    await street.step(street.officer, number, Step.NOTE, "已打电话给投诉人")
    await street.step(street.officer, number, Step.ASK_FIRM, "请说明这批的填充物")
    asked = await work.show_case(street.people, street.clerk, number, street.clock())
    assert (asked["contact"], asked["words"]) == (None, PASTED["words"]), "a firm hears of what, and not of whom"
    assert [one["step"] for one in asked["steps"]] == ["take", "ask_firm"], "a note may say who complained"
    await street.step(street.clerk, number, Step.FIRM_SAYS, "正在复检")
    await street.step(street.officer, number, Step.ANSWER, "已抽样复检，结果相符")
    status, page = await street.read(number, word)
    assert (status, "结果相符" in page, "正在复检" in page) == (200, True, False), "what the firm says is not for all"
    assert (await street.read(number, word, said="结果呢？"))[0] == 200
    with pytest.raises(ProblemError, match="expected another person"):
        await street.step(street.officer, number, Step.ANSWER, "还是那样")
    with pytest.raises(ProblemError, match="现在不能这样办"):
        await street.step(street.second, number, Step.CLOSE)
    await street.step(street.second, number, Step.ANSWER, "附上检验报告编号")
    await street.step(street.second, number, Step.CLOSE, "办结")
    assert (await street.read(number, word, said="再来"))[0] == 409
    await _forgotten(street, number, word)


async def _forgotten(street: Street, number: str, word: str) -> None:
    at = street.clock()
    await forget_due(street.people, at + timedelta(days=729))
    assert (await street.read(number, word))[0] == 200
    assert await forget_due(street.people, at + timedelta(days=732)) >= 1
    assert await forget_due(street.people, at + timedelta(days=732)) == 0, "once"
    for table in ("complaint_contact", "complaint_photo"):
        held = await street.registry.pool.fetchval(f"SELECT count(*) FROM {table} WHERE complaint = $1", number)
        assert held == 0, table
    rows = await street.registry.pool.fetch(
        "SELECT row_to_json(c)::text AS r FROM complaint c WHERE complaint = $1", number
    )
    said = await street.registry.pool.fetch("SELECT said FROM complaint_step WHERE complaint = $1", number)
    assert not any(PASTED["words"] in row["r"] or PASTED["bought"] in row["r"] for row in rows)
    assert {row["said"] for row in said} == {""}
    assert (await street.read(number, word))[0] == 404


async def test_a_case_that_nobody_closes_is_forgotten_too(street: Street) -> None:
    number, word = await street.filed()
    await street.step(street.officer, number, Step.TAKE, "")
    await street.step(street.officer, number, Step.ANSWER, "已核实")
    await forget_due(street.people, street.clock() + timedelta(days=729))
    assert (await street.read(number, word))[0] == 200
    await forget_due(street.people, street.clock() + timedelta(days=732))
    assert (await street.read(number, word))[0] == 404


async def test_another_association_and_a_wrong_word_see_nothing(street: Street) -> None:
    number, word = await street.filed()
    with pytest.raises(ProblemError, match="expected one of yours"):
        await work.show_case(street.people, street.stranger, number, street.clock())
    with pytest.raises(ProblemError, match="expected one of yours"):
        await street.step(street.stranger, number, Step.TAKE)
    with pytest.raises(ProblemError, match="您的账号不能"):
        await street.step(street.clerk, number, Step.ANSWER)
    wrong = await street.read(number, "AAAA-BBBB-CCCC")
    assert wrong[0] == 404
    assert PASTED["words"] not in wrong[1]
    assert (await street.read(number, word.lower().replace("-", " ")))[0] == 200


async def test_a_code_that_nobody_told_of_is_every_associations_to_look_at(street: Street) -> None:
    number, _ = await street.filed(code="抄来的码 123", about="fake")
    for actor in (street.officer, street.stranger):
        assert (await work.show_case(street.people, actor, number, street.clock()))["serial"] == "抄来的码 123"


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"words": ""}, 422), ({"about": "odd"}, 422), ({"code": ""}, 422), ({"words": "长" * 2001}, 422)],
)
async def test_what_will_not_do_is_said_and_what_was_typed_stays(
    street: Street, typed: dict[str, str], status: int
) -> None:
    found = await street.send(**typed)
    assert (found[0], 'role="alert"' in found[1], PASTED["bought"] in found[1]) == (status, True, True)


async def test_a_photo_that_is_none_is_refused_whole(street: Street) -> None:
    before = await street.registry.pool.fetchval("SELECT count(*) FROM complaint")
    status, page = await street.send(b"<script>alert(1)</script>")
    assert (status, "照片打不开" in page) == (422, True)
    assert await street.registry.pool.fetchval("SELECT count(*) FROM complaint") == before


async def test_one_client_fills_neither_the_day_nor_the_disk(street: Street) -> None:
    for _ in range(5):
        await street.filed()
    status, page = await street.send()
    assert (status, "明天再来" in page) == (429, True), "of one serial"
    for n in range(15):
        await street.send(code=f"another {n}")
    assert (await street.send(code="one more"))[0] == 429, "from one network"
    assert (await street.registry.http.get("/complaint")).status == 200


async def test_where_no_photo_has_room_the_words_have(street: Street) -> None:
    from central_registry.cases import complaints
    from central_registry.cases.photos import clean
    from central_registry.cases.steps import About

    photo = clean(made("JPEG"))
    full = complaints.Complaint(About.OTHER, "x", photos=(photo,))
    goods = complaints.Goods("X")
    with pytest.raises(ProblemError, match="请不附照片"):
        await complaints.file(street.people, goods, full, AT, photos_most=len(photo.body) - 1)
    assert await complaints.file(street.people, goods, complaints.Complaint(About.OTHER, "x"), AT, photos_most=0)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_form_is_small_in_one_language_and_runs_nothing(street: Street, lang: str) -> None:
    answer = await street.registry.http.get("/complaint", params={"code": '"><script>', "lang": lang})
    page = await answer.text()
    assert len(gzip.compress(page.encode())) < 8_000
    assert "<script" not in page
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    said = re.sub(r"(?s)<title>.*</style>|<a .*?</a>|<p class=.site.*?</p>", "", page)
    assert bool(re.search("[一-鿿]", said)) == (lang == "zh")


async def test_an_address_stands_nowhere(street: Street) -> None:
    await street.filed()
    kept = repr(vars(street.registry.http.server.app[COUNTER].quotas))  # type: ignore[attr-defined]
    assert "127.0.0.1" not in kept
