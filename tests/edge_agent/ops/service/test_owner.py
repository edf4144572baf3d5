"""Root's commands leave no files of root's among the service's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kits import cli_kit

NOBODY = 65534
"""Debian's `nobody`, base-passwd(8)."""
_ASK = """
import os, sys; from pathlib import Path; from edge_agent.ops.service.owner import act_as_owner
print(act_as_owner(Path(sys.argv[1])), os.geteuid(), os.getegid(), os.environ["HOME"])
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can become others")


def _asked(folder: Path) -> list[str]:
    ended = subprocess.run([sys.executable, "-c", _ASK, str(folder)], capture_output=True, text=True, check=True)
    return ended.stdout.split()


def test_root_goes_on_as_the_owner(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY, NOBODY)
    for folder in (tmp_path, tmp_path / "not" / "yet" / "there"):
        name, user, group, home = _asked(folder)
        assert (name, user, group) == ("nobody", str(NOBODY), str(NOBODY))
        assert home == "/nonexistent"


def test_what_is_roots_stays_roots(tmp_path: Path) -> None:
    assert _asked(tmp_path / "x")[:2] == ["None", "0"]


def test_an_owner_without_a_name_is_nobody_to_become(tmp_path: Path) -> None:
    os.chown(tmp_path, 54321, 54321)
    assert _asked(tmp_path)[:2] == ["None", "0"]


def test_a_command_does_so_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    monkeypatch.setattr("edge_agent.cli.common.act_as_owner", lambda folder: asked.append(folder) or "edge-agent")
    said = cli_kit.run("artwork", "list", "--config", cli_kit.a_site(tmp_path))
    assert asked == [tmp_path / "ledger"]
    assert "acting as edge-agent, whose data these are" in said.err
