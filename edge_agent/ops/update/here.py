"""What this computer can take: a .deb where one is installed, else a wheel."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

PACKAGED = Path("/usr/lib/edge-agent")
"""Where the .deb has its environment."""
DEBIAN = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "armhf", "i686": "i386"}
"""What Debian calls the machines that the system calls so (`dpkg --print-architecture`)."""


@dataclass(frozen=True, slots=True)
class Form:
    """`kind`: wheel or deb; `architecture` counts for a .deb."""

    kind: str
    architecture: str


def form_here(prefix: Path | None = None) -> Form:
    """The form of this installation."""
    packaged = (prefix or Path(sys.prefix)).resolve() == PACKAGED
    machine = platform.machine().lower()
    return Form("deb" if packaged else "wheel", DEBIAN.get(machine, machine))
