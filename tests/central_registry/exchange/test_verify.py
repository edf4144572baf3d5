"""A marketplace's program asks: by its key, within its limit, and gets the scan page's own answer and its claims held
against what is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from central_registry.consumer.finding import Finding
from central_registry.exchange import keys
from central_registry.exchange.keys import Key
from central_registry.exchange.limits import Limits
from central_registry.exchange.verify import compared, path_of
from central_registry.lists import Ask
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.problems import ProblemError
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, Edge, Registry, running

SAID = ("status", "registration", "serial", "verdict", "product", "reasons", "warnings", "certificate")


@dataclass
class Shop:
    """A registry with a label, an association's officer, a marketplace and its key."""

    registry: Registry
    edge: Edge
    serial: str
    officer: Actor
    party: str
    key: str

    def path(self, serial: str = "") -> str:
        return f"/01/06901234567892/10/L1/21/{serial or self.serial}"

    async def get(self, code: str, *, key: str | None = None, **headers: str) -> Any:
        head = {"Authorization": f"Bearer {self.key if key is None else key}", **headers}
        return await self.registry.http.get(f"/v1/verify/{code}", headers=head)

    async def ask(self, *codes: Any, key: str | None = None) -> Any:
        head = {"Authorization": f"Bearer {self.key if key is None else key}"}
        return await self.registry.http.post("/v1/verify", json={"codes": list(codes)}, headers=head)


async def a_key(registry: Registry, officer: Actor, party: str, **more: Any) -> str:
    made = await keys.make(registry.pool, officer, party, AT, **{"days": 30, "per_minute": 5_000, **more})
    return made.key


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with running() as registry:
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 1000)
        serial = edge.serial()
        edge.printed([serial])
        await edge.send()
        association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        officer = await add_person(registry.pool, association, Role.OFFICER)
        party = await add_party(registry.pool, PartyKind.MARKETPLACE, "示例商城", of=association)
        yield Shop(registry, edge, serial, officer, party, await a_key(registry, officer, party))


async def test_the_answer_is_that_of_the_scan_page(shop: Shop) -> None:
    page = await shop.registry.http.get(shop.path(), headers={"Accept": "application/json"})
    shown = await page.json()
    for code in (shop.path()[1:], quote(f"https://ID.EXAMPLE.CN{shop.path()}", safe="")):
        answer = await shop.get(code)
        assert answer.status == 200
        told = await answer.json()
        assert [told[name] for name in SAID] == [shown[name] for name in SAID]
        assert "scans" not in told
        assert "complaint" not in told


async def test_asking_counts_no_scan(shop: Shop) -> None:
    for _ in range(3):
        await shop.get(shop.path()[1:])
        await shop.ask({"code": shop.path()})
    assert await shop.registry.pool.fetchval("SELECT count(*) FROM scan") == 0


async def test_the_same_answer_is_not_sent_twice(shop: Shop) -> None:
    first = await shop.get(shop.path()[1:])
    tag = first.headers["ETag"]
    assert "private" in first.headers["Cache-Control"]
    again = await shop.get(shop.path()[1:], **{"If-None-Match": tag})
    assert (again.status, await again.text()) == (304, "")
    other = await shop.get(f"{shop.path()[1:]}?grade=AAAAA", **{"If-None-Match": tag})
    assert other.status == 200


async def test_a_thousand_in_their_order(shop: Shop) -> None:
    codes = [{"code": shop.path(shop.serial if n % 2 else f"{shop.serial[:3]}{n:010d}")} for n in range(1_000)]
    answer = await shop.ask(*codes)
    told = (await answer.json())["answers"]
    assert [one["code"] for one in told] == [one["code"] for one in codes]
    assert {one["registration"] for one in told[1::2]} == {"registered"}
    assert "registered" not in {one["registration"] for one in told[::2]}
    assert (await shop.ask(*[*codes, codes[0]])).status == 422


async def test_what_is_no_code_is_answered_as_such(shop: Shop) -> None:
    told = (await (await shop.ask({"code": "hello"}, {"code": "/01/1/21/x"}, {"code": "' OR 1=1"})).json())["answers"]
    assert {one["status"] for one in told} == {"unknown"}


