"""The artwork of a site: kept byte for byte under its hash, bounded, and told when it is no longer what it was."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from edge_agent.errors import NotFoundError, RenderError
from edge_agent.labels.artwork_store import ArtworkFolder
from edge_agent.render.painters.mark import MAX_BYTES, whole_artwork
from label_protocol.errors import ConfigError
from tests.kits.cli_kit import a_site, run
from tests.kits.mark_kit import mark_png, sha256_of

MARK = mark_png()


def uploaded(folder: Path, data: bytes = MARK) -> Path:
    file = folder / "mark.png"
    file.write_bytes(data)
    return file


def test_what_is_kept_is_byte_for_byte_what_was_given(tmp_path: Path) -> None:
    shelf = ArtworkFolder(tmp_path / "new" / "artwork")
    assert shelf.held() == ()
    assert shelf.add(uploaded(tmp_path)) == shelf.add(uploaded(tmp_path)) == sha256_of(MARK)
    assert whole_artwork(sha256_of(MARK), shelf) == MARK
    assert [(one.sha256, one.size_bytes, one.whole) for one in shelf.held()] == [(sha256_of(MARK), len(MARK), True)]
    assert [path.name for path in (tmp_path / "new" / "artwork").iterdir()] == [f"{sha256_of(MARK)}.png"]


@pytest.mark.parametrize("damage", [b"", MARK[:-1], MARK + b"\0", mark_png(300), b"\0" * (MAX_BYTES * 2)])
def test_a_file_that_was_changed_is_no_longer_there(tmp_path: Path, damage: bytes) -> None:
    shelf = ArtworkFolder(tmp_path / "artwork")
    sha256 = shelf.add(uploaded(tmp_path))
    (tmp_path / "artwork" / f"{sha256}.png").write_bytes(damage)
    assert whole_artwork(sha256, shelf) is None
    assert [one.whole for one in shelf.held()] == [False]
    shelf.add(uploaded(tmp_path))
    assert whole_artwork(sha256, shelf) == MARK, "adding it again mends it"


@pytest.mark.parametrize("name", ["", "..", "../mark", "mark", "A" * 64, "a" * 63, f"{'a' * 64}/x", "\0" * 64])
def test_a_name_that_is_no_hash_leads_to_no_file(tmp_path: Path, name: str) -> None:
    uploaded(tmp_path)
    (tmp_path / "artwork").mkdir()
    assert ArtworkFolder(tmp_path / "artwork")(name) is None


def test_what_is_no_artwork_is_not_kept(tmp_path: Path) -> None:
    shelf = ArtworkFolder(tmp_path / "artwork")
    with pytest.raises(RenderError, match=r"mark\.png: expected a PNG file, got something else"):
        shelf.add(uploaded(tmp_path, b"GIF89a" * 20))
    with pytest.raises(NotFoundError, match=r"absent\.png: expected a readable PNG file, got No such file"):
        shelf.add(tmp_path / "absent.png")
    with pytest.raises(NotFoundError, match="expected a readable PNG file, got something that is not a file"):
        shelf.add(tmp_path)
    assert not (tmp_path / "artwork").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(NotFoundError, match="not a file"):
        ArtworkFolder(tmp_path / "artwork").add(tmp_path / "pipe.png")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "artwork").write_text("in the way", "utf-8")
    with pytest.raises(ConfigError, match=r"artwork: .*expected to be able to use it"):
        ArtworkFolder(tmp_path / "artwork").add(uploaded(tmp_path))


def test_the_commands_add_and_list(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    assert "还没有图案" in run("artwork", "list", "--config", site).out
    said = run("artwork", "add", uploaded(tmp_path), "--config", site)
    assert (said.code, said.out.strip()) == (0, sha256_of(MARK))
    assert json.loads(run("artwork", "add", uploaded(tmp_path), "--config", site, "--json").out) == {
        "artwork_sha256": sha256_of(MARK)
    }
    assert f"{sha256_of(MARK)}  {len(MARK)} bytes  完好" in run("artwork", "list", "--config", site).out
    (tmp_path / "artwork" / f"{sha256_of(MARK)}.png").write_bytes(b"x")
    (row,) = json.loads(run("artwork", "list", "--config", site, "--json").out)["artwork"]
    assert row == {"sha256": sha256_of(MARK), "size_bytes": 1, "whole": False}
    assert "expected a PNG file" in run("artwork", "add", uploaded(tmp_path, b"x"), "--config", site).refusal
