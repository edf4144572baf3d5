"""From one version to another and back, as the installation has it: environments beside each other, or Debian's
package.

Who applies is root where the service is the system's; the ledger is never opened here, since files that root made in
its folder the service could not open.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_agent.clock import Probe, no_probe
from edge_agent.config import AgentConfig
from edge_agent.errors import UpdateError
from edge_agent.ops.service import systemd
from edge_agent.ops.service.unit import NAME
from edge_agent.ops.update.client import TARGETS, Client
from edge_agent.ops.update.here import Form
from edge_agent.ops.update.home import Home, home_of
from edge_agent.ops.update.install import bring, build, prune_files
from edge_agent.ops.update.release import Release, number_of

DEBIAN_HOME = Path("var/lib/edge-agent-updates")
"""Of the packages that were verified; root's alone, beside the service's own folder and not in it."""
DPKG = ("dpkg", "--install", "--force-confold", "--force-confdef")
"""The configuration stays as IT left it, and nobody is asked: nobody may be sitting there."""

MayReturn = Callable[[], str]
"""Asks, as the user whose data it is, which version may come back. Raises UpdateError: none."""


@dataclass(frozen=True, slots=True)
class Installation:
    """This program where it is installed: `version` runs from the environment at `prefix`; `source` is the path of its
    configuration; `python` makes environments."""

    host: systemd.Host
    config: AgentConfig
    source: Path
    form: Form
    version: str
    prefix: Path
    python: str
    probe: Probe = no_probe

    @property
    def home(self) -> Home:
        """Where its versions lie."""
        if self.form.kind == "deb":
            return Home(self.host.root / DEBIAN_HOME)
        return Home(home_of(self.prefix, self.version))

    @property
    def serves(self) -> bool:
        """Whether it is a service of this system."""
        return self.host.packaged or (self.host.root / systemd.UNIT).exists()

    @property
    def runs(self) -> bool:
        """Whether that service runs now."""
        return self.serves and systemd.state(self.host).get("ActiveState") in ("active", "activating")


def require_rights(here: Installation) -> None:
    """Refuses before anything is fetched. Raises UpdateError: only root may."""
    if here.serves and hasattr(os, "geteuid") and os.geteuid() != 0:
        raise UpdateError(
            "更新：请用 sudo 再运行一次 · update: expected root, got another user; run it again with sudo"
        )


def apply(here: Installation, client: Client, release: Release) -> None:
    """Puts `release` in and starts it; it is held until its self-check is well.

    Raises:
        UpdateError: a file is not what the makers signed, or there is no room; nothing was changed.
        RefusedError: pip, dpkg or systemd refuses, in its own words.
    """
    home = here.home
    file = bring(client, release, home)
    if release.kind == "deb":
        prune_files(home, release.file, _package(here.version, here.form))
        here.host.run([*DPKG, str(file)])
        return
    home.prepare()
    home.take_in(here.version, here.prefix)
    home.prune(here.version, release.version)
    prune_files(home, *release.files)
    with _open_to_others():
        build(client, release, home, here.python, here.host.run, here.probe)
    _switch(here, release.version)


@contextlib.contextmanager
def _open_to_others() -> Iterator[None]:
    """Whatever root's own umask is: the service's user has to read the environment that it runs."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def back(here: Installation, may_return: MayReturn) -> str:
    """Puts the version before in again, if the ledger is as it left it; gives its number. No data is put back.

    Raises:
        UpdateError: it may not come back, or it is not here any more; the present one goes on.
        RefusedError: dpkg or systemd refuses.
    """
    runs = here.runs
    if runs:
        here.host.run(["systemctl", "stop", NAME])
    try:
        version = may_return()
        package = _kept_package(here, version) if here.form.kind == "deb" else None
        if package is not None:
            here.host.run([*DPKG, str(package)])
        else:
            here.home.choose(version)
    finally:
        if runs:
            here.host.run(["systemctl", "start", NAME])
    return version


def _switch(here: Installation, version: str) -> None:
    """The old process goes on until systemd stops it, after the window that is in the printer."""
    runs = here.runs
    here.home.choose(version)
    here.probe("chosen")
    unit, program = here.host.root / systemd.UNIT, here.home.python()
    if unit.exists() and str(program) not in unit.read_text("utf-8"):
        systemd.install(here.host, here.config, here.source, (str(program),))
    elif runs:
        here.host.run(["systemctl", "restart", NAME])


def _package(version: str, form: Form) -> str:
    return f"edge-agent_{version}_{form.architecture}.deb"


def _kept_package(here: Installation, version: str) -> Path:
    number_of(version)  # a file of the service's user named it, and root is who looks for it
    name = _package(version, here.form)
    found: Sequence[Path] = sorted((here.home.root / "files" / TARGETS).glob(f"*.{name}"))
    if not found:
        raise UpdateError(
            f"退回：没有留下 {version} 的安装包 · update back: expected {name} kept from an update, got none; nothing "
            f"else stands against it: sudo dpkg --install {name}"
        )
    return found[0]
