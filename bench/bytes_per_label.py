"""Bytes per label on the wire: 60×40 mm, the down_graded sample. A window's preamble is shared out over its labels."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from PIL import Image, ImageChops
from zebrafy.zebrafy_image import ZebrafyImage

from bench import drivers
from bench.kit import ISSUER, LINK, ON_DATE, Row, asked, prepared, record, serial
from edge_agent.labels.prepare import LabelTerms, plan_prepared, prepare
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.media import Setup
from edge_agent.printers.languages import LANGUAGES, graphics
from edge_agent.printers.languages.contract import Language
from edge_agent.printers.profiles import profile
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.raster import to_image
from edge_agent.render.templates.template import load_template
from label_protocol.codes.check_code import CheckKeys

LABELS = 50
WINDOW = 8
DRIVEN = 3
"""Labels that a driver of another project is run for; its pictures differ by a QR code."""
ZPL = LANGUAGES["zpl"]
SETUP = Setup(ribbon=False)
"""EPL2 must be told; the others leave it as it is."""

_TARGETS = {("zpl", "run", "hex raster"): "≥ 38", ("zpl", "run", "zebrafy Z64"): "≥ 6.7"} | {
    (language, "run", "raw binary"): "≥ 5" for language in ("tspl", "epl2")
}
"""At 203 dpi."""
ASKED_BYTES = 600
CODED_TEMPLATE = "down_grade_40x90"
"""The smallest built-in label with a check code."""
_KEYS = CheckKeys(ISSUER, "00000000", {"00000000": bytes(32)})


def rows(*, full: bool = False) -> list[Row]:
    """Every language and mode beside what others send for the same dots, at both resolutions."""
    return [*_asked(), *(row for dpi in (203, 300) for row in _at(dpi)), *drivers.recorded()]


def notes() -> list[str]:
    """What was not measured."""
    return drivers.notes()


def _asked() -> Iterator[Row]:
    """Beside what is asked for."""
    coded = f" with a check code, {CODED_TEMPLATE}"
    for words, plan in (("", plan_prepared(prepared(), 203)), (coded, _coded_plan(203))):
        size = run_bytes(spoken("zpl"), plan, [serial() for _ in range(LABELS)])
        yield asked(f"ZPL, run mode{words}, 203 dpi", size, "B", ASKED_BYTES, "less")


def _coded_plan(dpi: int) -> LabelPlan:
    """The sample on a label that carries a check code."""
    ready = prepare(record(), CODED_TEMPLATE, LabelTerms(ON_DATE, LINK, check_code_key=_KEYS.current))
    return plan_label(load_template(CODED_TEMPLATE), ready.require(), dpi, codes=_KEYS.codes(_KEYS.current))


def _at(dpi: int) -> list[Row]:
    plan = plan_prepared(prepared(), dpi)
    serials = [serial() for _ in range(LABELS)]
    pictures = [plan.full(one) for one in serials]
    peers = dict(_peers(pictures))
    return [row for name in LANGUAGES for row in _language(name, plan, serials, pictures, peers)]


def _language(
    name: str, plan: LabelPlan, serials: list[str], pictures: list[Bitmap], peers: dict[str, float]
) -> Iterator[Row]:
    language, dpi = spoken(name), plan.media.dpi
    sizes = {"run": run_bytes(language, plan, serials), "full": full_bytes(language, plan, pictures)}
    for mode, size in sizes.items():
        others = peers | drivers.sizes(name, pictures[:DRIVEN], dpi)
        for peer, theirs in others.items():
            if peer == "raw binary" or name == "zpl" or peer == drivers.CUPS:
                target = _TARGETS.get((name, mode, peer), "") if dpi == 203 else ""
                yield Row(f"{name.upper()}, {mode} mode, {dpi} dpi", size, "B", peer, theirs, "less", target)
    once = len(language.store(plan.background))
    yield Row(
        f"{name.upper()}, the background, once a job, {dpi} dpi", once, "B", "a label in full mode", sizes["full"]
    )


def _peers(pictures: list[Bitmap]) -> Iterator[tuple[str, float]]:
    yield "raw binary", _mean([picture.rows for picture in pictures])
    yield "hex raster", _mean([hex_raster(picture) for picture in pictures])
    yield "zebrafy ASCII", _mean([zebrafy(as_peers_take_it(picture), "ASCII") for picture in pictures])
    yield "zebrafy Z64", _mean([zebrafy(as_peers_take_it(picture), "Z64") for picture in pictures])


def spoken(name: str) -> Language:
    """A language as the virtual printer's profile has it."""
    return LANGUAGES[name].with_quirks(profile(f"virtual-{name}").quirks)


def run_bytes(language: Language, plan: LabelPlan, serials: list[str]) -> float:
    """A label in run mode with its share of the window's preamble."""
    return _mean([language.run_label(plan.background, plan.patches(one)) for one in serials]) + _share(language, plan)


def full_bytes(language: Language, plan: LabelPlan, pictures: list[Bitmap]) -> float:
    """The same in full mode."""
    return _mean([language.full_label(picture) for picture in pictures]) + _share(language, plan)


def _share(language: Language, plan: LabelPlan) -> float:
    return len(language.preamble(plan.media, SETUP)) / WINDOW


def _mean(several: list[bytes]) -> float:
    return statistics.mean(map(len, several))


def hex_raster(picture: Bitmap) -> bytes:
    """The plainest ^GFA there is."""
    size = b"%d,%d,%d," % (len(picture.rows), len(picture.rows), picture.stride)
    return b"^XA^FO0,0^GFA," + size + graphics.hexadecimal(picture) + b"^FS^XZ"


def as_peers_take_it(picture: Bitmap) -> Image.Image:
    """White paper, black ink."""
    return ImageChops.invert(to_image(picture))


def zebrafy(image: Image.Image, form: str) -> bytes:
    """What zebrafy makes of a ready bitmap."""
    return bytes(ZebrafyImage(image, format=form).to_zpl(), "ascii")
