"""A build of this repository updates from nobody; one with a root of its makers does."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from edge_agent.errors import UpdateError
from edge_agent.ops.update.roots import TEST_MARK, shipped, trusted
from tests.kits.update_kit import Maker


def test_the_root_of_this_repository_is_a_test_root() -> None:
    signed = json.loads((files("edge_agent.ops.update") / "root.json").read_bytes())["signed"]
    assert signed[TEST_MARK] is True
    assert signed["roles"]["root"]["threshold"] == 2 and len(signed["roles"]["root"]["keyids"]) == 3


def test_a_build_with_it_refuses() -> None:
    with pytest.raises(UpdateError, match="这是测试版"):
        shipped()


def test_a_root_of_its_makers_is_trusted_and_a_test_root_of_theirs_is_not(tmp_path: Path) -> None:
    root = Maker(tmp_path / "real").root
    assert trusted(root) == root
    with pytest.raises(UpdateError, match="test root"):
        trusted(Maker(tmp_path / "test", test=True).root)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"signed": 1}', b"\xff"])
def test_what_is_no_root_is_refused(content: bytes) -> None:
    with pytest.raises(UpdateError, match=r"root\.json: expected"):
        trusted(content)
