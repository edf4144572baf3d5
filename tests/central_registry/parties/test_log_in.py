"""Log-in: passwords, one-time words, a phone's codes, waits after wrong tries, sessions, one's own account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from argon2 import extract_parameters

from central_registry.config import RegistryConfig
from central_registry.parties import passwords, totp
from central_registry.parties.actor import Role
from central_registry.parties.doorstep import FREE_TRIES, FREE_TRIES_OF_ADDRESS, Doorstep, wait_after
from central_registry.parties.sessions import IDLE, LIFE
from central_registry.problems import ProblemError
from tests.kits.login_kit import PASSWORD, House, a_house
from tests.kits.registry_kit import AT


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        yield found


async def test_a_session_lasts_as_long_as_it_is_used_and_no_longer_than_a_day(house: House) -> None:
    _, login = await house.person(house.firm, Role.OFFICER)
    token = await house.token(f"  {login.upper()} ")
    status, me = await house.ask("GET", "me", token)
    assert (status, me["login"], me["party_name"], me["roles"]) == (200, login, "示例服饰有限公司", ["officer"])
    assert not {"password_hash", "totp_secret"} & set(me)
    house.clock.later(minutes=100)
    assert (await house.ask("GET", "me", token))[0] == 200
    house.clock.at += IDLE + timedelta(minutes=1)
    assert (await house.ask("GET", "me", token))[0] == 401, "nobody used it"
    token, began = await house.token(login), house.clock.at
    while house.clock.later(minutes=90) < began + LIFE:
        assert (await house.ask("GET", "me", token))[0] == 200
    assert (await house.ask("GET", "me", token))[0] == 401, "a working day is over"
    house.clock.later(hours=24)
    await house.token(login)
    assert await house.pool.fetchval("SELECT count(*) FROM person_session") == 1, "those before were swept out"


async def test_logging_out_ends_that_session_alone(house: House) -> None:
    _, login = await house.person(house.firm, Role.VIEWER)
    one, two = await house.token(login), await house.token(login)
    assert await house.ask("DELETE", "session", one) == (200, {"ended": True})
    assert [(await house.ask("GET", "me", token))[0] for token in (one, two)] == [401, 200]


async def test_nobody_learns_which_logins_there_are(house: House) -> None:
    """The same words, the same steps: a hash is verified at the same cost for a login that nobody has."""
    _, login = await house.person(house.firm, Role.OFFICER)
    _, gone = await house.person(house.firm, Role.OFFICER)
    await house.pool.execute("UPDATE person SET left_at = $2 WHERE login = $1", gone, AT)
    tried = [(login, "wrong password"), ("nobody", PASSWORD), (gone, PASSWORD), ("", ""), ("a\u0301", "b")]
    answers = [await house.log_in(name, password) for name, password in tried]
    assert {status for status, _ in answers} == {401}
    assert len({str(found) for _, found in answers}) == 1
    assert (await house.ask("POST", "login", body={"login": "a\0", "password": "b"}))[0] == 422


async def test_a_login_that_nobody_has_costs_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = passwords._HASHER.verify
    assert extract_parameters(passwords._NOBODY) == extract_parameters(await passwords.hashed("x"))

    def counted(stored: str, password: bytes) -> bool:
        asked.append(stored)
        return real(stored, password)

    monkeypatch.setattr(passwords, "_HASHER", type("Hasher", (), {"verify": staticmethod(counted)}))
    assert not await passwords.matches(None, "whatever")
    assert asked == [passwords._NOBODY]


async def test_wrong_tries_cost_waits_that_grow(house: House) -> None:
    _, login = await house.person(house.firm, Role.OFFICER)
    for name in (login, "nobody"):
        for _ in range(FREE_TRIES + 1):
            assert (await house.log_in(name, "wrong"))[0] == 401
        status, refused = await house.log_in(name)
        assert (status, refused["retry_after_s"]) == (429, 31), "even the right one waits"
    house.clock.later(seconds=31)
    assert (await house.log_in(login, "wrong"))[0] == 401
    assert (await house.log_in(login))[1]["retry_after_s"] == 61
    house.clock.later(seconds=61)
    assert (await house.log_in(login))[0] == 200
    assert (await house.log_in(login, "wrong"))[0] == 401
    assert (await house.log_in(login))[0] == 200, "a good one begins anew"
    assert [wait_after(n).total_seconds() for n in (4, 5, 6, 7, 10, 1000)] == [0, 30, 60, 120, 900, 900]


async def test_a_stranger_keeps_nobody_out_from_where_they_work(house: House) -> None:
    """Who came in from there goes on there, whatever is tried elsewhere; anywhere else they wait as anybody does."""
    async with a_house(RegistryConfig.model_validate({"http": {"proxies": ["127.0.0.1"]}})) as office:
        _, login = await office.person(office.firm, Role.OFFICER)
        assert await _from(office, login, "198.51.100.7") == 200
        for n in range(12):
            assert await _from(office, login, f"203.0.113.{n % 3}", "wrong") in (401, 429)
            office.clock.later(minutes=n)
        office.clock.later(seconds=1)
        asked = [await _from(office, login, one) for one in ("198.51.100.7, 198.51.100.8", "198.51.100.7")]
        assert asked == [429, 200], "the last one that the proxy added counts, whatever somebody wrote before it"
    _, login = await house.person(house.firm, Role.OFFICER)
    assert await _from(house, login, "198.51.100.7") == 200
    for _ in range(FREE_TRIES + 1):
        await _from(house, login, "198.51.100.7", "wrong")
    assert await _from(house, login, "198.51.100.7") == 429, "a proxy that nobody named is not believed"


async def test_a_proxy_over_ipv6_is_the_one_that_was_named() -> None:
    """A socket of both kinds calls an IPv4 proxy ::ffff:a.b.c.d; so may the proxy its clients."""
    async with a_house(RegistryConfig.model_validate({"http": {"proxies": ["127.0.0.1", "198.51.100.1"]}})) as office:
        _, login = await office.person(office.firm, Role.OFFICER)
        assert await _from(office, login, "203.0.113.9, ::ffff:198.51.100.1") == 200
        for _ in range(FREE_TRIES + 1):
            await _from(office, login, "203.0.113.8, ::ffff:198.51.100.1", "wrong")
        asked = [await _from(office, login, one) for one in ("::ffff:203.0.113.8", "::ffff:203.0.113.9")]
        assert asked == [429, 200]


async def _from(house: House, login: str, address: str, password: str = PASSWORD) -> int:
    body, head = {"login": login, "password": password}, {"X-Forwarded-For": address}
    return (await house.registry.http.post("/v1/admin/login", json=body, headers=head)).status


async def test_nobody_learns_by_waiting_which_logins_there_are(house: House) -> None:
    """After an hour without any, wrong tries cost no waits, as of a login that nobody has; each of both is written."""
    _, login = await house.person(house.firm, Role.OFFICER)
    for _ in range(2):
        for name in (login, "nobody"):
            tried = [(await house.log_in(name, "wrong"))[0] for _ in range(FREE_TRIES + 2)]
            assert tried == [401] * (FREE_TRIES + 1) + [429], name
        house.clock.later(minutes=62)
    assert await house.pool.fetchval("SELECT sum(tries) FROM login_stranger") == 2 * (FREE_TRIES + 2)
    assert await house.registry.alarms() == ["log_in_guessed"], "though ten were never without a pause"


async def test_a_clock_that_is_put_back_locks_nobody_out(house: House) -> None:
    _, login = await house.person(house.firm, Role.OFFICER)
    for _ in range(FREE_TRIES + 1):
        assert (await house.log_in(login, "wrong"))[0] == 401
    house.clock.at -= timedelta(days=10)
    assert (await house.log_in(login))[0] == 200


async def test_tries_sent_together_are_all_counted(house: House) -> None:
    _, login = await house.person(house.firm, Role.OFFICER)
    answers = await asyncio.gather(*(house.log_in(login, f"wrong {n}") for n in range(12)))
    assert sorted(status for status, _ in answers) == [401] * (FREE_TRIES + 1) + [429] * 7


async def test_a_flood_of_tries_is_sent_away_and_counted_against_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a proxy all come from one address; a line without end would keep everybody out for as long as it is."""
    _, login = await house.person(house.firm, Role.OFFICER)
    monkeypatch.setattr(passwords, "MOST_WAITING", 0)
    assert [(await house.log_in(login, "wrong"))[0] for _ in range(6)] == [503] * 6
    monkeypatch.undo()
    assert (await house.log_in(login))[0] == 200


