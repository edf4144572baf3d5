"""The HTML-to-image peer: WeasyPrint to PDF, PDFium to dots. Installed for the benchmark alone, never for the product.

It is put into `build/peers` when a section first wants it, and looked for there only, so nothing else sees it; `make
clean` or removing that folder takes it away. It needs Pango from the system: `apt install libpangoft2-1.0-0` on Debian.

The peer is helped: texts come to it fitted, broken into lines and placed, indicator bars and care symbols as pictures.
What is left to it is what such a tool is for: parse, lay out, embed the font, paint.
"""

from __future__ import annotations

import base64
import html
import importlib
import io
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pypdfium2
import segno
import zxingcpp
from PIL import Image, ImageChops

from bench.kit import ROOT
from edge_agent.render.page import Painted, Piece
from edge_agent.render.plan import LabelPlan, Layout
from edge_agent.render.raster import to_image
from edge_agent.render.templates.slots import AnyBox, AnySerial, AnyText
from edge_agent.render.templates.template import Template
from edge_agent.render.type.fonts import face, font_path
from edge_agent.render.type.text import Box
from label_protocol.codes import serial as serials

FOLDER = ROOT / "build" / "peers"
WANTED = "weasyprint>=66,<71"
_INSTALL_S = 600


@cache
def missing() -> str:
    """Why there is no peer, in a sentence; empty if there is one. Installs it the first time."""
    if not (FOLDER / "weasyprint").is_dir() and (failed := _installed()):
        return f"WeasyPrint is left out: {failed}"
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))  # last: the product's own libraries win
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError) as cause:
        found = str(cause).splitlines()[0]
        return f"WeasyPrint is left out: it needs Pango from the system (libpangoft2-1.0-0 on Debian), got {found}"
    return ""


def _installed() -> str:
    """Why pip could not; empty if it could."""
    print(f"installing {WANTED} for this benchmark alone into {FOLDER.relative_to(ROOT)}", file=sys.stderr)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(FOLDER), WANTED]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_INSTALL_S)
    except (OSError, subprocess.TimeoutExpired) as cause:
        return f"pip: {cause}"
    return "" if done.returncode == 0 else f"pip ended with {done.returncode}: {done.stderr.strip().splitlines()[-1]}"


def version() -> str:
    """Of the peer that was found."""
    return str(_weasyprint().__version__)


def _weasyprint() -> Any:
    return importlib.import_module("weasyprint")


class Peer:
    """Labels of one layout as the peer draws them; font and style sheet are read once, as a careful user would."""

    def __init__(self, template: Template, layout: Layout) -> None:
        self._markup, self._dpi = Markup(template, layout), layout.media.dpi
        self._fonts = importlib.import_module("weasyprint.text.fonts").FontConfiguration()
        self._sheet = _weasyprint().CSS(string=self._markup.style(), font_config=self._fonts)

    def dots(self, serials_: Sequence[str]) -> list[Image.Image]:
        """The labels of these serials, pages of one document, as 1-bit pictures; for a layout without a code one page
        for each entry."""
        page = _weasyprint().HTML(string=self._markup.document(serials_))
        pdf = page.write_pdf(stylesheets=[self._sheet], font_config=self._fonts)
        with pypdfium2.PdfDocument(pdf) as document:
            return [self._painted(one) for one in document]

    def _painted(self, page: Any) -> Image.Image:
        grey: Image.Image = page.render(scale=self._dpi / 72, grayscale=True).to_pil()
        return grey.convert("1", dither=Image.Dither.NONE)