async def test_claims_are_held_against_the_label(shop: Shop) -> None:
    facts = await (await shop.registry.http.get(shop.path(), headers={"Accept": "application/json"})).json()
    style = facts["product"]["style_no"]
    claims = {"style_no": f" {style} ", "grade": "AAAAA"}
    (told,) = (await (await shop.ask({"code": shop.path(), "claims": claims})).json())["answers"]
    by_fact = {one["fact"]: one for one in told["claims"]}
    assert by_fact["style_no"]["result"] == "equal"
    assert (by_fact["grade"]["result"], by_fact["grade"]["known"]) == ("differ", "AAAA")
    (lie,) = (await (await shop.ask({"code": shop.path(), "claims": {"style_no": "X"}})).json())["answers"]
    assert [(one["result"], one["known"]) for one in lie["claims"]] == [("differ", style)]


async def test_a_claim_of_another_code_is_unknown(shop: Shop) -> None:
    other = shop.path().replace("L1", "OTHER")
    (told,) = (await (await shop.ask({"code": other, "claims": {"style_no": "X"}})).json())["answers"]
    assert "lot_mismatch" in {one["kind"] for one in told["warnings"]}
    assert [(one["result"], one["known"]) for one in told["claims"]] == [("unknown", None)]


async def test_a_claim_of_no_fact_is_refused(shop: Shop) -> None:
    answer = await shop.ask({"code": shop.path(), "claims": {"garde": "AAAAA"}})
    assert answer.status == 422
    assert "claims.garde" in (await answer.json())["detail"]


@pytest.mark.parametrize("key", ["", "nobody", "a.b", "0f3a5c7e9b1d.", "\u00e9.x", "x" * 5_000])
async def test_without_a_key_nothing_is_said(shop: Shop, key: str) -> None:
    head = {"Authorization": f"Bearer {key}"} if key.isascii() else {}
    answer = await shop.registry.http.get(f"/v1/verify{shop.path()}", headers=head)
    assert (answer.status, (await answer.json())["type"].rpartition("/")[2]) == (401, "no-key")


async def test_half_of_a_key_opens_nothing(shop: Shop) -> None:
    name, _, secret = shop.key.partition(".")
    other = await a_key(shop.registry, shop.officer, shop.party)
    for key in (name, f"{name}.", f"{name}.{secret[:-1]}", f"{name}.{other.partition('.')[2]}"):
        assert (await shop.get(shop.path()[1:], key=key)).status == 401


async def test_a_key_ends(shop: Shop) -> None:
    with pytest.raises(ProblemError, match="ended"):
        await keys.known(shop.registry.pool, shop.key, AT + timedelta(days=30))
    name = shop.key.partition(".")[0]
    assert (await keys.end(shop.registry.pool, shop.officer, name, AT))["party"] == shop.party
    assert (await shop.get(shop.path()[1:])).status == 401


async def test_a_barred_party_asks_no_more(shop: Shop) -> None:
    await shop.registry.pool.execute(
        "INSERT INTO party_status (party, n, status, reason, effective_on, at, person, by_party) "
        "VALUES ($1, 2, 'barred', 'kit', $2, $3, 'kit', 'kit')",
        shop.party,
        AT.date(),
        AT,
    )
    assert (await shop.get(shop.path()[1:])).status == 401


async def test_secrets_are_kept_as_hashes_and_shown_once(shop: Shop) -> None:
    row = await shop.registry.pool.fetchrow("SELECT k::text AS said FROM verify_key k")
    assert shop.key.partition(".")[2] not in row["said"]
    listed = await keys.list_keys(shop.registry.pool, shop.officer, Ask())
    assert [one["party_name"] for one in listed.rows] == ["示例商城"]
    assert "secret_hash" not in listed.rows[0]


