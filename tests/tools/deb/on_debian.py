"""The package on a bare Debian that boots: a long proof, `make test-long ONLY=deb`; root, minutes, 1 GB of disk.

    python -m tests.tools.deb.on_debian [--base FOLDER] [--old DEB --new DEB]

Without `--old` a package is built of this tree, without `--new` the same becomes a later version; without `--base` the
bare system is made anew. Each step says what it saw; the last line has the figures.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.tools.deb.machine import GaveUpError, Machine, bootstrap, need_programs, until
from tests.tools.deb.packages import as_version, built, size_kb
from tests.tools.deb.registry import SAMPLE, Registry

STATE = "/var/lib/edge-agent"
PRINTER = """
[[printers]]
id = "line-1"
name = "一号线"
url = "tcp://127.0.0.1:9100"
profile = "virtual-zpl"
"""
QUICK = "[Service]\nWatchdogSec=6\nTimeoutAbortSec=2\nRestartSec=1\n"
"""So that minutes of waiting are seconds; the unit itself is as packaged."""
SMALL_DISK_MB, LEFT_MB = 120, 40


class Story:
    """One machine from the installation to the purge, and what was counted on the way."""

    def __init__(self, machine: Machine, old: str, new: str) -> None:
        self.machine, self.old, self.new = machine, old, new
        self.seen: dict[str, int] = dict.fromkeys(("boots", "restarts", "labels", "in_doubt"), 0)
        self.registry: Registry | None = None
        self.odometer = 1000

    def say(self, what: str) -> None:
        print(f"{what}: ok", flush=True)

    def require(self, true: bool, what: str) -> None:
        if not true:
            raise GaveUpError(f"expected {what}")

    # --- what is asked again and again ---------------------------------------------------------------------------

    def running(self) -> int:
        """Its process, as soon as systemd was told that it is ready."""
        until("a running service", lambda: self.machine.property("ActiveState") == "active")
        return int(self.machine.property("MainPID"))

    def restarted(self, before: int) -> None:
        """Another process than `before` is ready."""
        until("a restart", lambda: self.machine.property("MainPID") not in (str(before), "0"))
        self.running()
        self.seen["restarts"] += 1

    def prints(self, quantity: int) -> None:
        """So many labels, each proven."""
        job = self.machine.asked(*_order(quantity), "--wait")
        self.require(job["state"] == "done" and job["printed"] == quantity, f"{quantity} printed, got {job}")
        self.seen["labels"] += quantity

    def ends(self, job: str, quantity: int) -> None:
        """A job that waited goes on by itself; what it says meanwhile is told if it does not."""
        try:
            until("the labels", lambda: self.machine.asked("job", "show", job)["printed"] == quantity)
        except GaveUpError as cause:
            raise GaveUpError(f"{cause}: {self.machine.asked('job', 'show', job)}") from cause

    def sound(self) -> int:
        """The chain holds and the tables follow from it; how many events."""
        report = self.machine.asked("ledger", "verify")
        self.require(report["ok"], f"a sound ledger, got {report}")
        return int(report["events"])

    def ready(self) -> None:
        """The printer answers, as it does some seconds after the agent's start."""
        until("a ready printer", lambda: self.machine.asked("printers", "status")["printers"][0]["ready"])

    # --- the steps -----------------------------------------------------------------------------------------------

    def install(self) -> None:
        machine = self.machine
        machine.does("dpkg", "--install", f"/brought/{self.old}")
        machine.does("sh", "/var/lib/dpkg/info/edge-agent.postinst", "configure")  # as after an interrupted one
        self.running()
        self.require(
            machine.does("systemctl", "is-enabled", "edge-agent") == "enabled", "a service that starts at boot"
        )
        who = machine.does("stat", "--format=%a %U %G", STATE, "/etc/edge-agent/agent.toml").splitlines()
        self.require(who == ["700 edge-agent edge-agent", "640 root edge-agent"], f"closed files, got {who}")
        said = machine.does("systemd-analyze", "security", "edge-agent")
        self.seen["exposure_tenths"] = int(said.split()[said.split().index("edge-agent.service:") + 1].replace(".", ""))
        self.seen["installed_kib"] = int(machine.does("du", "-sk", "/usr/lib/edge-agent").split()[0])
        self.say("installed, started, closed to others")

    def enrol(self) -> None:
        """As IT does it, as root: what these commands write is the service's."""
        machine = self.machine
        machine.does("sh", "-c", "cat >> /etc/edge-agent/agent.toml", text=PRINTER)
        machine.does("mkdir", "-p", "/etc/systemd/system/edge-agent.service.d")
        machine.does("tee", "/etc/systemd/system/edge-agent.service.d/quick.conf", text=QUICK)
        machine.does("systemctl", "stop", "edge-agent")
        machine.does("systemctl", "daemon-reload")
        assert self.registry is not None
        machine.agent("enrol", "--registry", self.registry.url, "--token", "-", text=self.registry.token)
        owners = set(machine.does("find", STATE, "-printf", "%u %m\n").splitlines())
        self.require(owners <= {"edge-agent 700", "edge-agent 600"}, f"data of the service alone, got {owners}")
        self.printer()
        machine.does("systemctl", "start", "edge-agent")
        self.ready()
        until("an allotment", lambda: machine.asked("sync", "status")["acked_seq"])
        self.prints(5)
        self.say("enrolled, printed")

    def printer(self) -> None:
        """A printer of the package's own, which is gone with each boot; a real one keeps its odometer meanwhile."""
        count = ("--odometer", str(self.odometer))
        words = ("virtual-printer", "--listen", "127.0.0.1:9100", "--tape", "/var/tmp/tape", *count)
        self.machine.does("systemd-run", "--quiet", "--unit=printer", "edge-agent", *words)

    def read_odometer(self) -> None:
        self.odometer = self.machine.asked("printers", "status")["printers"][0]["counter"]

    def reboot(self) -> None:
        self.read_odometer()
        self.machine.turn_off()
        self.boot()
        self.prints(1)
        self.say("started at boot")

    def boot(self) -> None:
        self.machine.boot()
        self.seen["boots"] += 1
        self.printer()
        self.running()
        self.ready()

    def watchdog(self) -> None:
        """A process that stands still is one that hangs: it answers nobody, and lives."""
        before = self.running()
        self.machine.does("systemctl", "kill", "--kill-whom=main", "--signal=STOP", "edge-agent")
        self.restarted(before)
        self.require(
            "Watchdog timeout" in self.machine.does("journalctl", "-u", "edge-agent"), "the watchdog in the log"
        )
        self.say("a process that stood still was restarted")

    def kill(self) -> None:
        """In the middle of a job: labels whose fate nobody knows are in doubt, and the job waits for a person."""
        self.ready()
        before, job = self.running(), self.machine.asked(*_order(200))["job_id"]
        until("labels on their way", lambda: self.machine.asked("job", "show", job)["printed"] >= 8)
        self.machine.does("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "edge-agent")
        self.restarted(before)
        found = self.machine.asked("job", "show", job)
        self.require(found["state"] == "paused" and found["in_doubt"] <= 8, f"a paused job, got {found}")
        self.seen["in_doubt"] += found["in_doubt"]
        self.machine.agent("job", "cancel", job, "--operator", "12")
        self.look_through()
        self.sound()
        self.say("killed in mid-job, restarted, nothing printed twice")

    def look_through(self) -> None:
        """A person takes the labels in doubt off the strip; until then none is printed behind them."""
        for label in self.machine.asked("label", "list"):
            self.machine.agent("label", "scrap", label["serial"], "--operator", "12", "--reason", "断电")

    def power_cut(self) -> None:
        self.read_odometer()
        self.machine.pull_the_plug()
        self.boot()
        self.sound()
        self.say("power cut, started, the ledger is sound")

    def full_disk(self) -> None:
        """Its own disk of 120 MB: below 50 MB nothing is issued, at 0 it runs and says so, with room it goes on."""
        with self.small_disk():
            self.ready()
            before = self.running()
            self.machine.does("sh", "-c", f"head -c {SMALL_DISK_MB - LEFT_MB}M /dev/zero > {STATE}/fill")
            job = self.machine.asked(*_order(3))["job_id"]
            said = until("a waiting job", lambda: self._waits(job))
            self.require("磁盘" in said, f"a sentence about the disk, got {said}")
            self.machine.tries("sh", "-c", f"head -c {SMALL_DISK_MB}M /dev/zero >> {STATE}/fill")
            code, _, refused = self.machine.tries("edge-agent", *_order(3))
            self.require(code == 1 and "磁盘已满" in refused, f"a refusal, got {code} {refused}")
            self.require(self.running() == before, "the process that was there before the disk was full")
            self.machine.does("rm", f"{STATE}/fill")
            self.ends(job, 3)
            self.seen["labels"] += 3
        self.sound()
        self.say("full disk: waits, says so, goes on")

    def _waits(self, job: str) -> str:
        found = self.machine.asked("job", "show", job)
        return str(found["reason"]) if found["state"] == "waiting" and found["printed"] == 0 else ""

    @contextlib.contextmanager
    def small_disk(self) -> Iterator[None]:
        """The data on a disk of their own while the block lasts."""
        machine, kept = self.machine, "/var/tmp/kept"
        machine.does("systemctl", "stop", "edge-agent")
        machine.does("cp", "-a", STATE, kept)
        machine.does("mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MB}M,mode=0700", "tmpfs", STATE)
        machine.does("cp", "-a", f"{kept}/.", STATE)
        machine.does("systemctl", "start", "edge-agent")
        yield
        machine.does("systemctl", "stop", "edge-agent")
        machine.does("rm", "-r", kept)
        machine.does("cp", "-a", STATE, kept)
        machine.does("umount", STATE)
        machine.does("rm", "-r", STATE)
        machine.does("mv", kept, STATE)
        machine.does("systemctl", "start", "edge-agent")
        self.running()

    def update(self, package: str, word: str) -> None:
        """To another version with the data that are there: it prints on, and no event is lost."""
        events, before = self.sound(), self.running()
        self.machine.does("dpkg", "--install", "--force-downgrade", f"/brought/{package}")
        self.require(self.running() != before, "a process of the other version")
        self.ready()
        self.prints(1)
        self.require(self.sound() > events, "all events and more")
        self.say(word)

    def remove(self) -> None:
        machine = self.machine
        machine.does("dpkg", "--remove", "edge-agent")
        self.require(machine.property("LoadState") == "not-found", "no unit")
        left = machine.tries("find", "/usr/lib/edge-agent", "/usr/bin/edge-agent")[1]
        self.require(not left, f"no program, got {left[:300]}")
        kept = machine.does("sha256sum", f"{STATE}/ledger/ledger.db", "/etc/edge-agent/agent.toml")
        machine.does("dpkg", "--install", f"/brought/{self.new}")
        self.running()
        self.require("line-1" in machine.does("cat", "/etc/edge-agent/agent.toml"), "the configuration as it was")
        self.require(len(kept.split()[0]) == 64 and self.sound() > 0, "the ledger as it was")
        self.ready()
        self.prints(1)
        self.say("removed with data kept, installed again, printed on")

    def purge(self) -> None:
        code, _, said = self.machine.tries("dpkg", "--purge", "edge-agent")
        self.require(code == 0 and "deleting" in said and "/var/lib/edge-agent" in said, f"a sentence, got {said}")
        left = self.machine.tries("ls", "-d", STATE, "/etc/edge-agent", "/usr/lib/edge-agent")[1]
        self.require(not left, f"nothing left, got {left}")
        self.say("purged with a sentence")


def _order(quantity: int) -> tuple[str, ...]:
    words = ("job", "submit", "--template", "down_grade_60x40", "--data", "/brought/sample.json", "--printer", "line-1")
    return (*words, "--quantity", str(quantity), "--operator", "12")


def tell(story: Story) -> None:
    """All of it, in the order of a machine's life."""
    story.machine.boot()
    story.seen["boots"] += 1
    story.registry = Registry(story.machine)
    try:
        story.install()
        story.enrol()
        story.watchdog()
        story.kill()
        story.full_disk()
        story.update(story.new, "updated with its data")
        story.update(story.old, "rolled back with its data")
        story.remove()
        story.registry.close()  # the agent works without one
        story.reboot()
        story.power_cut()
        story.purge()
    finally:
        story.registry.close()
        story.machine.turn_off()


def main() -> None:
    """Make the machine, tell the story, print the figures."""
    words = argparse.ArgumentParser(prog="python -m tests.tools.deb.on_debian", description=__doc__)
    words.add_argument("--base", type=Path, help="where a bare Debian is, or is made and left")
    words.add_argument("--old", type=Path)
    words.add_argument("--new", type=Path)
    given = words.parse_args()
    need_programs()
    with tempfile.TemporaryDirectory(prefix="on-debian-") as name:
        folder = Path(name)
        old = given.old or built(folder / "old", "1.0")
        new = given.new or as_version(old, folder, "1.1")
        shared, root, base = folder / "shared", folder / "root", given.base or folder / "base"
        shared.mkdir()
        for source in (old, new):
            shutil.copy(source, shared)
        shutil.copy(SAMPLE, shared / "sample.json")
        bootstrap(base)
        subprocess.run(["cp", "--archive", "--reflink=auto", str(base), str(root)], check=True)
        story = Story(Machine(root, shared), old.name, new.name)
        tell(story)
        print(" ".join(f"{name}={value}" for name, value in {**story.seen, "package_kb": size_kb(old)}.items()))


if __name__ == "__main__":
    main()
