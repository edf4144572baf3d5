"""The root that this build trusts: the one file from which all trust in updates follows.

The repository holds a test root alone. Who releases puts the published root in its place before building; a build that
still holds the test root updates from nobody.
"""

from __future__ import annotations

import json
from importlib.resources import files

from edge_agent.errors import UpdateError

TEST_MARK = "x-edge-agent-test-root"
"""A field of the signed part of a root that nobody may trust."""


def shipped() -> bytes:
    """The root in this build. Raises UpdateError: it is a test root, or there is none."""
    place = files("edge_agent.ops.update") / "root.json"
    if not place.is_file():
        raise UpdateError(
            "更新：本程序没有带更新的根证书，请向供应商要正式版 · update: expected a root in this build, got none"
        )
    return trusted(place.read_bytes())


def trusted(root: bytes) -> bytes:
    """The same bytes, if a build may trust them. Raises UpdateError: the root is a test root, or none."""
    try:
        signed = json.loads(root)["signed"]
        test = TEST_MARK in signed
    except (ValueError, KeyError, TypeError) as cause:
        raise UpdateError(
            f"root.json: expected a root of TUF, got another file ({cause}); install a whole build"
        ) from cause
    if test:
        raise UpdateError(
            "更新：这是测试版，只带测试用的根证书，不能更新，请向供应商要正式版 · update: expected a build with "
            "the root of its makers, got one with a test root, which updates from nobody; ask for a released build"
        )
    return root
