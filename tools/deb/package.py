"""What Debian wants to know: control fields (deb-control(5)), conffiles, maintainer scripts, and where each file lies.

`dpkg-deb` alone puts it together; debhelper would bring forty packages for what is here one page.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

from edge_agent import __version__
from edge_agent.cli import app
from edge_agent.ops.service.unit import NAME, STATE, SYSUSERS, Service, unit_text
from edge_agent.ops.setup.answers import places, reference_text
from edge_agent.ops.setup.config_text import with_values
from tools.deb.environment import HOME
from tools.deb.man_page import man_page

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "packaging" / "deb"
CONFIG = f"/etc/{NAME}/agent.toml"


def control(version: str, architecture: str, installed_kib: int, python: tuple[int, int]) -> str:
    """The fields. The environment is made for one version of Python, so that one and no other is asked for."""
    major, minor = python
    return f"""\
Package: {NAME}
Version: {version}
Architecture: {architecture}
Maintainer: edge-agent <root@localhost>
Installed-Size: {installed_kib}
Depends: python3 (>= {major}.{minor}), python3 (<< {major}.{minor + 1}), systemd (>= 247)
Suggests: cups-client
Section: utils
Priority: optional
Description: 吊牌打印代理 label agent for garment factories
 Prints labels with unique serials and proves what is on paper. It runs as a
 service of its own user; the configuration is {CONFIG}, the data
 are below {STATE} and stay when the package is removed.
"""


def lay_out(stage: Path, version: str = __version__) -> None:
    """All files but the environment's libraries: unit, user, configuration, manual page, changelog, program's name."""
    unit = unit_text(Service([f"/usr/bin/{NAME}", "run", "--config", CONFIG]))
    _write(stage / f"usr/lib/systemd/system/{NAME}.service", unit.encode())
    _write(stage / f"usr/lib/sysusers.d/{NAME}.conf", SYSUSERS.encode())
    _write(stage / CONFIG[1:], with_values(reference_text(), places(PurePosixPath(STATE))).encode())
    _write(stage / f"usr/share/man/man1/{NAME}.1.gz", gzip.compress(man_page(app, version).encode(), mtime=0))
    changes = gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0)
    _write(stage / f"usr/share/doc/{NAME}/changelog.gz", changes)
    (stage / "usr/bin").mkdir(parents=True)
    (stage / f"usr/bin/{NAME}").symlink_to(f"/{HOME}/bin/{NAME}")


def pack(stage: Path, target: Path, version: str = __version__) -> Path:
    """Puts the control files beside what is staged and makes the package; gives its path in the folder `target`."""
    architecture = _said("dpkg", "--print-architecture")
    installed_kib = sum(one.lstat().st_size for one in stage.rglob("*") if one.is_file()) // 1024
    for folder in (stage, *(one for one in stage.rglob("*") if one.is_dir() and not one.is_symlink())):
        folder.chmod(0o755)
    debian = stage / "DEBIAN"
    fields = control(version, architecture, installed_kib, sys.version_info[:2])
    _write(debian / "control", fields.encode())
    _write(debian / "conffiles", f"{CONFIG}\n".encode())
    for script in ("postinst", "prerm", "postrm"):
        shutil.copyfile(SCRIPTS / script, debian / script)
        (debian / script).chmod(0o755)
    package = target / f"{NAME}_{version}_{architecture}.deb"
    target.mkdir(parents=True, exist_ok=True)
    dated = {**os.environ, "SOURCE_DATE_EPOCH": _said("git", "log", "-1", "--format=%ct")}
    command = ["dpkg-deb", "--root-owner-group", "--build", str(stage), str(package)]
    subprocess.run(command, check=True, env=dated, stdout=subprocess.DEVNULL)
    return package


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)
