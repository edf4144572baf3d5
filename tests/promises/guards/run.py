"""Removes each invariant's guard in turn, in a copy of the tree, and shows that its tests go red: `make guards`.

One stored patch per guard. Its header names the invariant, what the patch takes away, and the tests that must fail
then, each of them; the same tests must be green without it. A patch that no longer applies fails the run: the guard
has moved, and the patch has to follow it.

    tests/promises/guards/run.py [PART-OF-A-NAME …]
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TIMEOUT_S = 150
_WHOSE = """
import label_protocol, garment, edge_agent, central_registry, tests
for one in (label_protocol, garment, edge_agent, central_registry, tests): print(one.__file__)
"""


@dataclass(frozen=True)
class Guard:
    """One patch: `invariant`, what it `removes`, the ids of the `tests` that must go red."""

    patch: Path
    invariant: str
    removes: str
    tests: tuple[str, ...]

    @classmethod
    def read(cls, patch: Path) -> Guard:
        """From the lines `# invariant:`, `# removes:` and one or more `# red:` at the head of the file."""
        head = patch.read_text("utf-8").partition("\n--- ")[0]
        found = {name: re.findall(rf"^# {name}: (.+)$", head, re.MULTILINE) for name in ("invariant", "removes", "red")}
        if not (len(found["invariant"]) == len(found["removes"]) == 1 and found["red"]):
            raise SystemExit(f"{patch.name}: expected one invariant, one removes and a red in its head, got {found}")
        return cls(patch, found["invariant"][0], found["removes"][0], tuple(found["red"]))

    def files(self) -> list[str]:
        """What the patch changes."""
        return re.findall(r"^\+\+\+ b/(\S+)$", self.patch.read_text("utf-8"), re.MULTILINE)


def main(parts: Sequence[str]) -> int:
    """0: every guard's removal was noticed."""
    patches = sorted(HERE.glob("*.patch"))
    guards = [Guard.read(one) for one in patches if not parts or any(part in one.name for part in parts)]
    if not guards:
        raise SystemExit(f"guards: expected a part of one of {', '.join(one.stem for one in patches)}, got {parts}")
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        tree = Path(folder) / "tree"
        copy_tree(tree)
        require_own_packages(tree)
        require_green(tree, guards)
        rows = list(removed(tree, guards))
    print(f"\n{sum(red for *_, red in rows)} of {len(rows)} removed guards were noticed")
    return 0 if all(red for *_, red in rows) else 1


def copy_tree(tree: Path) -> None:
    """The tracked files as they are in the working tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)


def environment(tree: Path) -> dict[str, str]:
    """The copy's packages win over installed ones; no compiled files, which a quick edit could leave stale."""
    return {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "GIT_CEILING_DIRECTORIES": str(tree)}


def require_own_packages(tree: Path) -> None:
    """A run against the original would prove nothing."""
    command = [sys.executable, "-c", _WHOSE]
    said = subprocess.run(command, cwd=tree, env=environment(tree), capture_output=True, text=True, check=True).stdout
    if not all(Path(path).is_relative_to(tree.resolve()) or Path(path).is_relative_to(tree) for path in said.split()):
        raise SystemExit(f"guards: expected the packages of {tree}, got {said}")


def run_tests(tree: Path, tests: Sequence[str]) -> tuple[int, set[str], str]:
    """pytest's exit code, the ids that failed, and all it said."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--tb=no", "-rfE", *tests]
    try:
        ended = subprocess.run(
            command, cwd=tree, env=environment(tree), capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return -1, set(), f"no end within {TIMEOUT_S} s"
    failed = set(re.findall(r"^FAILED (\S+?::.+?)(?: - .*)?$", ended.stdout, re.MULTILINE))
    return ended.returncode, failed, ended.stdout + ended.stderr


def require_green(tree: Path, guards: Sequence[Guard]) -> None:
    """Without a patch every named test passes; a name nobody bears is an error here."""
    tests = sorted({test for guard in guards for test in guard.tests})
    code, _, said = run_tests(tree, tests)
    if code != 0:
        raise SystemExit(f"guards: expected {len(tests)} tests to be green before anything is removed, got\n{said}")
    print(f"{len(tests)} tests are green with every guard in place\n")


def removed(tree: Path, guards: Sequence[Guard]) -> Iterator[tuple[str, str, bool]]:
    """Take each away alone; a row for each, printed as it comes."""
    print("| invariant | guard taken away | tests | red? |\n|---|---|---|---|")
    for guard in guards:
        word, said = without(tree, guard)
        names = ", ".join(test.rpartition("::")[2] for test in guard.tests)
        print(f"| {guard.invariant} | {guard.removes} | {names} | {word} |", flush=True)
        if word != "red":
            print(f"  {guard.patch.name}: {said.strip()}", flush=True)
        yield guard.invariant, guard.removes, word == "red"


def without(tree: Path, guard: Guard) -> tuple[str, str]:
    """What became of the tests without this guard, and why if it is not what it should be."""
    command = ["git", "apply", "-C1", "--whitespace=nowarn", str(guard.patch)]
    applied = subprocess.run(command, cwd=tree, env=environment(tree), capture_output=True, text=True, check=False)
    if applied.returncode != 0:
        return "DOES NOT APPLY", applied.stderr
    try:
        code, failed, said = run_tests(tree, guard.tests)
    finally:
        for name in guard.files():
            shutil.copy2(ROOT / name, tree / name)
    green = [test for test in guard.tests if not any(one == test or one.startswith(test + "[") for one in failed)]
    if code == 1 and not green:
        return "red", said
    return "STAYS GREEN" if code in (0, 1) else "BREAKS", f"{', '.join(green)}\n{said}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
