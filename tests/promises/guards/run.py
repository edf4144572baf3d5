"""Removes each invariant's guard in turn, in a copy of the tree, and shows that its tests go red: `make guards`.

One stored patch per guard. Its header names the invariant, what the patch takes away, and the tests that must fail
then, each of them; the same tests must be green without it. A patch that no longer applies fails the run: the guard
has moved, and the patch has to follow it.

    tests/promises/guards/run.py [--jobs N] [--changed] [PART-OF-A-NAME …]

Each job has a tree of its own. What was seen red is kept in docs/proof/guards-seen.json, with a hash of the patch, of
the files it changes and of its tests' files, after each guard, so that a run which is cut off has lost nothing;
`--changed` runs those whose hash is another one now.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SEEN = ROOT / "docs" / "proof" / "guards-seen.json"
TIMEOUT_S = 300
GREEN_AT_ONCE = 25
"""Tests shown green by one pytest: they end in time on a busy machine, and share one start."""
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

    def hashed(self, root: Path = ROOT) -> str:
        """The first 16 hex digits of SHA-256 over the patch, the files it changes and the files of its tests."""
        files = [root / name for name in (*self.files(), *sorted({test.partition("::")[0] for test in self.tests}))]
        whole = b"".join(hashlib.sha256(file.read_bytes()).digest() for file in (self.patch, *files))
        return hashlib.sha256(whole).hexdigest()[:16]


@dataclass
class Seen:
    """Which guards were seen red, each with its hash then; written anew after each."""

    file: Path
    hashes: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    @classmethod
    def read(cls, file: Path) -> Seen:
        """Empty if nothing was kept yet."""
        return cls(file, json.loads(file.read_text("utf-8")) if file.is_file() else {})

    def stands(self, guard: Guard) -> bool:
        """It was seen red with these very files."""
        return self.hashes.get(guard.patch.stem) == guard.hashed()

    def note(self, guard: Guard, red: bool) -> None:
        """Keep what was seen, or forget what no longer holds; a patch that is gone leaves no row."""
        with self.lock:
            self.hashes.pop(guard.patch.stem, None)
            if red:
                self.hashes[guard.patch.stem] = guard.hashed()
            kept = {name: self.hashes[name] for name in sorted(self.hashes) if (HERE / f"{name}.patch").is_file()}
            self.file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8", newline="\n")


def main(typed: Sequence[str]) -> int:
    """0: every guard's removal was noticed."""
    asked = _asked(typed)
    seen = Seen.read(SEEN)
    guards = chosen(asked.parts)
    todo = [guard for guard in guards if not (asked.changed and seen.stands(guard))]
    with trees(max(1, min(asked.jobs, len(todo)))) as free, ThreadPoolExecutor(asked.jobs) as pool:
        require_green(free, pool, todo)
        print("| invariant | guard taken away | tests | red? |\n|---|---|---|---|")
        rows = [*pool.map(lambda guard: removed(free, guard, seen), todo)]
    before = [True] * (len(guards) - len(todo))
    print(f"\n{len(todo)} were taken away now, {len(before)} stand as they were seen red")
    rows += before
    print(f"{sum(rows)} of {len(rows)} removed guards were noticed")
    return 0 if all(rows) else 1


def _asked(typed: Sequence[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("parts", nargs="*", metavar="PART-OF-A-NAME", help="which guards; without one, all")
    asked.add_argument("--jobs", type=int, default=1, help="how many at once (default: 1)")
    asked.add_argument("--changed", action="store_true", help="leave out those seen red with the same files")
    return asked.parse_args(typed)


def chosen(parts: Sequence[str]) -> list[Guard]:
    """Those with a part in their name; all without one."""
    patches = sorted(HERE.glob("*.patch"))
    guards = [Guard.read(one) for one in patches if not parts or any(part in one.name for part in parts)]
    if not guards:
        raise SystemExit(f"guards: expected a part of one of {', '.join(one.stem for one in patches)}, got {parts}")
    return guards


@contextmanager
def trees(count: int) -> Iterator[SimpleQueue[Path]]:
    """Copies of the tree; whoever takes one out alone works in it and puts it back."""
    free: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        for number in range(count):
            tree = Path(folder) / f"tree{number}"
            copy_tree(tree)
            require_own_packages(tree)
            free.put(tree)
        yield free


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


def require_green(free: SimpleQueue[Path], pool: ThreadPoolExecutor, guards: Sequence[Guard]) -> None:
    """Without a patch every named test passes; a name nobody bears is an error here."""
    tests = sorted({test for guard in guards for test in guard.tests})
    parts = [tests[first : first + GREEN_AT_ONCE] for first in range(0, len(tests), GREEN_AT_ONCE)]
    for part, (code, said) in zip(parts, pool.map(lambda part: green(free, part), parts), strict=True):
        if code != 0:
            raise SystemExit(f"guards: expected {', '.join(part)} to be green before anything is removed, got\n{said}")
    print(f"{len(tests)} tests are green with every guard in place\n", flush=True)


def green(free: SimpleQueue[Path], tests: Sequence[str]) -> tuple[int, str]:
    """pytest's exit code and what it said in a tree that lacks nothing."""
    tree = free.get()
    try:
        code, _, said = run_tests(tree, tests)
    finally:
        free.put(tree)
    return code, said


def removed(free: SimpleQueue[Path], guard: Guard, seen: Seen) -> bool:
    """Take one away alone; its row is printed and kept. True if that was noticed."""
    tree = free.get()
    try:
        word, said = without(tree, guard)
    finally:
        free.put(tree)
    names = ", ".join(test.rpartition("::")[2] for test in guard.tests)
    more = "" if word == "red" else f"\n  {guard.patch.name}: {said.strip()}"
    print(f"| {guard.invariant} | {guard.removes} | {names} | {word} |{more}", flush=True)
    seen.note(guard, word == "red")
    return word == "red"


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
