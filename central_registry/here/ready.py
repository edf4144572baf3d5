"""Tells systemd that the registry answers, by the protocol of sd_notify(3): what is started after it finds it there."""

from __future__ import annotations

import contextlib
import os
import socket
import sys


def ready(status: str) -> None:
    """Sends `READY=1` with what `systemctl status` then shows. Where nobody listens (by hand, in a test, on Windows)
    nobody is told."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address and sys.platform != "win32":
        name = "\0" + address[1:] if address.startswith("@") else address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto(f"READY=1\nSTATUS={status}".encode(), name)
