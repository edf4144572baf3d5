"""The patches of `make guards` fit the tree as it is: each still applies, and the tests it names are there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.promises.guards.run import HERE, ROOT, Guard, Seen

PATCHES = sorted(HERE.glob("*.patch"))
INVARIANTS = {str(number) for number in range(1, 10)}
FLOW = ROOT / "docs" / "flow.md"


def test_every_invariant_has_guards() -> None:
    guards = [Guard.read(patch) for patch in PATCHES]
    assert {guard.invariant[0] for guard in guards} == INVARIANTS
    assert all(guard.patch.name[0] == guard.invariant[0] for guard in guards)
    assert len({guard.removes for guard in guards}) == len(guards) >= 20


def test_every_invariant_is_a_promise_of_the_docs() -> None:
    text = FLOW.read_text("utf-8").lower()
    for invariant in {Guard.read(patch).invariant for patch in PATCHES}:
        number, _, name = invariant.partition(" ")
        assert f"\n{number}. **{name}.**" in text, invariant


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_guard_can_still_be_taken_away(patch: Path) -> None:
    """If this fails the guard has moved: make the patch follow it, and let `make guards` show that it is still one."""
    command = ["git", "apply", "--check", "-C1", str(patch)]
    applied = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert applied.returncode == 0, applied.stderr
    for test in Guard.read(patch).tests:
        path, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text("utf-8")


def guard_of(folder: Path) -> Guard:
    """A guard over one file, held by one test."""
    for name, text in (
        ("room.py", "one"),
        ("test_room.py", "two"),
        ("901-a-guard.patch", "--- a/room.py\n+++ b/room.py\n"),
    ):
        (folder / name).write_text(text, "utf-8")
    return Guard(folder / "901-a-guard.patch", "9 one person", "a thing", ("test_room.py::test_it",))


@pytest.mark.parametrize("name", ["room.py", "test_room.py", "901-a-guard.patch"])
def test_what_was_seen_red_stands_until_one_of_its_files_changes(tmp_path: Path, name: str) -> None:
    guard = guard_of(tmp_path)
    before = guard.hashed(tmp_path)
    assert guard.hashed(tmp_path) == before
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("+\n")
    assert guard.hashed(tmp_path) != before


def test_what_was_seen_red_is_kept_and_a_green_one_is_forgotten(tmp_path: Path) -> None:
    seen, one = Seen.read(tmp_path / "seen.json"), Guard.read(PATCHES[0])
    assert not seen.stands(one)
    seen.note(one, red=True)
    assert Seen.read(seen.file).stands(one)
    seen.note(one, red=False)
    assert not Seen.read(seen.file).stands(one)
