"""A firm without an association's registry, on a bare Debian that boots: `edge-agent setup` sets both services up.

    python -m tests.tools.deb.here_on_debian [--base FOLDER]

By hand: root, minutes, 1 GB of disk, and an index of packages for pip, which installs the wheel for Debian's own
Python. Without `--base` the bare system is made anew. Each step says what it saw.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.tools.deb.machine import Machine, bootstrap, need_programs, until
from tools.deb.__main__ import build_wheel

PACKAGES = "usr/local/lib/python3.11/dist-packages"
"""Where Debian's Python looks for what Debian did not bring."""
AGENT, REGISTRY = "/etc/edge-agent/agent.toml", "/etc/central-registry/registry.toml"
BOTH = ("edge-agent", "central-registry")


class Story:
    """One machine, from the first start to a power cut."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def says(self, program: str, *words: str) -> str:
        return self.machine.does("python3", "-m", program, *words)

    def known(self) -> list[str]:
        """The agents that the registry knows, with what they have told."""
        rows = json.loads(self.says("central_registry", "agents", "list", "--json", "--config", REGISTRY))
        return [f"{row['agent']} {row['state']}" for row in rows if row["seq"] > 0]

    def both_run(self, what: str) -> None:
        for unit in BOTH:
            until(f"{unit} {what}", lambda unit=unit: self.machine.property("ActiveState", unit) == "active")
        until("an agent that the registry has heard", lambda: self.known() == ["agent-1 enrolled"])
        print(f"{what}: ok", flush=True)

    def play(self) -> None:
        words = ("--yes", "--config", AGENT, "--data", "/var/lib/edge-agent", "--site", "示例一厂")
        print(self.says("edge_agent", "setup", *words, "--registry-here", "--service"), flush=True)
        self.both_run("after setup")
        copies = "/var/lib/edge-agent/ledger/backups/scheduled"
        until("a set with both", lambda: self.machine.tries("sh", "-c", f"ls {copies}/*/registry.dump")[0] == 0)
        rows = json.loads(self.machine.tries("python3", "-m", "edge_agent", "doctor", "--json", "--config", AGENT)[1])
        told = {row["what"]: row["state"] for row in rows}
        assert told["本机平台 registry here"] == told["中心 registry"] == told["备份 backup"] == "ok", told
        print("a set holds both, the doctor knows: ok", flush=True)
        assert self.machine.tries("runuser", "-u", "nobody", "--", "ls", "/var/lib/central-registry")[0] != 0
        for unit in BOTH:
            self.machine.does("systemctl", "kill", "--signal=KILL", "--kill-who=main", unit)
        until("two restarts", lambda: [self.machine.property("NRestarts", unit) for unit in BOTH] == ["1", "1"])
        self.both_run("after kills")
        self.machine.turn_off()
        self.machine.boot()
        self.both_run("after a reboot")
        self.machine.pull_the_plug()
        self.machine.boot()
        self.both_run("after a power cut")
        self.says("edge_agent", "registry-here", "remove")
        assert self.machine.tries("ls", "/var/lib/central-registry/postgres/PG_VERSION")[0] == 0
        print("removed, its data kept: ok", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, help="a bare system that is there; a copy of it is used")
    base = parser.parse_args().base
    need_programs()
    if sys.version_info[:2] != (3, 11):
        sys.exit(f"here_on_debian: expected Python 3.11, Debian's own, got {sys.version.split()[0]}; run it with that")
    with tempfile.TemporaryDirectory(prefix="here-on-debian-") as folder:
        root = Path(folder, "root")
        if base is not None:
            subprocess.run(["cp", "--archive", "--one-file-system", str(base), str(root)], check=True)  # devices, too
        bootstrap(root)
        wheel = build_wheel(Path(folder))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(root / PACKAGES)]
        subprocess.run([*pip, f"{wheel}[embedded]"], check=True)
        machine = Machine(root, Path(folder))
        machine.boot()
        try:
            Story(machine).play()
        finally:
            machine.turn_off()


if __name__ == "__main__":
    main()