async def test_many_wrong_tries_are_an_alarm(house: House) -> None:
    _, login = await house.person(house.firm, Role.OFFICER)
    for _ in range(10):
        await house.log_in(login, "wrong")
        house.clock.later(minutes=16)
    assert await house.registry.alarms() == ["log_in_guessed"]


def test_an_address_waits_and_this_computer_does_not() -> None:
    doorstep = Doorstep()
    for address in ("127.0.0.1", "::1", ""):
        for _ in range(100):
            doorstep.take_of_address(address, AT)
    for _ in range(FREE_TRIES_OF_ADDRESS + 1):
        doorstep.take_of_address("203.0.113.7", AT)
    with pytest.raises(ProblemError, match="31 s"):
        doorstep.take_of_address("203.0.113.7", AT)
    doorstep.take_of_address("203.0.113.8", AT)
    doorstep.give_back("zhang", "203.0.113.7", AT)
    doorstep.take_of_address("203.0.113.7", AT)
    doorstep.take_of_address("203.0.113.7", AT + timedelta(hours=2))
    assert b"203" not in b"".join(doorstep._seen)


def test_a_network_of_ipv6_waits_as_one_and_ipv4_over_it_is_ipv4() -> None:
    """Who has one address of IPv6 has 2^64 of them, each good for its own tries."""
    doorstep = Doorstep()
    for n in range(FREE_TRIES_OF_ADDRESS + 1):
        doorstep.take_of_address(f"2001:db8:0:1::{n:x}", AT)
    for n in range(FREE_TRIES + 1):
        doorstep.take_of_both("zhang", f"2001:db8:0:2::{n:x}", AT)
        doorstep.take_of_both("li", f"{'::ffff:' * (n % 2)}203.0.113.7", AT)
    for tried in (
        lambda: doorstep.take_of_address("2001:db8:0:1:ffff::1", AT),
        lambda: doorstep.take_of_both("zhang", "2001:db8:0:2:ffff::1", AT),
        lambda: doorstep.take_of_both("li", "::ffff:203.0.113.7", AT),
    ):
        with pytest.raises(ProblemError, match="31 s"):
            tried()
    doorstep.take_of_address("2001:db8:0:3::1", AT)
    for _ in range(100):
        doorstep.take_of_address("::ffff:127.0.0.1", AT)
    doorstep.give_back("wang", "2001:db8:0:4::1", AT)
    assert doorstep.knows("wang", "2001:db8:0:4::2", AT), "privacy addresses change daily"


