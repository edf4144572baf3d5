"""Eyes that are not ours: `ZplEyes` draws a ZPL stream with `zpl-renderer-js` (a WASM build of zebrash) under node.

Its limits, measured: exact for hex, run lengths, :Z64:, ~DG and ^XG; it cannot read :B64: or ^GFB, accepts a wrong
CRC, ignores ^POI and ^PQ, and keeps no stored object from one call to the next, so a call needs the whole window.
A format that draws nothing (preamble, ^HW, ^ID, a recall of an object that is not there) makes no picture.

Tests take the session fixture `zpl_eyes`; `conftest.py` makes it known.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.kits.node_worker import NodeWorker

SCRIPT = Path(__file__).parents[1] / "zpl_renderer" / "render.mjs"
DOTS_PER_MM = {152: 6, 203: 8, 300: 12, 600: 24}


class ZplEyes:
    """One node process for many drawings. Close it, or use it as a context manager.

    Raises:
        RuntimeError: node or the renderer is not installed.
    """

    def __init__(self) -> None:
        self._node = NodeWorker(SCRIPT, ("zpl-renderer-js",))

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
        return [_bilevel(base64.b64decode(picture)) for picture in self._node.ask(job)["pictures"]]

    def close(self) -> None:
        """End the process."""
        self._node.close()


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
