"""What leaves as bytes is what was previewed: every sample, both modes, both resolutions, through the commands.

The stream of `edge-agent render` is drawn by a ZPL renderer that is not ours and compared with the PNG of
`edge-agent preview` dot for dot; a decoder that is not ours reads the code off the drawing.
"""

from __future__ import annotations

import functools
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from edge_agent.codes import serial
from edge_agent.codes.digital_link import DigitalLink
from edge_agent.demo.play import samples
from edge_agent.model import PrintMode
from edge_agent.record import GarmentRecord
from edge_agent.render import plan
from tests.cli_kit import HOST, a_site, run
from tests.zpl_eyes import ZplEyes

SAMPLES = Path(__file__).parent.parent / "edge_agent" / "demo" / "samples"
RECORDS = samples()
SERIALS = [serial.draw("PH1", random.Random(seed).randbytes) for seed in range(3)]
FITS = [("composition_card_60x40", name) for name in RECORDS] + [("down_grade_60x40", "down_graded")]
SIZES = {203: (480, 320), 300: (709, 472)}
MOST_BYTES = 1000
"""Of each label after the first, 60×40 mm, 203 dpi, run mode (ARCHITECTURE section 8)."""


def link_of(record: GarmentRecord, text: str) -> str:
    lot_no = record.lot.lot_no if record.lot else None
    return DigitalLink(record.product.gtin, text, lot_no).uri(HOST, upper=True)


def test_every_sample_is_here() -> None:
    assert set(RECORDS) == {"child_jacket", "down_graded", "infant_romper", "knit_blend", "knit_cashmere"}


@pytest.fixture(scope="module", autouse=True)
def one_basis_per_code() -> Iterator[None]:
    """Every command plans anew; what is pure and slow in it (the patterns a code is put together from) is made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "SymbolRun", functools.cache(plan.SymbolRun))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("printed")
    a_site(path)
    return path


@pytest.fixture
def command(folder: Path, template: str, sample: str, dpi: int) -> list[str]:
    """What preview and render are asked alike."""
    data = SAMPLES / f"{sample}.json"
    site = ["--config", str(folder / "agent.toml")]
    return ["--template", template, "--data", str(data), "--dpi", str(dpi), *site]


def stream_of(command: list[str], folder: Path, serials: list[str], mode: PrintMode = PrintMode.RUN) -> bytes:
    out = folder / "labels.zpl"
    named = [word for text in serials for word in ("--serial", text)]
    said = run("render", "--language", "zpl", *command, *named, "--mode", mode.value, "--out", out)
    assert (said.code, said.out) == (0, ""), said
    return out.read_bytes()


def preview_of(command: list[str], folder: Path, text: str) -> Image.Image:
    out = folder / "label.png"
    assert run("preview", *command, "--serial", text, "--out", out).code == 0
    with Image.open(out) as image:
        assert image.mode == "1"
        image.load()
        return image.copy()


@pytest.mark.parametrize("dpi", SIZES)
@pytest.mark.parametrize(("template", "sample"), FITS)
def test_both_streams_draw_the_previews_and_are_read_as_their_links(
    zpl_eyes: ZplEyes, command: list[str], folder: Path, sample: str, dpi: int
) -> None:
    expected = [preview_of(command, folder, text) for text in SERIALS]
    assert [image.size for image in expected] == [SIZES[dpi]] * len(SERIALS)
    for mode in PrintMode:
        drawn = zpl_eyes.draw(stream_of(command, folder, SERIALS, mode), *SIZES[dpi], dpi)
        assert [image.tobytes() for image in drawn] == [image.tobytes() for image in expected], mode
        read = [[code.text for code in zxingcpp.read_barcodes(image.convert("L"))] for image in drawn]
        assert read == [[link_of(RECORDS[sample], text)] for text in SERIALS], mode


@pytest.mark.parametrize("dpi", [203])
@pytest.mark.parametrize(("template", "sample"), FITS)
def test_each_further_label_of_a_run_is_at_most_a_thousand_bytes(
    command: list[str], folder: Path, template: str, sample: str
) -> None:
    serials = [serial.draw("PH1", random.Random(seed).randbytes) for seed in range(100, 112)]
    stream = stream_of(command, folder, serials)
    labels = [b"^XA^FO0,0^XG" + part for part in stream.split(b"^XA^FO0,0^XG")[1:]]
    assert len(labels) == len(serials)
    sizes = [len(label) for label in labels[1:]]
    print(f"{template} {sample}: {min(sizes)} to {max(sizes)} bytes, mean {sum(sizes) / len(sizes):.0f}")
    assert max(sizes) <= MOST_BYTES, sizes


def test_the_installed_command_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    command = ["--template", "down_grade_60x40", "--data", str(SAMPLES / "down_graded.json"), "--dpi", "203"]
    command += ["--config", str(folder / "agent.toml")]
    out = tmp_path / "own process.zpl"
    words = ["render", "--language", "zpl", *command, "--serial", SERIALS[0], "--out", str(out)]
    ended = subprocess.run([sys.executable, "-m", "edge_agent", *words], capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert out.read_bytes() == stream_of(command, folder, SERIALS[:1])
