"""How a damaged symbol is shown to a decoder: its exact dots, and as the camera of a phone may see it.

A phone stands askew and at a distance, is a little out of focus, and the light falls off to one side. What such a
camera does is chosen here and has no source (`ours`): from 3 pixels a module, where decoders begin, to 8; turned up to
15 degrees; light down to a half. No perspective, no noise, no creases.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from edge_agent.quality.damage import SUB

MM_PER_INCH = 25.4
EXACT_PX = 2
"""Pixels for each dot where the dots are shown as they are; finer than any camera of `LOOKS` sees them."""


@dataclass(frozen=True, slots=True)
class Look:
    """One camera: pixels for each millimetre of label, degrees turned counter-clockwise, standard deviation of its
    softness in pixels, and the light at the dark side in percent of that at the bright one."""

    px_per_mm: int
    degrees: int
    soft_px: float
    light_percent: int

    def __str__(self) -> str:
        return f"{self.px_per_mm} px/mm, {self.degrees}°, {self.soft_px:g} px, {self.light_percent}%"


EXACT = None
LOOKS: tuple[Look | None, ...] = (
    EXACT,
    Look(6, 4, 0.5, 75),
    Look(8, -7, 0.7, 60),
    Look(10, 11, 0.9, 80),
    Look(13, -3, 1.2, 55),
    Look(16, 15, 1.6, 70),
)


def seen(picture: Image.Image, dpi: int, look: Look | None) -> Image.Image:
    """A fine picture (`edge_agent.quality.damage`) of dots of `dpi`, as it looks; grey, 0 = black."""
    exact = picture.reduce(SUB // EXACT_PX)
    if look is None:
        return exact
    turned = exact.rotate(look.degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    width, height = (round(side * look.px_per_mm * MM_PER_INCH / dpi / EXACT_PX) for side in turned.size)
    small = turned.resize((width, height), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(look.soft_px))
    return ImageChops.multiply(small, _falling_light(look.light_percent).resize(small.size))


def _falling_light(percent: int) -> Image.Image:
    """A ramp from `percent` at the left to all light at the right."""
    ramp = Image.linear_gradient("L").rotate(90)
    return ramp.point([round(255 * percent / 100 + level * (100 - percent) / 100) for level in range(256)])
