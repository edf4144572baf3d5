"""The service under its three roles: it does all it did, each pool with its own login; the owner is for migrations."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from central_registry import cli, db
from central_registry.config import load_config
from central_registry.db import DatabaseError, in_transaction
from central_registry.fence.policies import Role, role_name
from central_registry.fence.roles import Logins, apply, as_login, enter, make_roles, renew
from central_registry.parties.actor import PartyKind
from central_registry.parties.actor import Role as Person
from label_protocol.codes.check_code import check_code
from tests.kits.page_kit import SAMPLE
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import fresh_dsn, garment, running


async def test_agents_consumers_and_people_are_served_as_they_were() -> None:
    """Enrolment, keys, batches with new and repeated serials, a feed, a scan that is counted, a code that is judged."""
    async with running(fenced=True) as registry:
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 100)
        keys = await edge.get("check-keys")
        serials = edge.serials(3)
        edge.printed(serials)
        assert (await edge.send())["conflicts"] == []
        edge.printed([serials[0], *edge.serials(1)])
        assert len((await edge.send())["conflicts"]) == 1
        assert {item["kind"] for item in (await edge.get("feed"))["items"]} == {"lot", "style", "allotment"}
        facts = await registry.facts(f"/01/06901234567892/10/L1/21/{serials[1]}")
        assert (facts["registration"], facts["scans"]["count"]) == ("registered", 1)
        code = check_code(bytes.fromhex(keys["keys"][keys["current"]]), serials[1])
        answer = await registry.http.post(f"/01/06901234567892/21/{serials[1]}", json={"check_code": code})
        assert answer.status == 200
        at_work = await registry.rows("SELECT usename FROM pg_stat_activity WHERE datname = current_database()")
        users = {row["usename"] for row in at_work} - {"postgres"}
        database = await registry.pool.fetchval("SELECT current_database()")
        assert users == {role_name(database, role) for role in Role}


async def test_a_session_is_found_at_the_door() -> None:
    """Who somebody is is asked before anybody knows whose rows they may see; logging out ends it there, too."""
    async with running(fenced=True) as registry:
        association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        officer = await add_person(registry.pool, association, Person.OFFICER)
        shown = {"Authorization": f"Bearer {await token_of(registry.pool, officer)}"}
        heard = await registry.http.get("/v1/admin/me", headers=shown)
        assert (heard.status, (await heard.json())["party"]) == (200, association)
        assert (await registry.http.delete("/v1/admin/session", headers=shown)).status == 200
        assert (await registry.http.get("/v1/admin/me", headers=shown)).status == 401


async def test_the_first_goods_of_a_new_registry_are_a_persons() -> None:
    """No agent was here yet: what seals pages is made before anybody is let in, for people could not."""
    async with running(fenced=True) as registry:
        association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        firm = await add_party(registry.pool, PartyKind.FIRM, "示例服饰有限公司", of=association)
        clerk = await add_person(registry.pool, firm, Person.OFFICER)
        shown = {"Authorization": f"Bearer {await token_of(registry.pool, clerk)}"}
        told = await registry.http.post(
            "/v1/admin/goods/import", params={"firm": firm}, data=SAMPLE.read_bytes(), headers=shown
        )
        assert told.status == 200, await told.text()


async def test_a_void_label_that_is_scanned_raises_its_alarm() -> None:
    """The reader writes two things: counts of scans, and alarms."""
    async with running(fenced=True) as registry:
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 100)
        (serial,) = serials = edge.serials(1)
        edge.printed(serials)
        edge.tell("label_decided", serial=serial, step="scrap", operator="班长甲", reason="r")
        await edge.send()
        for _ in range(2):
            await registry.page(f"/01/06901234567892/21/{serial}")
        assert await registry.alarms() == ["void_scanned"]


async def test_after_a_migration_the_fence_is_laid_anew() -> None:
    dsn = await fresh_dsn()
    async with await db.connect(dsn, connections_max=1) as pool:
        assert not await renew(pool), "a registry of today has no roles and goes on without"
        logins = await enter(dsn)
        await pool.execute("DROP POLICY fence_sees ON lot; REVOKE ALL ON lot FROM PUBLIC")
        await pool.execute("UPDATE meta SET value = 'older' WHERE key = 'fence'")
        assert await renew(pool)
        assert await pool.fetchval("SELECT count(*) FROM pg_policies WHERE tablename = 'lot'") == 5
    assert logins.missing == []


async def test_each_start_gives_new_passwords() -> None:
    dsn = await fresh_dsn()
    first, second = await enter(dsn), await enter(dsn)
    assert first.owner == second.owner == dsn
    assert not set(first.roles.values()) & set(second.roles.values())


async def test_a_login_that_may_not_make_roles_is_told_who_may() -> None:
    dsn = await fresh_dsn()
    async with await db.connect(dsn, connections_max=1) as pool:
        await pool.execute("CREATE ROLE mere_owner LOGIN; SET ROLE mere_owner")
        with pytest.raises(DatabaseError, match=r"roles --print"):
            await make_roles(pool)
        await pool.execute("RESET ROLE; DROP ROLE mere_owner")


def test_a_role_without_a_login_works_as_the_owner_and_is_named() -> None:
    logins = Logins("postgresql://o@h/db", {Role.READER: "postgresql://r@h/db"})
    assert (logins.of(Role.READER), logins.of(Role.PEOPLE)) == ("postgresql://r@h/db", "postgresql://o@h/db")
    assert logins.missing == [Role.INGEST, Role.PEOPLE]


@pytest.mark.parametrize(
    ("dsn", "there"),
    [
        ("postgresql://u:p@h:5432/db", "postgresql://r:w%2F@h:5432/db"),
        ("postgresql://u@/db?host=/tmp/x&port=5", "postgresql://r:w%2F@/db?host=/tmp/x&port=5"),
        ("postgresql://h/db", "postgresql://r:w%2F@h/db"),
    ],
)
def test_the_same_database_with_another_login(dsn: str, there: str) -> None:
    assert as_login(dsn, "r", "w/") == there


async def test_the_command_makes_them_or_prints_what_a_dba_runs(tmp_path: Any) -> None:
    dsn = await fresh_dsn()
    printed = await asyncio.to_thread(_done, "roles", "--print", "--dsn", dsn)
    assert printed.count("CREATE ROLE") == 3 and "PASSWORD" not in printed and "fence_sees" in printed
    made = json.loads(await asyncio.to_thread(_done, "roles", "--apply", "--json", "--dsn", dsn))
    path = tmp_path / "registry.toml"
    lines = [f'dsn = "{dsn}"', *(f'{name}_dsn = "{login}"' for name, login in made.items())]
    path.write_text("\n".join(["[database]", *lines]), encoding="utf-8")
    assert load_config(path).database.people_dsn == made["people"]
    connection = await asyncpg.connect(made["people"])
    assert await connection.fetchval("SELECT count(*) FROM agent") == 0
    await connection.close()


async def test_what_a_dba_was_given_is_what_the_command_does() -> None:
    """The printed SQL, run as it stands, leaves the same fence."""
    dsn, other = await fresh_dsn(), await fresh_dsn()
    printed = await asyncio.to_thread(_done, "roles", "--print", "--dsn", dsn)
    async with await db.connect(dsn, connections_max=1) as pool, await db.connect(other, connections_max=1) as second:
        await pool.execute(printed)
        await in_transaction(second, apply)
        asked = "SELECT tablename, policyname, qual, with_check FROM pg_policies ORDER BY 1, 2"
        ours, theirs = [[tuple(row) for row in await one.fetch(asked)] for one in (pool, second)]
        assert ours == theirs and len(ours) > 100


def _done(*words: str) -> str:
    ended = CliRunner().invoke(cli.app, list(words))
    assert ended.exit_code == 0, (ended.output, ended.exception)
    return ended.stdout


def test_the_roles_of_a_registrys_own_database_are_made_at_its_start() -> None:
    ended = CliRunner().invoke(cli.app, ["roles", "--apply"])
    assert ended.exit_code == 1 and "at each start" in str(ended.exception)


def test_dsns_of_roles_stand_beside_the_owners(tmp_path: Any) -> None:
    path = tmp_path / "registry.toml"
    path.write_text('[database]\nreader_dsn = "postgresql://r@h/db"\n', encoding="utf-8")
    with pytest.raises(Exception, match="the owner's"):
        load_config(path)


async def test_a_person_may_be_the_first_who_writes() -> None:
    """An association imports a lot before any agent was there: what is sealed is not theirs to make."""
    async with running(fenced=True) as registry:
        association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        firm = await add_party(registry.pool, PartyKind.FIRM, "示例厂", of=association)
        clerk = await add_person(registry.pool, firm, Person.OFFICER)
        head = {"Authorization": f"Bearer {await token_of(registry.pool, clerk)}"}
        goods = json.dumps(garment("L1", size="165")).encode()
        path = f"/v1/admin/goods/import?firm={firm}"
        answer = await registry.http.post(path, data=goods, headers=head)
        assert answer.status == 200, await answer.text()
