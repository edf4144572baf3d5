"""A registry on the factory's own PC: its data last, through a kill too, and a dump of them can be put back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import psutil  # type: ignore[import-untyped]
import pytest
from typer.testing import CliRunner

from central_registry import cli
from central_registry.config import load_config
from central_registry.embedded import EmbeddedError, Owner
from central_registry.here import dumps
from central_registry.here.postgres import Home, OwnPostgres, as_owner, programs_for
from label_protocol.errors import ConfigError, ConflictError
from tests.kits.own_registry_kit import config_for, new_data, own_folder, serving


@pytest.fixture
def data() -> Iterator[Path]:
    with own_folder() as folder:
        yield folder


def done(*words: object) -> str:
    ended = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert ended.exit_code == 0, (ended.output, ended.exception)
    return ended.output


def refused(*words: object) -> BaseException | None:
    ended = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert ended.exit_code == 1, ended.output
    return ended.exception


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_nobody_else_reads_a_dump_while_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--out` names any folder, such as /tmp, and a dump holds what lets agents in; minutes pass until it is whole."""
    modes = []

    def program(words: Sequence[str]) -> None:
        for word in words:
            if word.startswith("--file=") and word.endswith(".unfinished"):
                path = Path(word.removeprefix("--file="))
                path.open("ab").close()  # as pg_dump does, which takes a file that is there as it is
                modes.append(path.stat().st_mode & 0o777)

    monkeypatch.setattr(dumps, "run", lambda _program, words, _who, **_environ: program(words))
    monkeypatch.setattr(dumps, "programs_for", lambda _data: Path("bin"))
    monkeypatch.setattr(dumps, "as_owner", lambda _folder: {})
    monkeypatch.setattr(Owner, "lives", lambda _owner: True)
    (tmp_path / "login.json").write_text('{"password": "p", "port": 5432}', encoding="utf-8")
    before = os.umask(0o022)
    try:
        made = dumps.dump(tmp_path, tmp_path / "kept.dump")
    finally:
        os.umask(before)
    assert [oct(one) for one in modes] == ["0o600"]
    assert oct(made.stat().st_mode & 0o777) == "0o640"


async def agents_in(folder: Path) -> list[str]:
    async with OwnPostgres(folder) as dsn:
        connection = await asyncpg.connect(dsn)
        found = [row["agent"] for row in await connection.fetch("SELECT agent FROM agent")]
        await connection.close()
        return found


@pytest.mark.costly
def test_what_it_was_told_lasts_and_a_dump_of_it_is_put_back(data: Path) -> None:
    config, kept = config_for(data), data.with_name("kept.dump")
    with serving(config) as (process, _):
        done("agents", "add", "line-1", "--config", config)
        server = psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0]))
        assert not server.net_connections("inet"), "it listens in its folder alone"
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        assert server.is_running(), "it is a process of its own, and what is left of it is stopped by the next start"
    with serving(config) as (process, _):
        assert "line-1" in done("agents", "list", "--config", config)
        with pytest.raises(ConflictError, match="got one that runs"):
            raise refused("serve", "--config", config) or AssertionError
        done("dump", "--out", kept, "--config", config)
        with pytest.raises(ConflictError, match="a file that is there"):
            raise refused("dump", "--out", kept, "--config", config) or AssertionError
        database = next(one for one in psutil.Process(process.pid).children() if one.name().startswith("postgres"))
    assert not database.is_running()
    assert process.returncode == 0
    with pytest.raises(EmbeddedError, match="start central-registry serve first"):
        raise refused("dump", "--out", kept.with_name("late.dump"), "--config", config) or AssertionError
    other = config_for(new_data(data.parent, "other"))
    done("restore", "--from", os.path.relpath(kept), "--config", other)
    with pytest.raises(ConflictError, match="tables, which is as it was"):
        raise refused("restore", "--from", kept, "--config", other) or AssertionError
    assert asyncio.run(agents_in(other.with_suffix(""))) == ["line-1"]


@pytest.mark.parametrize(
    ("word", "kind", "words"),
    [
        ("dump", ConfigError, "start central-registry serve first"),
        ("agents list", ConfigError, "start central-registry serve first"),
        ("restore --from none.dump", EmbeddedError, "expected a dump"),
        ("restore --from {itself}", EmbeddedError, "pg_restore: expected it to be done"),
    ],
)
def test_what_is_not_there_is_told(data: Path, word: str, kind: type[Exception], words: str) -> None:
    config = config_for(data)
    with pytest.raises(kind, match=words):
        raise refused(*word.format(itself=config).split(), "--config", config) or AssertionError
    assert list(data.iterdir()) == [], "nothing was begun"


def test_another_database_is_dumped_by_its_own_means(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text('[database]\ndsn = "postgresql://x"\n', encoding="utf-8")
    assert "its own pg_dump" in str(refused("dump", "--config", path))
    path.write_text('[database]\ndsn = "postgresql://x"\ndata = "/srv/x"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="either dsn or data"):
        load_config(path)


async def test_a_folder_that_no_socket_fits_into_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    with pytest.raises(ConfigError, match="choose a shorter folder"):
        async with OwnPostgres(deep):
            pass
    assert not deep.exists()


def test_data_of_a_release_that_is_not_there_are_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.data.mkdir()
    (home.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedError, match="got those of 9"):
        programs_for(home.data)


def test_roots_folder_is_refused_where_root_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path.stat()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    if there.st_uid == 0:
        with pytest.raises(ConfigError, match="expected a folder of a user who is not root"):
            as_owner(tmp_path)
    else:
        assert as_owner(tmp_path) == {"user": there.st_uid, "group": there.st_gid, "extra_groups": []}


@pytest.mark.skipif(sys.platform == "win32", reason="nobody buries processes there")
def test_who_was_killed_and_not_yet_buried_has_no_folder(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        started = int(psutil.Process(process.pid).create_time() * 1000)
        (tmp_path / "owner.json").write_text(json.dumps({"pid": process.pid, "started": started}), encoding="ascii")
        owner = Owner(tmp_path / "owner.json")
        assert owner.lives()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert owner.lives() is False
