"""A bare Debian in a folder, booted as a machine of its own: debootstrap makes it, systemd-nspawn boots it.

It has a network of its own with nothing but a loopback in it, so what a test starts beside it (a registry) is started
in that network, by `nsenter`. Both programs come from `apt-get install debootstrap systemd-container`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tools.setup import apt_install

PACKAGES = "systemd,systemd-sysv,dbus,python3"
"""Of Debian's smallest variant, what a machine has that boots, and what the package depends on."""
BOOT_S, WAIT_S = 60.0, 90.0


class GaveUpError(Exception):
    """Something did not come about in time, or a command refused."""


def need_programs() -> None:
    """Installs what is missing, as `make setup` does for the tests; ends in a sentence where that cannot be done."""
    for program, package in (("debootstrap", "debootstrap"), ("systemd-nspawn", "systemd-container")):
        if shutil.which(program) is None and not apt_install(package):
            sys.exit(f"on_debian: expected {program}, got none and no right to install {package}; run this as root")


def bootstrap(folder: Path, suite: str = "bookworm") -> None:
    """Makes the bare system, unless `folder` holds one: minutes, and a network to Debian's archive."""
    if not (folder / "etc" / "debian_version").exists():
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def until(what: str, look: Callable[[], Any], wait_s: float = WAIT_S) -> Any:
    """What `look` gives as soon as it is true. Raises GaveUpError: it never is."""
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    raise GaveUpError(f"expected {what} within {wait_s:g} s, got none")


class Machine:
    """One that can be booted, asked and turned off. `shared` is what it sees of this machine, as /brought."""

    def __init__(self, root: Path, shared: Path) -> None:
        self.root, self.shared = root, shared
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def boot(self) -> None:
        """Until systemd says that it is up."""
        plain = ("--quiet", "--register=no", "--keep-unit", "--boot", "--private-network", "--console=pipe")
        command = ["systemd-nspawn", *plain, f"--bind-ro={self.shared}:/brought", f"--directory={self.root}"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sys.stderr
        )
        self._leader = until("a booting machine", self._find_leader, BOOT_S)
        until("a booted machine", lambda: self.tries("systemctl", "is-system-running")[1] in ("running", "degraded"))

    def _find_leader(self) -> int:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text("ascii").split()
        booted = [int(one) for one in children if Path(f"/proc/{one}/comm").read_text("ascii").strip() == "systemd"]
        return booted[0] if booted else 0

    def tries(self, *command: str | Path, text: str = "") -> tuple[int, str, str]:
        """Exit code, output and errors of a command inside."""
        inside = ["nsenter", "--target", str(self._leader), "--all", "--wd=/", *map(str, command)]
        ended = subprocess.run(inside, input=text, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout.strip(), ended.stderr.strip()

    def does(self, *command: str | Path, text: str = "") -> str:
        """Its output. Raises GaveUpError: it ended with something else than 0."""
        code, said, errors = self.tries(*command, text=text)
        if code != 0:
            raise GaveUpError(f"{' '.join(map(str, command))}: ended with {code}: {said} {errors}")
        return said

    def agent(self, *words: str | Path, text: str = "") -> str:
        """What `edge-agent` says inside."""
        return self.does("edge-agent", *words, text=text)

    def asked(self, *words: str) -> Any:
        """The same as JSON."""
        return json.loads(self.agent(*words, "--json"))

    def beside(self, command: Sequence[str]) -> subprocess.Popen[str]:
        """A program of this machine, in the other's network."""
        inside = ["nsenter", "--target", str(self._leader), "--net", *command]
        return subprocess.Popen(inside, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def property(self, name: str, unit: str = "edge-agent") -> str:
        """One property of a unit, as systemd has it."""
        return self.does("systemctl", "show", unit, f"--property={name}", "--value")

    def turn_off(self) -> None:
        """In order; by force if that takes too long."""
        if self._process is not None and self._process.poll() is None:
            self.tries("systemctl", "poweroff")
            try:
                self._process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def pull_the_plug(self) -> None:
        """As a power cut: every process of it is gone at once."""
        assert self._process is not None
        subprocess.run(["kill", "-KILL", str(self._leader)], check=True)
        self._process.wait(WAIT_S)
        self._process = None
