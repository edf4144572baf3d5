"""Systemd is told once that the registry answers, and where; nobody else is told anything."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from central_registry.here.ready import ready


@pytest.mark.skipif(sys.platform == "win32", reason="systemd is not there")
def test_systemd_hears_that_it_answers_and_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "s"))
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "s"))
        ready("http://127.0.0.1:8700")
        assert systemd.recv(1000) == b"READY=1\nSTATUS=http://127.0.0.1:8700"


@pytest.mark.parametrize("address", ["", "/nowhere/socket"])
def test_where_nobody_listens_nothing_fails(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    ready("http://127.0.0.1:8700")
