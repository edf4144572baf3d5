"""The registry's mirror of updates: what lies in its folder is handed out as it lies, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from central_registry.config import RegistryConfig, Updates
from edge_agent.ops.update.client import Client
from tests.kits.registry_kit import running
from tests.kits.update_kit import Maker, a_wheel


async def test_an_agent_is_offered_what_the_registrys_mirror_holds(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "updates")
    wheel = a_wheel(tmp_path / "built", "0.2.0")
    maker.release(wheel)
    async with running(RegistryConfig(updates=Updates(folder=str(maker.folder)))) as registry:
        client = Client(str(registry.http.make_url("/updates")), tmp_path / "trusted", maker.root)
        (release,) = (await asyncio.to_thread(client.look)).releases
        await asyncio.to_thread(client.fetch, release, tmp_path / "mirror")
        brought = client.file(release.file, tmp_path / "mirror").read_bytes()
    assert brought == wheel.read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "metadata/..%2f..%2fsecret",
        "metadata/%2e%2e",
        "metadata/.hidden",
        "metadata/linked.json",
        "metadata/" + "a" * 300,
        "metadata/none.json",
        "metadata/",
        "keys/secret",
        "targets/sub/secret",
    ],
)
async def test_nothing_else_of_the_disk_is_handed_out(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "updates"
    for name in ("metadata", "targets/sub", "keys"):
        (folder / name).mkdir(parents=True)
    for name in ("secret", "updates/metadata/.hidden", "updates/keys/secret", "updates/targets/sub/secret"):
        (tmp_path / name).write_text("nobody's")
    (folder / "metadata" / "linked.json").symlink_to(tmp_path / "secret")
    async with running(RegistryConfig(updates=Updates(folder=str(folder)))) as registry:
        answer = await registry.http.get(f"/updates/{path}")
        assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_without_a_folder_there_is_no_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty name is the folder the registry was started in."""
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "1.root.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    async with running() as registry:
        assert (await registry.http.get("/updates/metadata/1.root.json")).status == 404
