"""These functions do to dots what a thermal head does: dots in, a grey picture out, the same one every time.

Dots are 1-bit pictures in which a set pixel is ink, as everywhere in `render`. What comes out is *fine*: grey, 255 for
all light reflected and 0 for none, `SUB` pixels for each dot, so that an edge can move by a quarter of a dot. Edges
move squarely: real heat spreads roundly and takes less of a corner, so a corner fares worse here than on paper.

Columns are across the head, rows are along the feed: labels leave the printer as they are rendered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from PIL import Image, ImageChops, ImageFilter

from edge_agent.render.raster import INK, PAPER

SUB = 4
"""Pixels of a fine picture for one dot, on each side; one of them is a quarter of a dot."""
_SEED = b"edge-agent print quality"


def fine(dots: Image.Image) -> Image.Image:
    """The dots as a perfect head prints them: each a full square, ink black and paper white."""
    grey = ImageChops.invert(dots.convert("L"))
    return grey.resize((dots.width * SUB, dots.height * SUB), Image.Resampling.NEAREST)


def gain(picture: Image.Image, across: int, feed: int) -> Image.Image:
    """Dot gain: every edge of ink moves outwards, in quarters of a dot; too much heat, or too slow."""
    return _spread(_spread(picture, across, 0, ImageChops.darker), 0, feed, ImageChops.darker)


def loss(picture: Image.Image, across: int, feed: int) -> Image.Image:
    """Dot loss: every edge of ink moves inwards, in quarters of a dot; too little heat, or too fast."""
    return _spread(_spread(picture, across, 0, ImageChops.lighter), 0, feed, ImageChops.lighter)


def missing(dots: Image.Image, percent: float) -> Image.Image:
    """So many of a hundred dots of ink are paper: a creased ribbon, dust, coarse fabric. A higher percentage misses
    all that a lower one misses."""
    picked = _picked(dots.size, percent, b"missing")
    return ImageChops.logical_and(dots, ImageChops.invert(picked))


def specks(dots: Image.Image, percent: float) -> Image.Image:
    """So many of a hundred dots of paper are ink: ribbon that rubs off, dust on the paper."""
    return ImageChops.logical_or(dots, _picked(dots.size, percent, b"specks"))


def dead(dots: Image.Image, first: int, count: int) -> Image.Image:
    """Dead heating elements: `count` columns from `first` on are paper all the way down."""
    hurt = dots.copy()
    hurt.paste(PAPER, (first, 0, min(first + count, dots.width), dots.height))
    return hurt


def blur(picture: Image.Image, radius: float) -> Image.Image:
    """A Gaussian of `radius` pixels (its standard deviation): smeared ink, or a reader out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(radius))


def pale(picture: Image.Image, ink_percent: float = 0, paper_percent: float = 100) -> Image.Image:
    """Ink that reflects `ink_percent` of the light, paper that reflects `paper_percent`, and all between in between."""
    low, high = ink_percent * 255 / 100, paper_percent * 255 / 100
    return picture.point([round(low + (high - low) * level / 255) for level in range(256)])


def _spread(
    picture: Image.Image, across: int, feed: int, choose: Callable[[Image.Image, Image.Image], Image.Image]
) -> Image.Image:
    """Each pixel becomes the darkest, or the lightest, of those within so many pixels along one axis. Steps double, so
    a wide reach costs few passes; beyond the picture's edge there is nothing that could spread into it."""
    for sign in (1, -1):
        reached, whole = 0, across + feed
        while reached < whole:
            step = min(reached + 1, whole - reached)
            moved = picture.copy()
            moved.paste(picture, (sign * step * bool(across), sign * step * bool(feed)))
            picture = choose(picture, moved)
            reached += step
    return picture


def _picked(size: tuple[int, int], percent: float, purpose: bytes) -> Image.Image:
    """A picture in which about `percent` of the pixels are set, the same ones each time."""
    noise = hashlib.shake_256(_SEED + purpose).digest(size[0] * size[1])
    below = percent * 256 / 100
    return Image.frombytes("L", size, noise).point([INK if level < below else 0 for level in range(256)], "1")
