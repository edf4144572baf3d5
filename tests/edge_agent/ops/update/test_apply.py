"""Putting a version in beside the one that runs, killed and stopped at each step, and taking it back: on a machine of
files with a systemctl that remembers. One environment is really built by venv and pip, the others by a stand-in."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.config import AgentConfig, config_from
from edge_agent.errors import RefusedError, UpdateError
from edge_agent.ops.service import systemd
from edge_agent.ops.service.unit import STATE
from edge_agent.ops.update.apply import DEBIAN_HOME, Installation, apply, back, require_rights
from edge_agent.ops.update.client import Client
from edge_agent.ops.update.here import Form, form_here
from edge_agent.ops.update.home import COMPLETE, Home, home_of
from edge_agent.ops.update.install import build
from edge_agent.ops.update.release import Release, newest
from tests.kits.update_kit import Maker, a_package, a_wheel

ROOT = Path(__file__).resolve().parents[4]
STEPS = ("brought", "environment", "installed", "complete", "chosen")


class KilledError(BaseException):
    """As a kill: nothing that catches exceptions may run on."""


class Machine:
    """A factory's computer: 0.1.0 runs from an environment made by hand; `says` is what systemctl show answers."""

    def __init__(self, folder: Path, maker: Maker, kind: str = "wheel") -> None:
        self.root, self.maker = folder / "machine", maker
        self.asked: list[list[str]] = []
        self.active, self.refuses, self.kill_at = "active", "", ""
        self.prefix = folder / "opt" / "edge-agent"
        (self.prefix / "bin").mkdir(parents=True)
        (self.root / systemd.BOOTED).mkdir(parents=True)
        source = folder / "agent.toml"
        source.write_text("", encoding="utf-8")
        source.chmod(0o644)
        folder.chmod(0o755)
        host = systemd.Host(self.root, self.run)
        self.here = Installation(
            host, _config(), source, Form(kind, "amd64"), "0.1.0", self.prefix, sys.executable, self.probe
        )

    def serve(self, path: Path) -> None:
        unit = self.root / path
        unit.parent.mkdir(parents=True, exist_ok=True)
        unit.write_text(f"ExecStart={self.prefix}/bin/python -m edge_agent run\n", encoding="utf-8")

    def probe(self, step: str) -> None:
        if step == self.kill_at:
            raise KilledError(step)

    def run(self, command: Sequence[str]) -> str:
        self.asked.append(list(command))
        if self.refuses and self.refuses in " ".join(command):
            raise RefusedError("expected it to be done, got: no")
        if "venv" in command:
            python = Path(command[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.touch()
        if command[-1] == "--version":
            return f"edge-agent {Path(command[0]).parents[1].name}\n"
        return f"ActiveState={self.active}\n" if "show" in command else ""

    @property
    def client(self) -> Client:
        return Client(str(self.maker.folder), self.here.home.root / "trusted", self.maker.root)

    def apply(self, version: str = "0.2.0") -> None:
        client = self.client
        offered = [one for one in client.look().releases if one.version == version]
        release = newest(offered, self.here.form.kind, "amd64")
        assert release is not None
        apply(self.here, client, release)

    @property
    def chosen(self) -> str:
        return self.here.home.running()

    def systemctl(self) -> list[str]:
        return [" ".join(one[1:]) for one in self.asked if one[0] == "systemctl" and one[1] != "show"]


def _config() -> AgentConfig:
    data = {name: f"{STATE}/{name}/file" for name in ("ledger_path", "witness_path", "catalog_path", "artwork_path")}
    registry = {"credentials_path": f"{STATE}/credentials.json"}
    return config_from({"data": data, "registry": registry}, Path("/etc/edge-agent/agent.toml"))


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    made = Maker(tmp_path / "updates")
    for version in ("0.2.0", "0.3.0"):
        made.release(a_wheel(tmp_path / "built", version))
        made.release(a_package(tmp_path / "built", version))
    return made


@pytest.fixture
def machine(tmp_path: Path, maker: Maker) -> Machine:
    return Machine(tmp_path, maker)


# --- environments beside each other --------------------------------------------------------------------------------


def test_a_new_environment_lies_beside_the_old_one_and_is_chosen(machine: Machine) -> None:
    machine.apply()
    home = machine.here.home
    assert home.root == machine.prefix.with_name("edge-agent-versions")
    assert machine.chosen == "0.2.0" and home.is_whole("0.2.0")
    assert (home.versions / "0.1.0").resolve() == machine.prefix.resolve(), "the old one is where it was"
    pip = next(one for one in machine.asked if "pip" in one)
    assert "--no-index" in pip and "edge_agent==0.2.0" in pip, "nothing that was not verified gets in"
    assert not (home.root / "wheels").exists()


def test_the_next_one_is_put_in_from_there_and_the_oldest_goes(machine: Machine) -> None:
    machine.apply()
    machine.here = replace(machine.here, version="0.2.0", prefix=machine.here.home.current)
    machine.apply("0.3.0")
    home = machine.here.home
    assert machine.chosen == "0.3.0"
    assert sorted(one.name for one in home.versions.iterdir()) == ["0.2.0", "0.3.0"]
    assert machine.prefix.is_dir(), "what was not made here is not deleted"


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_one_whole_version_is_chosen(machine: Machine, step: str) -> None:
    """And the same command goes on from there."""
    machine.kill_at = step
    with pytest.raises(KilledError):
        machine.apply()
    home = machine.here.home
    assert machine.chosen == ("0.2.0" if step == "chosen" else "")
    assert machine.chosen == "" or home.is_whole(machine.chosen)
    machine.kill_at = ""
    machine.apply()
    assert machine.chosen == "0.2.0" and home.is_whole("0.2.0")


def test_what_a_real_kill_leaves_of_an_environment_is_made_anew(machine: Machine) -> None:
    """A process that is killed cleans nothing up."""
    half = machine.here.home.place("0.2.0") / "lib"
    half.mkdir(parents=True)
    (half / "half").touch()
    machine.apply()
    assert machine.here.home.is_whole("0.2.0") and not half.exists()


def test_a_full_disk_leaves_the_old_one(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(UpdateError, match="No space left"):
            machine.apply()
    machine.refuses = "pip install"
    with pytest.raises(RefusedError):
        machine.apply()
    assert machine.chosen == "" and not machine.here.home.place("0.2.0").exists()


def test_what_is_not_whole_is_never_chosen(tmp_path: Path) -> None:
    for by_link in (True, False):
        home = Home(tmp_path / str(by_link), by_link=by_link)
        for version in ("0.1.0", "0.2.0"):
            home.place(version).mkdir(parents=True)
        (home.place("0.1.0") / COMPLETE).touch()
        home.choose("0.1.0")
        with pytest.raises(UpdateError, match=r"expected version 0\.2\.0 whole"):
            home.choose("0.2.0")
        assert home.running() == "0.1.0"
        with pytest.raises(UpdateError):
            home.place("../0.1.0")


def test_an_environment_that_was_made_in_its_place_can_be_gone_back_to(tmp_path: Path) -> None:
    """By hand at the first installation, as docs/updates.md advises for Windows."""
    for by_link in (True, False):
        home = Home(tmp_path / str(by_link), by_link=by_link)
        home.place("0.1.0").mkdir(parents=True)
        home.take_in("0.1.0", home.place("0.1.0"))
        home.choose("0.1.0")
        assert home.is_whole("0.1.0") and home.python().is_relative_to(home.root)


def test_the_launcher_of_windows_starts_the_chosen_one(tmp_path: Path) -> None:
    """The file itself, with a program of this system in the place of python.exe; not yet run on Windows."""
    home = Home(tmp_path, by_link=False)
    for version in ("0.1.0", "0.2.0"):
        program = home.place(version) / "Scripts" / "python.exe"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\necho {version} "$@"\nexit 3\n', encoding="ascii")
        program.chmod(0o755)
        (home.place(version) / COMPLETE).touch()
    launcher = shutil.copy(ROOT / "packaging" / "windows" / "launch.py", tmp_path)
    for version in ("0.1.0", "0.2.0", "0.1.0"):
        home.choose(version)
        ended = subprocess.run(
            [sys.executable, "-I", launcher, "run", "--config", "a b"], capture_output=True, text=True, check=False
        )
        assert (ended.returncode, ended.stdout) == (3, f"{version} -I -m edge_agent run --config a b\n")


def test_homes(tmp_path: Path) -> None:
    assert home_of(Path("/opt/edge-agent"), "0.1.0") == Path("/opt/edge-agent-versions")
    assert home_of(Path("/srv/agent/versions/0.1.0"), "0.1.0") == Path("/srv/agent")
    home = Home(tmp_path / "agent")
    (home.begin("0.1.0") / COMPLETE).touch()
    home.choose("0.1.0")
    for prefix in (home.current, home.place("0.1.0")):
        assert home_of(prefix, "0.1.0") == home_of(prefix, "0.2.0") == home.root
    assert form_here(Path("/usr/lib/edge-agent")).kind == "deb"
    assert form_here(tmp_path).kind == "wheel"


def test_folders_of_versions_that_are_others_stay_what_they_are(machine: Machine, tmp_path: Path) -> None:
    """As pyenv has them: the agent was put into a Python of it, beside which there are others."""
    pyenv = tmp_path / "pyenv"
    for one in ("versions/3.11.7", "versions/3.12.1", "versions/venv-of-somebody"):
        (pyenv / one / "bin").mkdir(parents=True)
    (pyenv / "current").symlink_to("versions/3.12.1")
    pyenv.chmod(0o700)
    for prefix in ("versions/3.11.7", "current"):
        machine.here = replace(machine.here, prefix=pyenv / prefix)
        machine.apply()
    assert {one.name for one in (pyenv / "versions").iterdir()} >= {"3.11.7", "3.12.1", "venv-of-somebody"}
    assert (pyenv / "current").readlink() == Path("versions/3.12.1")
    assert pyenv.stat().st_mode & 0o777 == 0o700


def test_what_lies_beside_the_versions_and_is_none_of_them_is_not_deleted(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (home.begin("0.1.0") / COMPLETE).touch()
    home.begin("0.2.0")
    (home.versions / "3.12.1").mkdir()
    home.prune("0.3.0")
    assert [one.name for one in home.versions.iterdir()] == ["3.12.1"]


@pytest.mark.costly
def test_a_real_environment_is_built_without_a_network(machine: Machine) -> None:
    """venv and pip themselves: a wheel and one that it needs, of the files that were verified alone."""
    client = machine.client
    release = next(one for one in client.look().releases if (one.version, one.kind) == ("0.2.0", "wheel"))
    client.fetch(release, machine.here.home.root / "files")
    build(client, release, machine.here.home, sys.executable, _really)
    python = machine.here.home.python("0.2.0")
    assert _really([str(python), "-I", "-m", "edge_agent"]) == "edge-agent 0.2.0\n"


def _really(command: Sequence[str]) -> str:
    return subprocess.run(list(command), check=True, capture_output=True, text=True).stdout


# --- the service ---------------------------------------------------------------------------------------------------


def test_the_service_is_started_from_the_chosen_version_from_now_on(machine: Machine) -> None:
    machine.serve(systemd.UNIT)
    machine.apply()
    unit = (machine.root / systemd.UNIT).read_text("utf-8")
    assert f"ExecStart={machine.here.home.current}/bin/python -m edge_agent run --config" in unit
    assert machine.systemctl()[-1] == "restart edge-agent"
    machine.here = replace(machine.here, version="0.2.0", prefix=machine.here.home.current)
    machine.asked = []
    machine.apply("0.3.0")
    assert machine.systemctl() == ["restart edge-agent"]
    assert (machine.root / systemd.UNIT).read_text("utf-8") == unit


def test_the_services_user_reads_what_root_put_in(machine: Machine) -> None:
    """Under a umask of root's that closes all."""
    before = os.umask(0o077)
    try:
        machine.apply()
    finally:
        assert os.umask(before) == 0o077, "and it is root's again"
    home = machine.here.home
    for place in (home.root, home.versions, home.place("0.2.0"), home.python("0.2.0").parent):
        assert place.stat().st_mode & 0o055 == 0o055, place


def test_a_service_that_was_stopped_stays_so(machine: Machine) -> None:
    machine.serve(systemd.UNIT)
    machine.apply()
    machine.here = replace(machine.here, version="0.2.0", prefix=machine.here.home.current)
    machine.asked, machine.active = [], "inactive"
    machine.apply("0.3.0")
    assert machine.systemctl() == []


def test_others_than_root_are_told_at_once(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    require_rights(machine.here)
    machine.serve(systemd.UNIT)
    with pytest.raises(UpdateError, match="sudo"):
        require_rights(machine.here)


# --- back ----------------------------------------------------------------------------------------------------------


def test_the_old_one_comes_back_by_the_same_rename(machine: Machine) -> None:
    machine.serve(systemd.UNIT)
    machine.apply()
    machine.asked = []
    assert back(machine.here, lambda: "0.1.0") == "0.1.0"
    assert machine.chosen == "0.1.0"
    assert machine.systemctl() == ["stop edge-agent", "start edge-agent"]


def test_where_it_may_not_come_back_the_new_one_goes_on(machine: Machine) -> None:
    def no() -> str:
        raise UpdateError("expected nothing of the new one, got 3 events")

    machine.serve(systemd.UNIT)
    machine.apply()
    machine.asked = []
    with pytest.raises(UpdateError, match="3 events"):
        back(machine.here, no)
    assert machine.chosen == "0.2.0"
    assert machine.systemctl() == ["stop edge-agent", "start edge-agent"]


# --- Debian's package ----------------------------------------------------------------------------------------------


@pytest.fixture
def debian(tmp_path: Path, maker: Maker) -> Machine:
    machine = Machine(tmp_path, maker, "deb")
    machine.serve(systemd.PACKAGED)
    return machine


def test_dpkg_gets_the_verified_file_and_the_package_does_the_rest(debian: Machine) -> None:
    debian.apply()
    (command,) = (one for one in debian.asked if one[0] == "dpkg")
    file = Path(command[-1])
    assert file.name.endswith("edge-agent_0.2.0_amd64.deb") and "--force-confold" in command
    assert file.is_relative_to(debian.root / DEBIAN_HOME), "a folder that is root's, not the service's"
    assert debian.systemctl() == []


def test_the_package_before_is_kept_and_put_in_again(debian: Machine) -> None:
    debian.apply()
    debian.here = replace(debian.here, version="0.2.0")
    debian.apply("0.3.0")
    debian.asked = []
    assert back(debian.here, lambda: "0.2.0") == "0.2.0"
    assert debian.asked[-2][-1].endswith("edge-agent_0.2.0_amd64.deb")
    assert debian.systemctl() == ["stop edge-agent", "start edge-agent"]
    with pytest.raises(UpdateError, match=r"sudo dpkg --install edge-agent_0\.1\.0_amd64\.deb"):
        back(debian.here, lambda: "0.1.0")


@pytest.mark.parametrize("word", ["*", "0.2.0/../0.3.0", "", "0.?.0"])
def test_what_comes_back_is_a_version_and_no_pattern(debian: Machine, word: str) -> None:
    """It is read from a file of the service's user, and root installs by it."""
    debian.apply("0.2.0")
    debian.asked.clear()
    with pytest.raises(UpdateError, match="expected numbers with dots"):
        back(debian.here, lambda: word)
    assert not [one for one in debian.asked if one[0] == "dpkg"]


def test_a_package_that_was_exchanged_on_the_way_is_not_installed(debian: Machine, maker: Maker) -> None:
    for one in (maker.folder / "targets").glob("*_0.2.0_amd64.deb"):
        one.write_bytes(b"another")
    with pytest.raises(UpdateError, match="损坏或被换过"):
        debian.apply()
    assert debian.asked == []


def test_what_was_kept_is_verified_again(debian: Machine) -> None:
    """Between two runs anybody may have been at a file."""
    debian.apply()
    (kept,) = (debian.here.home.root / "files" / "targets").glob("*_0.2.0_amd64.deb")
    right = kept.read_bytes()
    kept.write_bytes(b"another")
    debian.apply()
    assert kept.read_bytes() == right


def test_a_release_is_what_it_says(tmp_path: Path, maker: Maker) -> None:
    """A wheel whose program calls itself otherwise is not put in."""
    machine = Machine(tmp_path / "other", maker)
    release = Release("0.2.0", "wheel", "edge_agent-0.2.0-py3-none-any.whl")
    client = machine.client
    client.look()
    client.fetch(release, machine.here.home.root / "files")

    def lies(command: Sequence[str]) -> str:
        machine.run(command)
        return "edge-agent 9.9.9\n"

    with pytest.raises(UpdateError, match=r"9\.9\.9"):
        build(client, release, machine.here.home, sys.executable, lies)
    assert not machine.here.home.place("0.2.0").exists()