async def test_a_one_time_word_opens_nothing_but_a_new_password(house: House) -> None:
    word = passwords.one_time_word()
    _, login = await house.person(house.firm, Role.OFFICER, password=word)
    until = AT + passwords.WORD_LIFE
    await house.pool.execute("UPDATE person SET must_change = true, word_until = $2 WHERE login = $1", login, until)
    assert (await house.log_in(login, word))[0] == 409
    for bad in ("short", "aaaaaaaaaaaa", word):
        assert (await house.log_in(login, word, new_password=bad))[0] == 422, bad
    assert await house.pool.fetchval("SELECT count(*) FROM person_session") == 0
    house.clock.at = until + timedelta(seconds=1)
    status, refused = await house.log_in(login, word, new_password=PASSWORD)
    assert status == 401
    assert "过期" in refused["detail"]
    await house.pool.execute("UPDATE person SET failures = 0, locked_until = NULL")
    house.clock.at = until
    assert (await house.log_in(login, word, new_password=PASSWORD))[0] == 200
    assert (await house.log_in(login, word))[0] == 401, "spent"
    assert (await house.log_in(login))[0] == 200


def test_a_password_is_long_and_not_the_login() -> None:
    for password, flaw in [("a" * 9 + "b", "different"), ("ninechars", "characters"), ("Officer-01", "login")]:
        with pytest.raises(ProblemError, match=flaw):
            passwords.require_good(password, "officer-01", "")
    passwords.require_good("羽绒服协会的老张爱喝茶", "officer-01", "")


