"""The long proofs: their figures are read from what is really printed, and a proof is stale when a room has changed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bench.__main__ import table
from bench.kit import Row
from tests.promises.crash.checker import Books
from tests.promises.crash.lines import pairs
from tests.promises.crash.tally import Death, Tally, histogram
from tools.proof import (
    FOLDER,
    PROOFS,
    ROOT,
    Proof,
    bench_figures,
    changed,
    crash_figures,
    guard_figures,
    run,
    stale,
    story_figures,
    suite_figures,
)

SAID = "print('7 of 9 removed guards were noticed')"


def a_proof(command: str = SAID) -> Proof:
    return Proof("small", "one room is looked at", ("-c", command), ("-c", SAID), ("room", "file.txt"), guard_figures)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A root with a room of two files and a file, under git."""
    (tmp_path / "room" / "__pycache__").mkdir(parents=True)
    for name in ("room/a.py", "room/b.py", "file.txt"):
        (tmp_path / name).write_text("alike", encoding="utf-8")
    return tmp_path


@pytest.fixture
def made(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tree after its proof was run."""
    monkeypatch.setattr("tools.proof._git", lambda _root, *words: "abc1234" if "HEAD" in words else "")
    assert run(a_proof(), 1, trial=False, folder=tree, root=tree)
    return tree


def test_a_file_holds_figures_day_commit_and_a_hash_of_each_room(made: Path) -> None:
    found = tomllib.loads((made / "small.toml").read_text(encoding="utf-8"))
    assert found["figures"] == {"noticed": 7, "guards": 9}
    assert (found["proof"], found["command"]) == ("one room is looked at", f"python -c {SAID}")
    assert found["commit"] == "abc1234"
    assert f"{found['day']:%Y}" >= "2026"
    assert set(found["rooms"]) == {"room", "file.txt"}


def test_a_proof_is_stale_by_the_rooms_that_changed(made: Path) -> None:
    assert stale([a_proof()], made, made) == ""
    (made / "room" / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    assert stale([a_proof()], made, made) == ""
    (made / "room" / "b.py").write_text("other", encoding="utf-8")
    assert stale([a_proof()], made, made) == "long proofs: small is older than room (make test-long)"
    (made / "file.txt").unlink()
    assert changed((made / "small.toml").read_text(encoding="utf-8"), made) == ["room", "file.txt"]


def test_a_renamed_file_is_a_change(made: Path) -> None:
    (made / "room" / "b.py").rename(made / "room" / "c.py")
    assert "older than room" in stale([a_proof()], made, made)


def test_what_was_never_run_is_named(tree: Path) -> None:
    assert stale([a_proof()], tree, tree) == "long proofs: small was never run (make test-long)"


def test_a_run_that_fails_leaves_the_file_as_it_was(made: Path) -> None:
    before = (made / "small.toml").read_bytes()
    assert not run(a_proof(f"{SAID}; raise SystemExit(1)"), 1, trial=False, folder=made, root=made)
    assert (made / "small.toml").read_bytes() == before


def test_a_trial_writes_nothing(made: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (made / "small.toml").unlink()
    assert run(a_proof(), 1, trial=True, folder=made, root=made)
    assert "noticed = 7" in capfd.readouterr().out
    assert not (made / "small.toml").exists()


def test_the_crash_tests_own_words_are_read() -> None:
    wanted = pairs("tcp", "zpl")
    tally = Tally([Death(wanted[0], "mid_write", True, False, ""), Death(wanted[0], "random", False, False, "")])
    assert crash_figures(histogram(tally, wanted, [], Books())) == {
        "kills": 2,
        "at_named_points": 1,
        "bytes_in_flight": 1,
        "serials": 0,
        "papers": 0,
    }


def test_the_guards_own_words_are_read() -> None:
    source = (ROOT / "tests/promises/guards/run.py").read_text(encoding="utf-8")
    assert "of {len(rows)} removed guards were noticed" in source


def test_the_tables_of_the_bench_are_read() -> None:
    rows = [
        Row("one", 1.0, "s", "two", 2.0, "less", target="≥ 5"),
        Row("three", 1200.0, "/s", "four", 1.0, target="≥ 5"),
    ]
    assert bench_figures(table(rows)) == {"with_a_target": 2, "below_it": 1}


def test_pytests_last_line_is_read() -> None:
    assert suite_figures("....\n28 passed, 3 deselected in 9.1s\n") == {"passed": 28}


@pytest.mark.parametrize("read", [crash_figures, guard_figures, suite_figures, bench_figures])
def test_output_without_figures_is_no_proof(read: object) -> None:
    assert callable(read)
    with pytest.raises(ValueError, match="expected"):
        read("nothing of the kind")


def test_every_proof_covers_rooms_that_are_there() -> None:
    assert not [(proof.name, room) for proof in PROOFS for room in proof.rooms if not (ROOT / room).exists()]
    assert {file.stem for file in FOLDER.glob("*.toml")} <= {proof.name for proof in PROOFS}


def test_a_storys_figures_are_its_last_line_of_them() -> None:
    said = "installed: ok\nboots=1 restarts=0\nsaid x=y\nboots=3 restarts=2 package_kb=18234\n"
    assert story_figures(said) == {"boots": 3, "restarts": 2, "package_kb": 18234}
    with pytest.raises(ValueError, match="expected a last line"):
        story_figures("installed: ok\n")