class Markup:
    """A label as HTML, every piece at its place in millimetres."""

    def __init__(self, template: Template, layout: Layout) -> None:
        self._template, self._layout, self._dpi = template, layout, layout.media.dpi
        self._equal = "".join(self._pieces())

    def document(self, serials_: Sequence[str]) -> str:
        """A page for each serial."""
        pages = "".join(f"<section>{self._equal}{''.join(self._own(one))}</section>" for one in serials_)
        return f"<html><body>{pages}</body></html>"

    def style(self) -> str:
        """What is the same for all pages."""
        media = self._layout.media
        width, height = self._mm(media.width_dots), self._mm(media.height_dots)
        return (
            f"@page {{ size: {width} {height}; margin: 0 }} body {{ margin: 0; font-family: label; line-height: 1 }}"
            f"@font-face {{ font-family: label; src: url('{font_path().as_uri()}') }}"
            f"section {{ position: relative; width: {width}; height: {height}; break-after: page; overflow: hidden }}"
            "section > * { position: absolute; white-space: nowrap } svg { width: 100%; height: 100%; display: block }"
            ".w { color: white } .b { font-weight: bold } .k { background: black }"
        )

    def _pieces(self) -> Iterator[str]:
        """What is equal on all labels."""
        layout, inverse = self._layout, set()
        for slot in self._template.slot:
            if (box := layout.boxes.get(slot.name)) is None:
                continue  # what this record has nothing for takes no room in a stack
            if isinstance(slot, AnyBox):
                stroke = f"box-sizing: border-box; border: {slot.stroke_mm}mm solid black"
                yield f'<div style="{self._at(box)}; {stroke if slot.stroke_mm else "background: black"}"></div>'
            if isinstance(slot, AnyText) and slot.inverse:
                inverse.add(slot.name)
                yield f'<div class="k" style="{self._at(box)}"></div>'
        picture = ImageChops.invert(to_image(layout.bare))
        for piece in layout.painted:
            if piece.piece is Piece.TEXT:
                yield self._text(piece, "w" if piece.slot in inverse else "")
            else:
                yield f'<img style="{self._at(piece.box)}" src="{_inline(picture, piece.box)}">'

    def _text(self, piece: Painted, kind: str) -> str:
        weight = getattr(self._slot(piece.slot), "weight", "regular")
        em = self._mm(face(piece.height_dots).font.size)
        kind += " b" if weight == "bold" else ""
        place = f"{self._at(piece.box)}; font-size: {em}; line-height: {self._mm(piece.box.height_dots)}"
        return f'<div class="{kind}" style="{place}">{html.escape(piece.text)}</div>'

    def _own(self, serial: str) -> Iterator[str]:
        """What a label has of its own: the code, as a path of an inline SVG, and the serial."""
        layout = self._layout
        if not isinstance(layout, LabelPlan):
            return
        code = segno.make_qr(layout.link(serial), error=layout.symbol.ecc, boost_error=False)
        picture = code.svg_inline(border=0, omitsize=True, svgclass=None, lineclass=None)
        yield f'<div style="{self._at(layout.symbol_box)}">{picture}</div>'
        slot = self._template.serial
        yield self._serial(slot, layout.boxes[slot.name], layout.sizes[slot.name], serial)

    def _serial(self, slot: AnySerial, box: Box, height_dots: int, serial: str) -> str:
        em = self._mm(face(height_dots).font.size)
        line = f"line-height: {self._mm(box.height_dots / slot.lines)}; letter-spacing: 0.2mm"
        place = f"{self._at(box)}; font-size: {em}; text-align: center; white-space: normal; {line}"
        return f'<div style="{place}">{serials.grouped(serial)}</div>'

    def _slot(self, name: str) -> Any:
        return next(slot for slot in self._template.slot if slot.name == name)

    def _at(self, box: Box) -> str:
        left, top = self._mm(box.left_dots), self._mm(box.top_dots)
        return f"left: {left}; top: {top}; width: {self._mm(box.width_dots)}; height: {self._mm(box.height_dots)}"

    def _mm(self, count: float) -> str:
        return f"{count * 25.4 / self._dpi:.4f}mm"


def _inline(picture: Image.Image, box: Box) -> str:
    """A part of a picture as a data URL."""
    file = io.BytesIO()
    picture.crop((box.left_dots, box.top_dots, box.right_dots, box.bottom_dots)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def check(peer: Peer, plan: LabelPlan, serial: str) -> None:
    """That the peer draws the label that we draw: of its size, with a code that reads the same.

    Raises:
        RuntimeError: it does not.
    """
    [picture] = peer.dots([serial])
    ours = (plan.media.width_dots, plan.media.height_dots)
    if max(abs(one - other) for one, other in zip(picture.size, ours, strict=True)) > 1:
        raise RuntimeError(f"WeasyPrint: expected a picture of {ours} dots, got {picture.size}")
    read = [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]
    if read != [plan.link(serial)]:
        raise RuntimeError(f"WeasyPrint: expected a code that reads {plan.link(serial)}, got {read}")