async def test_what_looks_the_same_is_the_same_password() -> None:
    """An é typed as one sign, or as e and its accent."""
    assert await passwords.matches(await passwords.hashed("caf\u00e9 au lait"), "cafe\u0301 au lait")
    assert not await passwords.matches("no hash at all", "x")


async def test_a_new_password_ends_all_other_sessions(house: House) -> None:
    _, login = await house.person(house.firm, Role.VIEWER)
    here, there = await house.token(login), await house.token(login)
    new = "another long password"
    assert (await house.ask("POST", "me/password", here, {"old": "wrong", "new": new}))[0] == 401
    assert (await house.ask("POST", "me/password", here, {"old": PASSWORD, "new": PASSWORD}))[0] == 422
    assert await house.ask("POST", "me/password", here, {"old": PASSWORD, "new": new}) == (200, {"changed": True})
    assert [(await house.ask("GET", "me", token))[0] for token in (here, there)] == [200, 401]
    assert [(await house.log_in(login, word))[0] for word in (PASSWORD, new)] == [401, 200]


async def test_a_phone_shows_codes_that_are_good_once(house: House) -> None:
    _, login = await house.person(house.firm, Role.VIEWER)
    token = await house.token(login)
    phone = await _phone(house, token)
    code = phone.at(house.clock.at)
    assert (await house.ask("PUT", "me/totp", token, {"code": "000000" if code != "000000" else "1"}))[0] == 422
    assert (await house.log_in(login))[0] == 200, "not asked for before it is proven"
    assert await house.ask("PUT", "me/totp", token, {"code": code}) == (200, {"totp": True})
    assert [(await house.log_in(login, code=one))[1]["title"] for one in ("", code)] == [
        "a code is asked for", "unknown login or wrong password"
    ]  # fmt: skip
    status, found = await house.log_in(login, code=phone.at(house.clock.later(seconds=30)))
    assert (status, found["how"]) == (200, "password+totp")
    assert (await house.log_in(login, code=phone.at(house.clock.at)))[0] == 401, "spent"
    assert (await house.log_in(login, "wrong", code=phone.at(house.clock.later(seconds=30))))[0] == 401
    assert (await house.ask("PUT", "me/totp", token, {"code": code}))[0] == 409, "nothing is being set up"


async def _phone(house: House, token: str) -> pyotp.TOTP:
    assert (await house.ask("POST", "me/totp", token, {"password": "wrong"}))[0] == 401
    _, found = await house.ask("POST", "me/totp", token, {"password": PASSWORD})
    secret = parse_qs(urlsplit(found["otpauth"]).query)["secret"][0]
    assert found["otpauth"].startswith("otpauth://totp/")
    return pyotp.TOTP(secret)


_RFC_6238 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The seed of RFC 6238, appendix B, '12345678901234567890', in base 32. Its codes there have eight digits; ours are the
last six of them."""


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    step = seconds // 30
    assert totp.step_of(_RFC_6238, code, at, 0) == step
    assert totp.step_of(_RFC_6238, f" {code[:3]} {code[3:]}", at + timedelta(seconds=30), 0) == step, "one step late"
    assert totp.step_of(_RFC_6238, code, at + timedelta(seconds=60), 0) is None
    assert totp.step_of(_RFC_6238, code, at, step) is None, "taken once"
    assert totp.step_of(_RFC_6238, "２８７０８２", at, 0) is None


async def test_log_ins_stand_in_the_audit(house: House) -> None:
    actor, login = await house.person(house.firm, Role.VIEWER)
    await house.token(login)
    rows: list[dict[str, Any]] = await house.registry.rows("SELECT person, act, how, concerns FROM audit")
    assert rows == [{"person": actor.person, "act": "log_in", "how": "password", "concerns": house.firm}]
