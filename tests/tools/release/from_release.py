"""From one release to the next and back, with real wheels and no index: a long proof, `make test-long ONLY=update`.

    python -m tests.tools.release.from_release [--keep FOLDER]

Two versions of this tree are built that trust a maker of the test's own. The old one is installed as a person would,
prints a test label, fetches the new one from a folder, puts it in, and comes back; once the new one has counted a label
it does not. The last line has the figures.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from edge_agent import __version__
from tests.tools.deb.from_wheel import Installed, _until_ready, free_port
from tools.deb.package import ROOT
from tools.release.__main__ import main as release

OLD, NEW = __version__, f"{__version__}.1"


class Makers:
    """Keys, a repository, and builds that trust it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.repository = folder, folder / "updates"
        self._keys = folder / "keys"
        self._keys.mkdir()
        for name in ("r1", "r2", "r3", "targets", "snapshot", "timestamp"):
            release(["key", str(self._keys / name), "--unlocked"])
        roles = [
            word for role in ("targets", "snapshot", "timestamp") for word in (f"--{role}", self.key(f"{role}.pub"))
        ]
        release(["root", str(self.repository), "--root", *(self.key(f"r{n}.pub") for n in (1, 2, 3)), *roles])
        for name in ("r1", "r3"):
            release(["sign", str(self.repository / "root-draft.json"), self.key(name)])
        release(["publish", str(self.repository)])

    def key(self, name: str) -> str:
        return str(self._keys / name)

    def build(self, version: str) -> Path:
        """Our wheel of that version, with the root of these makers in it."""
        copy = self.folder / f"source-{version}"
        for name in _said("git", "ls-files", "-z").split("\0"):
            if name and (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, copy / name)
        for name in ("pyproject.toml", "edge_agent/__init__.py"):
            text = (copy / name).read_text("utf-8")
            (copy / name).write_text(
                text.replace(f'ersion = "{OLD}"', f'ersion = "{version}"').replace(
                    f'__version__ = "{OLD}"', f'__version__ = "{version}"'
                ),
                encoding="utf-8",
            )
        shutil.copyfile(
            self.repository / "metadata" / "1.root.json", copy / "edge_agent" / "ops" / "update" / "root.json"
        )
        pip = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "-w",
            str(self.folder / version),
            str(copy),
        ]
        subprocess.run(pip, check=True)
        (wheel,) = (self.folder / version).glob("edge_agent-*.whl")
        return wheel

    def publish(self, wheel: Path) -> int:
        """With everything that it needs; how many files."""
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "-w", str(wheel.parent), str(wheel)]
        subprocess.run(pip, check=True)
        wheels = sorted(map(str, wheel.parent.glob("*.whl")))
        release(["add", str(self.repository), *wheels, "--key", self.key("targets")])
        stamp = ["--snapshot", self.key("snapshot"), "--timestamp", self.key("timestamp")]
        release(["stamp", str(self.repository), *stamp])
        return len(wheels)


class Site:
    """One computer: the old version's environment, and what it does."""

    def __init__(self, folder: Path, installed: Installed) -> None:
        self.installed, self.config = installed, folder / "out" / "agent.toml"
        self.home = installed.folder.with_name("environment-versions")
        self.updates = folder / "out" / "data" / "ledger" / "updates"

    def does(self, *words: object) -> str:
        """As `edge-agent` of the version that is chosen."""
        return _does(self._program, *words, "--config", self.config)

    def refuses(self, *words: object) -> str:
        ended = subprocess.run(
            [self._program, *map(str, words), "--config", str(self.config)], capture_output=True, text=True, check=False
        )
        _require(ended.returncode == 1, f"a refusal of {words}, got {ended}")
        return ended.stderr.strip()

    @property
    def _program(self) -> str:
        chosen = self.home / "current"
        return str((chosen if chosen.exists() else self.installed.folder) / "bin" / "edge-agent")

    @property
    def version(self) -> str:
        return _does(self._program, "--version").strip().removeprefix("edge-agent ")

    @contextlib.contextmanager
    def runs(self) -> Iterator[None]:
        """The chosen version, ready to print."""
        process = subprocess.Popen(
            [self._program, "run", "--config", str(self.config)], stderr=subprocess.PIPE, text=True
        )
        try:
            for line in process.stderr or ():
                if "running" in line:
                    break
            _until_ready(self.installed, self.config)
            yield
        finally:
            process.terminate()
            process.communicate(timeout=90)

    def standing(self) -> tuple[str, bool]:
        row = json.loads((self.updates / "standing.json").read_text("utf-8"))
        return row["version"], row["confirmed"]


def story(makers: Makers, site: Site) -> float:
    """What IT does; how many seconds the change took."""
    with site.runs():
        site.does("printers", "test", "printer-1")
    with site.runs():
        _require(site.standing() == (OLD, True), "the old version on record")  # and the count of its label, too
    site.does("update", "get", "--from", makers.repository)
    began = time.monotonic()
    site.does("update", "apply")
    took_s = time.monotonic() - began
    _require(site.version == NEW, "the new version chosen")
    site.does("update", "back")
    _require(site.version == OLD, "the old one again: the new one never began")
    site.does("update", "apply")
    with site.runs():
        _require(site.standing() == (NEW, True), "the new version confirmed")
    site.does("update", "back")
    _require(site.version == OLD, "the old one again: nothing was appended")
    with site.runs():
        _require(site.standing() == (OLD, True), "the old version on record")
    site.does("update", "apply")
    with site.runs():
        site.does("printers", "test", "printer-1")
    with site.runs():
        _require(site.standing() == (NEW, True), "the new version, which counted a label")
    said = site.refuses("update", "back")
    _require("已经记过账" in said and site.version == NEW, f"a refusal behind an event, got {said}")
    return took_s


def _require(true: bool, what: str) -> None:
    if not true:
        raise SystemExit(f"expected {what}")


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _does(*words: object) -> str:
    ended = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    _require(ended.returncode == 0, f"{' '.join(map(str, words))} to be done, got {ended.stderr}")
    return ended.stdout


def main() -> None:
    """Build, publish, install, tell the story, print the figures."""
    words = argparse.ArgumentParser(prog="python -m tests.tools.release.from_release", description=__doc__)
    words.add_argument("--keep", type=Path, help="leave everything in this folder")
    given = words.parse_args()
    with contextlib.ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="from-release-")))
        folder.mkdir(parents=True, exist_ok=True)
        makers = Makers(folder)
        wheels = makers.publish(makers.build(NEW))
        site = Site(folder, Installed(folder, makers.build(OLD)))
        printer, web, out = free_port(), free_port(), folder / "out"
        out.mkdir()
        listen = ("--listen", f"127.0.0.1:{printer}", "--tape", out / "tape")
        with site.installed.stays("virtual-printer:", "virtual-printer", *listen):
            setup = ("--yes", "--config", site.config, "--data", out / "data", "--site", "示例", "--no-test")
            site.installed.does("setup", *setup, "--printer", f"virtual-zpl@tcp://127.0.0.1:{printer}")
            text = site.config.read_text("utf-8").replace("\nport = 8631\n", f"\nport = {web}\n")
            site.config.write_text(text, encoding="utf-8")
            took_s = story(makers, site)
        labels = len(list((out / "tape").glob("*.png")))
        print(f"wheels={wheels} apply_s={took_s:.0f} labels={labels}")


if __name__ == "__main__":
    main()
