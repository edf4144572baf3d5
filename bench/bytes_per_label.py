"""Bytes per label on the wire: 60×40 mm, the down_graded sample. A window's preamble is shared out over its labels."""

from __future__ import annotations

import statistics

from PIL import Image, ImageChops
from zebrafy.zebrafy_image import ZebrafyImage

from bench.kit import Row, prepared, serial
from edge_agent.labels import plan_prepared
from edge_agent.model import Bitmap
from edge_agent.printers.languages import LANGUAGES, graphics
from edge_agent.render.plan import LabelPlan
from edge_agent.render.raster import to_image

LABELS = 50
WINDOW = 8
ZPL = LANGUAGES["zpl"]


def rows(*, full: bool = False) -> list[Row]:
    """Run and full mode beside hex raster and the two forms of zebrafy, at both resolutions."""
    return [row for dpi in (203, 300) for row in _at(dpi)]


def _at(dpi: int) -> list[Row]:
    plan = plan_prepared(prepared(), dpi)
    serials = [serial() for _ in range(LABELS)]
    pictures = [plan.full(one) for one in serials]
    ours = {"run": _run(plan, serials), "full": _full(plan, pictures)}
    wanted = {"run": {"hex": "≥ 38", "Z64": "≥ 6.7"}, "full": dict[str, str]()} if dpi == 203 else {}
    peers = {
        "hex": ("hex raster", _mean([hex_raster(picture) for picture in pictures])),
        "ascii": ("zebrafy ASCII", _mean([zebrafy(as_peers_take_it(picture), "ASCII") for picture in pictures])),
        "Z64": ("zebrafy Z64", _mean([zebrafy(as_peers_take_it(picture), "Z64") for picture in pictures])),
    }
    return [
        Row(f"{mode} mode, {dpi} dpi", size, "B", peer, theirs, "less", wanted.get(mode, {}).get(key, ""))
        for mode, size in ours.items()
        for key, (peer, theirs) in peers.items()
    ] + [
        Row(f"run mode, {dpi} dpi: the background, once a job", _once(plan), "B", "a label in full mode", ours["full"])
    ]


def _run(plan: LabelPlan, serials: list[str]) -> float:
    return _mean([ZPL.run_label(plan.background, plan.patches(one)) for one in serials]) + _share(plan)


def _full(plan: LabelPlan, pictures: list[Bitmap]) -> float:
    return _mean([ZPL.full_label(picture) for picture in pictures]) + _share(plan)


def _share(plan: LabelPlan) -> float:
    return len(ZPL.preamble(plan.media)) / WINDOW


def _once(plan: LabelPlan) -> float:
    return float(len(ZPL.store(plan.background)))


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
