"""The agent's secret changes by itself, and wherever either side stops on the way, the agent goes on."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from edge_agent.errors import RegistryAwayError, RegistryRefusedError
from edge_agent.identity.credentials import Credentials
from edge_agent.identity.next_secret import SecretFile, path_beside
from edge_agent.sync.http_client import HttpRegistry
from edge_agent.sync.secret_errand import SecretErrand
from tests.kits.registry_kit import Registry, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
_numbers = itertools.count(1)


class Machine:
    """An agent's computer as it starts from its files."""

    def __init__(self, path: Path) -> None:
        kept = Credentials.load(path)
        assert kept is not None
        self.path, self.file = path, SecretFile(path)
        self.client = HttpRegistry(kept.registry, kept.agent, kept.secret, others=self.file.others())
        self.errand = SecretErrand(self.file, self.client)

    async def turn(self) -> None:
        """As the pump does it: what is told and asked first, then the errand."""
        await self.client.distribution(None)
        await self.errand(False)

    @property
    def secret(self) -> str:
        return str(json.loads(self.path.read_text("utf-8"))["secret"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def machine(registry: Registry, tmp_path: Path) -> AsyncIterator[Machine]:
    edge = await registry.enrolled(f"line-{next(_numbers)}")
    path = tmp_path / "credentials.json"
    Credentials(registry.url, edge.agent, edge.secret).save(path)
    made = Machine(path)
    await _due(registry)
    yield made
    await made.client.close()


async def _due(registry: Registry) -> None:
    await registry.pool.execute("UPDATE agent SET rotate_asked_at = now()")


async def _good(machine: Machine, secret: str) -> bool:
    """Whether the registry takes that secret, and no other is tried."""
    kept = Credentials.load(machine.path)
    assert kept is not None
    client = HttpRegistry(kept.registry, kept.agent, secret)
    try:
        await client.distribution(None)
    except RegistryRefusedError:
        return False
    finally:
        await client.close()
    return True


async def test_it_is_changed_without_a_token_and_the_old_one_ends(registry: Registry, machine: Machine) -> None:
    old = machine.secret
    await machine.turn()
    assert machine.secret != old, "in one turn"
    assert [await _good(machine, one) for one in (old, machine.secret)] == [False, True]
    before = machine.secret
    await machine.turn()
    assert machine.secret == before, "once"


def _stops(patch: pytest.MonkeyPatch, step: str) -> None:
    """From here on that step ends in a crash; before its work, or after it."""
    name, _, when = step.partition(" ")
    owner: Any = SecretFile if name in ("keep_next", "settle") else HttpRegistry if name == "prove" else Credentials
    real: Callable[..., Any] = getattr(owner, name)

    async def at_once(self: Any, *args: Any) -> None:
        if when == "after":
            await real(self, *args)
        raise RegistryAwayError("the power is gone")

    def in_a_thread(self: Any, *args: Any) -> None:
        if when == "after":
            real(self, *args)
        raise OSError("the power is gone")

    patch.setattr(owner, name, at_once if name == "prove" else in_a_thread)


@pytest.mark.parametrize(
    "step", ["keep_next before", "keep_next after", "prove before", "prove after", "save before", "save after"]
)
async def test_a_crash_at_any_step_leaves_an_agent_that_works(machine: Machine, step: str) -> None:
    """What was not done is done after the next start: by the registry's word, or by what the files hold."""
    with pytest.MonkeyPatch.context() as patch:
        _stops(patch, step)
        await machine.turn()
    again = Machine(machine.path)
    for _ in range(2):
        await again.turn()
    assert await _good(again, again.secret)
    assert Machine(machine.path).client.secret == again.client.secret
    await again.client.close()


async def test_an_agent_that_runs_on_finds_the_secret_whose_proof_was_never_answered(machine: Machine) -> None:
    """The registry died after it took it: nobody starts the agent again at night."""
    real, old = HttpRegistry._once, machine.secret

    async def unanswered(self: HttpRegistry, secret: str, method: str, path: str, **more: Any) -> Any:
        found = await real(self, secret, method, path, **more)
        if method == "PUT":
            raise RegistryAwayError("the registry is gone")
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HttpRegistry, "_once", unanswered)
        await machine.turn()
    assert not await _good(machine, old)
    await machine.turn()
    assert machine.secret != old and await _good(machine, machine.secret)


@pytest.mark.parametrize("started", [True, False])
async def test_a_registry_restored_to_before_the_change_knows_its_agent(
    registry: Registry, machine: Machine, started: bool
) -> None:
    dump = await registry.rows("SELECT agent, secret_hash FROM agent")
    old = machine.secret
    await machine.turn()
    back = "UPDATE agent SET secret_hash = $2, rotate_asked_at = NULL WHERE agent = $1"
    for row in dump:
        await registry.pool.execute(back, row["agent"], row["secret_hash"])
    going = Machine(machine.path) if started else machine
    for _ in range(2):
        await going.turn()
    assert (going.secret, await _good(going, old)) == (old, True)
    await going.client.close()


async def test_another_registrys_secrets_are_shown_to_nobody(machine: Machine) -> None:
    machine.file.keep_next("next-of-the-first")
    Credentials("http://127.0.0.1:9", "line-1", "another").save(machine.path)
    assert SecretFile(machine.path).others() == ()
    path_beside(machine.path).write_text("{", "utf-8")
    assert SecretFile(machine.path).others() == (), "what is not whole costs a token at most"
