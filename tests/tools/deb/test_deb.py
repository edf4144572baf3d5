"""The package as dpkg reads it: fields, files, configuration, scripts. Its libraries are left out here: they are what
pip brings, and the whole of it is installed and run by `tests/tools/deb/on_debian.py`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from edge_agent.cli import app
from edge_agent.config import config_from, load_config
from edge_agent.ops.service.folders import outside_state
from edge_agent.ops.service.unit import Service, unit_text
from tools.deb.environment import LEFT_OUT, make_bare
from tools.deb.man_page import man_page
from tools.deb.package import CONFIG, ROOT, SCRIPTS, control, lay_out, pack

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="a .deb is built on Debian")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deb")
    stage = folder / "stage"
    stage.mkdir(mode=0o700)
    make_bare(stage)
    lay_out(stage, "1.2.3")
    return pack(stage, folder, "1.2.3")


@pytest.fixture(scope="module")
def unpacked(package: Path) -> Path:
    subprocess.run(["dpkg-deb", "--raw-extract", package, package.parent / "out"], check=True)
    return package.parent / "out"


def _said(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_its_fields_say_what_it_needs(package: Path) -> None:
    fields = dict(row.split(": ", 1) for row in _said("dpkg-deb", "--field", package).splitlines() if ": " in row)
    assert (fields["Package"], fields["Version"]) == ("edge-agent", "1.2.3")
    major, minor = sys.version_info[:2]
    assert fields["Depends"].startswith(f"python3 (>= {major}.{minor}), python3 (<< {major}.{minor + 1}), systemd")
    assert int(fields["Installed-Size"]) > 10, "KiB"


def test_the_environment_is_for_one_python() -> None:
    """Compiled modules of 3.11 do not load in 3.12."""
    assert "python3 (>= 3.9), python3 (<< 3.10)," in control("1", "amd64", 1, (3, 9))


ROW = re.compile(r"^(?P<mode>\S{10}) (?P<owner>\S+) +\d+ \S+ \S+ \.(?P<path>/\S*)(?: -> (?P<to>\S+))?$")


def _listed(package: Path) -> Iterator[dict[str, str]]:
    for line in _said("dpkg-deb", "--contents", package).splitlines():
        match = ROW.match(line)
        assert match, line
        yield match.groupdict()


def test_everything_is_roots_and_nobody_else_writes_it(package: Path) -> None:
    rows = list(_listed(package))
    assert {row["owner"] for row in rows} == {"root/root"}
    files = [row["mode"] for row in rows if row["to"] is None]
    assert {mode[5] + mode[8] for mode in files} == {"--"}
    assert all(row["mode"].startswith("drwxr-xr-x") for row in rows if row["path"].endswith("/"))


def test_each_file_lies_where_debian_looks_for_it(package: Path) -> None:
    found = {row["path"]: row["to"] for row in _listed(package) if not row["path"].endswith("/")}
    assert found == {
        CONFIG: None,
        "/usr/bin/edge-agent": "/usr/lib/edge-agent/bin/edge-agent",
        "/usr/lib/edge-agent/bin/edge-agent": None,
        "/usr/lib/edge-agent/bin/python3": "/usr/bin/python3",
        "/usr/lib/edge-agent/pyvenv.cfg": None,
        "/usr/lib/systemd/system/edge-agent.service": None,
        "/usr/lib/sysusers.d/edge-agent.conf": None,
        "/usr/share/doc/edge-agent/changelog.gz": None,
        "/usr/share/man/man1/edge-agent.1.gz": None,
    }


def test_the_configuration_is_its_owners_and_keeps_its_comments(unpacked: Path) -> None:
    assert (unpacked / "DEBIAN" / "conffiles").read_text("utf-8") == f"{CONFIG}\n"
    text, reference = (unpacked / CONFIG[1:]).read_text("utf-8"), (ROOT / "config" / "agent.toml").read_text("utf-8")
    comments = [line for line in reference.splitlines() if line.startswith("# ")]
    assert [line for line in text.splitlines() if line.startswith("# ")] == comments


def test_all_data_lie_below_the_folder_of_the_service(unpacked: Path) -> None:
    """Also those of tables that came after: what has no path of its own here would lie in somebody's home."""
    config = config_from(tomllib.loads((unpacked / CONFIG[1:]).read_text("utf-8")), Path(CONFIG))
    assert outside_state(config) == []
    assert config.web == load_config(ROOT / "config" / "agent.toml").web


def test_the_unit_is_the_one_of_service_install(unpacked: Path) -> None:
    text = (unpacked / "usr/lib/systemd/system/edge-agent.service").read_text("utf-8")
    assert text == unit_text(Service(["/usr/bin/edge-agent", "run", "--config", CONFIG]))


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_a_script_is_one_for_any_shell_and_stops_at_an_error(script: str, unpacked: Path) -> None:
    path = unpacked / "DEBIAN" / script
    assert path.read_bytes() == (SCRIPTS / script).read_bytes()
    assert path.stat().st_mode & 0o777 == 0o755
    assert path.read_text("utf-8").startswith("#!/bin/sh\n") and "\nset -e\n" in path.read_text("utf-8")
    subprocess.run(["sh", "-n", path], check=True)


def test_data_go_at_purge_alone_and_that_is_said() -> None:
    text = (SCRIPTS / "postrm").read_text("utf-8")
    before, _, purge = text.partition('if [ "$1" = purge ]; then')
    assert "rm " not in before and "rm " not in (SCRIPTS / "prerm").read_text("utf-8")
    assert purge.index("echo") < purge.index("rm -rf /var/lib/edge-agent")


def _words(command: object, *before: str) -> Iterator[str]:
    below = getattr(command, "commands", {})
    for name, one in below.items():
        yield from _words(one, *before, name)
    if not below:
        yield " ".join(before)


def test_the_manual_has_every_command_and_option() -> None:
    page = man_page(app, "1.2.3").replace("\\-", "-")
    assert page.startswith('.\\" ') and '"edge-agent 1.2.3"' in page
    for words in _words(typer.main.get_command(app)):
        assert re.search(rf"^\.SS edge-agent {words}( [A-Z]|$)", page, re.MULTILINE), words
    assert "\n.B --range CIDR\n" in page and "\n.B --json\n" in page


def test_no_line_of_the_manual_is_a_request_by_accident() -> None:
    """groff_man(7): a line that starts with a dot is one, and unknown ones vanish with what they say."""
    known = {".\\", ".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".I", ".BR"}
    begun = {line.split(" ")[0].rstrip('"') for line in man_page(app, "1").splitlines() if line[:1] in (".", "'")}
    assert begun <= known


def test_what_is_left_out_is_said_why() -> None:
    assert all(reason for _, reason in LEFT_OUT)
    assert len({pattern for pattern, _ in LEFT_OUT}) == len(LEFT_OUT)
