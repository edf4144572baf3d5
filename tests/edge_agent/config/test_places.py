"""Whose configuration is meant where none is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.config import load_config, places


@pytest.mark.parametrize(
    "there, port",
    [((), 8631), (("own",), 1), (("machine",), 2), (("own", "machine"), 1)],
    ids=["none", "own", "the machine's", "own before the machine's"],
)
def test_the_users_own_goes_before_the_machines(
    there: tuple[str, ...], port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    monkeypatch.setattr(places, "machine_path", lambda: tmp_path / "machine" / "edge-agent" / "agent.toml")
    for name, number in (("own", 1), ("machine", 2)):
        file = tmp_path / name / "edge-agent" / "agent.toml"
        if name in there:
            file.parent.mkdir(parents=True)
            file.write_text(f"[web]\nport = {number}\n", encoding="utf-8")
    assert load_config().web.port == port


def test_the_machines_is_where_packages_put_it() -> None:
    """hier(7): host-specific configuration is in /etc."""
    assert places.machine_path() == Path("/etc/edge-agent/agent.toml")
