"""The patches of `make guards` fit the tree as it is: each still applies, and the tests it names are there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.promises.guards.run import HERE, ROOT, Guard

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
