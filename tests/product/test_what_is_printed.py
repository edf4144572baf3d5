"""What leaves as bytes is what was previewed: every language, sample and mode, both resolutions, through the commands.

The stream of `edge-agent render` goes to the virtual printer of its language, whose decoders were checked against bytes
that lprint and CUPS made (`tests/vectors/README.md`), and ZPL to a renderer that is not ours too. What comes out is
compared with the PNG of `edge-agent preview` dot for dot; two decoders that are not ours read the code off it.
"""

from __future__ import annotations

import functools
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from edge_agent.demo.play import samples
from edge_agent.model.printer import PrintMode
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.contract import Transport
from edge_agent.render import plan
from edge_agent.virtual_printer import VirtualPrinter
from garment.record import GarmentRecord
from label_protocol.codes import serial
from label_protocol.codes.digital_link import DigitalLink
from tests.kits.cli_kit import HOST, a_site, run
from tests.kits.decoders import read_by_two
from tests.kits.floor import url_of
from tests.kits.printer_bench import PrinterBench
from tests.kits.virtual_kit import lines, until
from tests.kits.virtual_kit import printer as virtual_printer
from tests.kits.zpl_eyes import ZplEyes

SAMPLES = Path(__file__).parents[2] / "edge_agent" / "demo" / "samples"
RECORDS = samples()
SERIALS = [serial.new_serial("PH1", random.Random(seed).randbytes) for seed in range(3)]
FITS = [("composition_card_60x40", name) for name in RECORDS] + [("down_grade_60x40", "down_graded")]
SIZES = {203: (480, 320), 300: (709, 472)}
MOST_BYTES = 1000
"""Of each label after the first, 60×40 mm, 203 dpi, run mode (docs/architecture.md, section 8)."""


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


def stream_of(
    command: list[str], folder: Path, serials: list[str], mode: PrintMode = PrintMode.RUN, language: str = "zpl"
) -> bytes:
    out = folder / f"labels.{language}"
    named = [word for text in serials for word in ("--serial", text)]
    said = run("render", "--language", language, *command, *named, "--mode", mode.value, "--out", out)
    assert (said.code, said.out) == (0, ""), said
    return out.read_bytes()


def preview_of(command: list[str], folder: Path, text: str) -> Image.Image:
    out = folder / "label.png"
    assert run("preview", *command, "--serial", text, "--out", out).code == 0
    with Image.open(out) as image:
        assert image.mode == "1"
        image.load()
        return image.copy()


@pytest.fixture(scope="module")
def previews() -> dict[tuple[str, ...], list[Image.Image]]:
    """Kept, since every language is held against the same."""
    return {}


@pytest.fixture
def expected(
    previews: dict[tuple[str, ...], list[Image.Image]], command: list[str], folder: Path, dpi: int
) -> list[Image.Image]:
    """The previews of all serials."""
    if tuple(command) not in previews:
        previews[tuple(command)] = [preview_of(command, folder, text) for text in SERIALS]
    assert [image.size for image in previews[tuple(command)]] == [SIZES[dpi]] * len(SERIALS)
    return previews[tuple(command)]


@pytest.mark.parametrize("dpi", SIZES)
@pytest.mark.parametrize(("template", "sample"), FITS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_printer_prints_the_previews_and_they_are_read_as_their_links(
    command: list[str], expected: list[Image.Image], folder: Path, language: str, sample: str, dpi: int
) -> None:
    for mode in PrintMode:
        bench = PrinterBench(language, dpi=dpi, blind=False)
        sheets = bench.feed(stream_of(command, folder, SERIALS, mode, language), bite=1_459)
        printed = [on_the_label(sheet.ink, dpi) for sheet in sheets if sheet.ink is not None]
        assert [image.tobytes() for image in printed] == [image.tobytes() for image in expected], mode
        assert [read_by_two(image) for image in printed] == [link_of(RECORDS[sample], text) for text in SERIALS], mode


def on_the_label(ink: Image.Image, dpi: int) -> Image.Image:
    """Ink as the eye sees it. EPL2's `q` is whole bytes, so its label may be some columns wider: these stay white."""
    width_dots, height_dots = SIZES[dpi]
    assert ink.height == height_dots
    assert width_dots <= ink.width <= -(-width_dots // 8) * 8
    assert ink.width == width_dots or ink.crop((width_dots, 0, *ink.size)).getbbox() is None
    return ImageChops.invert(ink.crop((0, 0, width_dots, height_dots)))


@pytest.mark.parametrize("dpi", SIZES)
@pytest.mark.parametrize(("template", "sample"), FITS[-1:])
@pytest.mark.parametrize("pty", [False, True], ids=["tcp", "serial"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_tape_of_a_printer_at_the_end_of_a_line_shows_the_previews(
    command: list[str], expected: list[Image.Image], folder: Path, language: str, tmp_path: Path, dpi: int, pty: bool
) -> None:
    """Both modes on one roll."""
    async with virtual_printer(tmp_path, language=language, dpi=dpi, pty=pty) as machine, reached(machine) as line:
        for mode in PrintMode:
            await line.write(stream_of(command, folder, SERIALS, mode, language))
        await until(lambda: len(lines(tmp_path)) == 2 * len(SERIALS))
    assert {cause for _, cause in lines(tmp_path)} == {"label"}
    printed = [on_the_label(_ink(tmp_path / f"{n:06d}.png"), dpi) for n in range(1, 2 * len(SERIALS) + 1)]
    assert [image.tobytes() for image in printed] == [image.tobytes() for image in expected * 2]


@asynccontextmanager
async def reached(machine: VirtualPrinter) -> AsyncIterator[Transport]:
    """A line to it, at the fastest baud rate there is: bytes count as under way for as long as the line takes."""
    transport = open_transport(url_of(machine, 4_000_000), write_timeout_s=10.0)
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()


def _ink(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return ImageChops.invert(image)


@pytest.mark.parametrize("dpi", SIZES)
@pytest.mark.parametrize(("template", "sample"), FITS)
def test_a_renderer_that_is_not_ours_draws_the_previews_and_they_are_read_as_their_links(
    zpl_eyes: ZplEyes, command: list[str], expected: list[Image.Image], folder: Path, sample: str, dpi: int
) -> None:
    for mode in PrintMode:
        drawn = zpl_eyes.draw(stream_of(command, folder, SERIALS, mode), *SIZES[dpi], dpi)
        assert [image.tobytes() for image in drawn] == [image.tobytes() for image in expected], mode
        assert [read_by_two(image) for image in drawn] == [link_of(RECORDS[sample], text) for text in SERIALS], mode


@pytest.mark.parametrize("dpi", [203])
@pytest.mark.parametrize(("template", "sample"), FITS)
def test_each_further_label_of_a_run_is_at_most_a_thousand_bytes(
    command: list[str], folder: Path, template: str, sample: str
) -> None:
    serials = [serial.new_serial("PH1", random.Random(seed).randbytes) for seed in range(100, 112)]
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