async def test_only_to_whom_they_admitted_and_only_by_an_officer(shop: Shop) -> None:
    stranger = await add_party(shop.registry.pool, PartyKind.MARKETPLACE, "示例乙商城")
    with pytest.raises(ProblemError, match="admit it first"):
        await a_key(shop.registry, shop.officer, stranger)
    viewer = await add_person(shop.registry.pool, shop.officer.party, Role.VIEWER)
    with pytest.raises(ProblemError):
        await a_key(shop.registry, viewer, shop.party)
    other = await add_person(
        shop.registry.pool, await add_party(shop.registry.pool, PartyKind.ASSOCIATION, "示例乙协会"), Role.OFFICER
    )
    with pytest.raises(ProblemError, match="one of yours"):
        await keys.end(shop.registry.pool, other, shop.key.partition(".")[0], AT)


async def test_over_http_as_people_do(shop: Shop) -> None:
    head = {"Authorization": f"Bearer {await token_of(shop.registry.pool, shop.officer)}"}
    answer = await shop.registry.http.post("/v1/admin/verify-keys", json={"party": shop.party}, headers=head)
    made = await answer.json()
    assert (await shop.get(shop.path()[1:], key=made["key"])).status == 200
    listed = await (await shop.registry.http.get("/v1/admin/verify-keys", headers=head)).json()
    assert listed["total"] == 2
    ended = await shop.registry.http.post(f"/v1/admin/verify-keys/{made['verify_key']}/end", headers=head)
    assert ended.status == 200
    assert (await shop.get(shop.path()[1:], key=made["key"])).status == 401


async def test_a_limit_is_kept_and_says_when_to_ask_again(shop: Shop) -> None:
    key = await a_key(shop.registry, shop.officer, shop.party, per_minute=3)
    assert (await shop.ask({"code": "x"}, {"code": "y"}, key=key)).status == 200
    refused = await shop.ask({"code": "x"}, {"code": "y"}, key=key)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "57")
    assert (await shop.ask({"code": "x"}, key=key)).status == 200
    assert (await shop.ask({"code": "x"})).status == 200, "another key has its own"


def test_the_next_minute_begins_anew() -> None:
    limits, key = Limits(), Key("k", "p", 2)
    limits.charge(key, 2, AT)
    with pytest.raises(ProblemError):
        limits.charge(key, 1, AT)
    limits.charge(key, 2, AT + timedelta(minutes=1))


@pytest.mark.parametrize(("days", "per_minute"), [(0, 1), (401, 1), (1, 0), (1, 60_001)])
async def test_bounds(shop: Shop, days: int, per_minute: int) -> None:
    with pytest.raises(ProblemError, match="a minute"):
        await a_key(shop.registry, shop.officer, shop.party, days=days, per_minute=per_minute)


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("HTTPS://ID.EXAMPLE.CN/01/1/21/S#x", "/01/1/21/S"),
        ("01/1/21/S?linkType=x", "/01/1/21/S"),
        ("/01/1/21/S", "/01/1/21/S"),
        ("ftp://a/01/1", "/"),
        ("S123", "/"),
        ("", "/"),
    ],
)
def test_a_code_is_a_link_or_its_path(code: str, path: str) -> None:
    assert path_of(code) == path


SNAPSHOT = {"product": {"style_no": "Y1"}, "lot": {"grade": {"scheme": "s", "overall": "AAAA"}}}


@pytest.mark.parametrize(
    ("claimed", "result"), [("AAAA", "equal"), ("4A", "equal"), ("4A级", "equal"), ("AAAAA", "differ"), ("", "differ")]
)
def test_levels_are_compared_by_what_they_mean(claimed: str, result: str) -> None:
    finding = Finding("registered", snapshot=SNAPSHOT, facts="confirmed")
    (one,) = compared({"grade": claimed}, finding)
    assert (one["result"], one["by"], one["known"]) == (result, "certificate", "AAAA")


@pytest.mark.parametrize(
    "finding",
    [
        Finding("being_verified", snapshot=SNAPSHOT),
        Finding("void", snapshot=SNAPSHOT),
        Finding("not_yet_registered"),
        Finding("registered", snapshot=SNAPSHOT, warnings=("conflict",)),
        Finding("registered", snapshot=SNAPSHOT, warnings=("gtin_mismatch",)),
    ],
)
def test_of_a_label_that_may_be_another_nothing_is_said(finding: Finding) -> None:
    (one,) = compared({"grade": "AAAA"}, finding)
    assert (one["result"], one["known"], one["by"]) == ("unknown", None, None)
