"""One bit of a label's bytes flipped on its way, in each form a label travels in: what is on the paper, what is seen.

The printer is the firmware of the virtual one, which does what the manuals say. Seen is what the product looks at: one
label counted, its status quiet by its own word, the stored background still listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from unittest.mock import patch

import zxingcpp
from PIL import Image, ImageChops

from edge_agent.errors import ReplyError
from edge_agent.model.media import Media, Setup
from edge_agent.model.printer import Observation
from edge_agent.printers.languages import LANGUAGES, graphics
from edge_agent.printers.languages.contract import Language, Query
from edge_agent.printers.status import combine
from edge_agent.printing.proof import holds_background
from tests.kits.printer_bench import PrinterBench, rows_of
from tests.kits.quality_kit import SERIAL, tag

MEDIA, SETUP = Media(203, 480, 320), Setup(ribbon=False)
PICTURE_FLIPS = 200
"""About so many of a picture's bits are tried, an odd distance apart, so that all eight of a byte have their turn."""
COMMAND_STEP_BITS = 3
"""Every third bit of what stands around the pictures."""
PICTURES = {
    "zpl": re.compile(rb"\^GFA,\d+,\d+,\d+,([^^]*)", re.DOTALL),
    "tspl": re.compile(rb"BITMAP \d+,\d+,(\d+),(\d+),\d,"),
    "epl2": re.compile(rb"GW\d+,\d+,(\d+),(\d+),"),
}
"""Where a picture stands in a label: the text of one, or the width in bytes and the height of the raw bytes behind."""


class Outcome(Enum):
    """What became of a label of which one bit arrived flipped."""

    AS_SENT = "和原来一样 as sent"
    READABLE = "码对，别处有点不同 right code, other dots"
    UNREADABLE = "**没有能扫的码 no readable code**"
    ANOTHER = "**别的码 another code**"
    SEEN = "看得出 seen"


@dataclass(frozen=True)
class Form:
    """A way in which a label travels. `check`: whether its picture carries a check."""

    language: str
    stored: bool
    check: bool = False

    def label(self) -> bytes:
        """The bytes of the sample's tag."""
        speaks, plan = LANGUAGES[self.language], tag()
        with patch.object(graphics, "z64", graphics.z64 if self.check else _unchecked):
            if self.stored:
                return speaks.run_label(plan.background, plan.patches(SERIAL))
            return speaks.full_label(plan.full(SERIAL))


def _unchecked(bitmap: Any, bands: Sequence[int] = ()) -> bytes:
    """As ZPL sends a picture without a check: two digits a byte."""
    return graphics.hexadecimal(bitmap)


FORMS = {
    "ZPL `:Z64:` + CRC, 底图存在打印机里 stored background": Form("zpl", stored=True, check=True),
    "ZPL `:Z64:` + CRC, 整幅 whole label": Form("zpl", stored=False, check=True),
    "ZPL hex，没有校验 no check (我们不用 not used by us)": Form("zpl", stored=True),
    "TSPL `BITMAP`, 底图 stored background": Form("tspl", stored=True),
    "TSPL `BITMAP`, 整幅 whole label": Form("tspl", stored=False),
    "EPL2 `GW`, 底图 stored background": Form("epl2", stored=True),
    "EPL2 `GW`, 整幅 whole label": Form("epl2", stored=False),
}


def tally(form: Form) -> tuple[Counter[Outcome], Counter[Outcome]]:
    """How many flips came to what: of the pictures' bits, and of the commands' around them."""
    label = form.label()
    picture = pictures_of(form.language, label)
    commands = [bit for bit in range(8 * len(label)) if bit // 8 not in picture]
    bits = [8 * at + bit for at in sorted(picture) for bit in range(8)]
    chosen = bits[:: len(bits) // PICTURE_FLIPS | 1], commands[::COMMAND_STEP_BITS]
    first, second = (Counter(_outcome(form, flipped(label, bit)) for bit in some) for some in chosen)
    return first, second


def pictures_of(language: str, label: bytes) -> set[int]:
    """The places of all bytes that are a picture's own."""
    places: set[int] = set()
    at = 0
    while found := PICTURES[language].search(label, at):
        sized = found.re.groups == 2
        start, at = (found.end(), found.end() + int(found[1]) * int(found[2])) if sized else found.span(1)
        places.update(range(start, at))
    return places


def flipped(label: bytes, bit: int) -> bytes:
    """The label with this bit changed."""
    damaged = bytearray(label)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def _outcome(form: Form, damaged: bytes) -> Outcome:
    bench, speaks, plan = PrinterBench(form.language, width_dots=480, height_dots=320), LANGUAGES[form.language], tag()
    bench.feed(speaks.preamble(MEDIA, SETUP) + (speaks.store(plan.background) if form.stored else b""))
    papers = bench.feed(damaged)
    bench.mechanism.queue.clear()  # it has left the head
    if len(papers) != 1 or not _quiet(bench, speaks, form):
        return Outcome.SEEN
    if rows_of(papers[0]) == plan.full(SERIAL).rows:
        return Outcome.AS_SENT
    assert papers[0].ink is not None
    codes = _codes(papers[0].ink)
    if not codes:
        return Outcome.UNREADABLE
    return Outcome.READABLE if codes == [plan.link(SERIAL)] else Outcome.ANOTHER


def _codes(ink: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(ImageChops.invert(ink.convert("L")))]


def _quiet(bench: PrinterBench, speaks: Language, form: Form) -> bool:
    seen = Observation(combine([_told(bench, query) for query in speaks.status_queries]))
    if not form.stored:
        return seen.quiet
    background = tag().background
    name = speaks.object_name(background)
    query = speaks.objects_query([name])
    listed = _told(bench, query) if query else None
    return seen.quiet and holds_background(listed, (name, speaks.object_size(background)))


def _told(bench: PrinterBench, query: Query[Any]) -> Any:
    """Its answer; None for silence, and for one that no reader takes."""
    try:
        parsed = query.parse(bench.ask(query.request))
    except ReplyError:
        return None
    return parsed[0] if parsed else None
