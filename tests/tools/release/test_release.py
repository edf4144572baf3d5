"""From three keys to a list of releases, by the commands alone, and what they refuse."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.kits.update_kit import Maker, a_package, a_wheel, key
from tools.release import releases, roots
from tools.release.__main__ import main
from tools.release.repository import ReleaseError

ROLES = ("targets", "snapshot", "timestamp")


def refused(*words: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(list(words))
    said = str(end.value)
    assert said.startswith("release: ") and "\n" not in said, said
    return said


@pytest.fixture
def makers_keys(tmp_path: Path) -> Path:
    """Three root keys and one for each other role, without passphrases."""
    folder = tmp_path / "keys"
    folder.mkdir()
    for name in ("root1", "root2", "root3", *ROLES):
        main(["key", str(folder / name), "--unlocked"])
    return folder


def _root_words(folder: Path, repository: Path, *more: str) -> list[str]:
    roots_given = [str(folder / f"root{number}.pub") for number in (1, 2, 3)]
    others = [word for role in ROLES for word in (f"--{role}", str(folder / f"{role}.pub"))]
    return ["root", str(repository), "--root", *roots_given, *others, *more]


def test_a_repository_is_made_by_commands(
    makers_keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = tmp_path / "updates"
    main(_root_words(makers_keys, repository))
    draft = str(repository / "root-draft.json")
    main(["sign", draft, str(makers_keys / "root1")])
    assert "expected signatures of 2 root keys, got 1" in refused("publish", str(repository))
    main(["sign", draft, str(makers_keys / "root3")])
    main(["publish", str(repository)])
    main(["add", str(repository), str(a_wheel(tmp_path, "0.2.0")), "--key", str(makers_keys / "targets")])
    stamps = ["--snapshot", str(makers_keys / "snapshot"), "--timestamp", str(makers_keys / "timestamp")]
    main(["stamp", str(repository), *stamps])
    main(["stamp", str(repository), *stamps])
    capsys.readouterr()
    main(["show", str(repository)])
    said = capsys.readouterr().out
    assert [line.split(":")[0] for line in said.splitlines() if line[0] != " "] == [
        "root 1",
        "targets 1",
        "snapshot 1",
        "timestamp 2",
    ]
    assert "  edge_agent-0.2.0-py3-none-any.whl" in said
    assert not (repository / "root-draft.json").exists()


def test_a_key_under_a_passphrase_signs_with_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def types(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    types("short")
    assert "12 characters" in refused("key", str(tmp_path / "k"))
    types("correct horse battery")
    main(["key", str(tmp_path / "k")])
    assert b"ENCRYPTED" in (tmp_path / "k").read_bytes()
    assert (tmp_path / "k").stat().st_mode & 0o077 == 0
    maker = Maker(tmp_path / "updates")
    types("wrong horse battery")
    wheel = str(a_wheel(tmp_path, "0.2.0"))
    assert "passphrase" in refused("add", str(maker.folder), wheel, "--key", str(tmp_path / "k"))
    types("correct horse battery")
    assert "expected signatures of 1" in refused("add", str(maker.folder), wheel, "--key", str(tmp_path / "k"))
    assert "is there" in refused("key", str(tmp_path / "k"))


def test_one_key_is_no_threshold(makers_keys: Path, tmp_path: Path) -> None:
    assert "threshold from 2" in refused(*_root_words(makers_keys, tmp_path / "u", "--threshold", "1"))
    assert "threshold from 2" in refused(*_root_words(makers_keys, tmp_path / "u", "--threshold", "4"))


def test_a_new_root_needs_keys_of_the_old_one(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    with pytest.raises(ReleaseError, match="root 2: expected signatures of 2 root keys, got 1"):
        maker.new_root("thief-0", "thief-1", "root-2", signed_by=("thief-0", "thief-1", "root-2"))
    roots.sign(maker.repository.draft, key("root-0"))
    roots.publish(maker.repository)
    assert maker.repository.newest("root") == 2


def test_who_is_not_named_signs_nothing(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "updates")
    with pytest.raises(ReleaseError, match="targets: expected signatures of 1 of its keys, got 0"):
        releases.add(maker.repository, [a_wheel(tmp_path, "0.2.0")], key("snapshot"))
    assert maker.repository.newest("targets") == 0


def test_a_version_keeps_its_bytes(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "updates")
    releases.add(maker.repository, [a_wheel(tmp_path, "0.2.0")], key("targets"))
    with pytest.raises(ReleaseError, match="the bytes it was released with"):
        releases.add(maker.repository, [a_wheel(tmp_path, "0.2.0", "other = 1\n")], key("targets"))


def test_what_is_no_release_is_not_added(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "updates")
    stranger = tmp_path / "aiohttp-3.11.0-py3-none-any.whl"
    stranger.write_bytes(b"")
    wheel, package = a_wheel(tmp_path, "0.2.0"), a_package(tmp_path, "0.2.0")
    for files in ([stranger], [wheel, package], [package, stranger]):
        with pytest.raises(ReleaseError, match=r"^add: expected"):
            releases.add(maker.repository, files, key("targets"))
    releases.add(maker.repository, [wheel, stranger], key("targets"))


def test_a_version_that_is_withdrawn_is_offered_no_longer(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "updates")
    releases.add(maker.repository, [a_wheel(tmp_path, "0.2.0")], key("targets"))
    releases.add(maker.repository, [a_package(tmp_path, "0.3.0")], key("targets"))
    releases.withdraw(maker.repository, "0.3.0", key("targets"))
    with pytest.raises(ReleaseError, match=r"got 0\.3\.0"):
        releases.withdraw(maker.repository, "0.3.0", key("targets"))
    newest = sorted((tmp_path / "updates" / "targets").glob("*.releases.json"), key=lambda one: one.stat().st_mtime_ns)
    assert [one["version"] for one in json.loads(newest[-1].read_bytes())["releases"]] == ["0.2.0"]
    assert "edge-agent_0.3.0_amd64.deb" not in maker.repository.told()
