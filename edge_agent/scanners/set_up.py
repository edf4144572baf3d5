"""What a person is shown of setting up scanners, for the prefix of this site. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import segno

from edge_agent.messages.text import Words
from edge_agent.scanners.makes import MAKES, RECOMMENDED, SETTINGS, TEST_CODE, Make, key_name


@dataclass(frozen=True, slots=True)
class SetUp:
    """`prefix`: the configured one, or the one that is recommended; `makes` each with its steps; `code`: the text
    to try a scanner with, and `picture` that as a QR code, an SVG in a data URI."""

    prefix: str
    chosen: bool
    settings: Sequence[Words]
    makes: Sequence[tuple[Make, Words]]
    code: str
    picture: str


def set_up(prefix: str) -> SetUp:
    """For the prefix of the configuration; empty: none was chosen."""
    shown = prefix or RECOMMENDED
    key = key_name(shown)
    return SetUp(
        prefix=shown,
        chosen=bool(prefix),
        settings=[Words(row.zh.format(prefix=key.zh), row.en.format(prefix=key.en)) for row in SETTINGS],
        makes=[(make, make.how(shown)) for make in MAKES],
        code=TEST_CODE,
        picture=segno.make(TEST_CODE, error="m", micro=False).svg_data_uri(scale=6, border=4, light="white"),
    )
