"""Patches over a label: dot for dot what Pillow pastes, also where one hangs over an edge."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.render.raster import overlay, to_bitmap, to_image


@st.composite
def bitmaps(draw: st.DrawFn) -> Bitmap:
    """Noise, its pad bits 0."""
    width, height = draw(st.integers(1, 60)), draw(st.integers(1, 30))
    rows = draw(st.binary(min_size=(width + 7) // 8 * height, max_size=(width + 7) // 8 * height))
    return to_bitmap(to_image(Bitmap(width, height, rows)))


@settings(max_examples=300, deadline=None)
@given(bitmaps(), st.lists(st.builds(Patch, st.integers(-70, 70), st.integers(-40, 40), bitmaps()), max_size=3))
def test_an_overlay_is_what_pillow_pastes(background: Bitmap, patches: list[Patch]) -> None:
    image = to_image(background)
    for patch in patches:
        image.paste(to_image(patch.bitmap), (patch.x_dots, patch.y_dots))
    assert overlay(background, patches) == to_bitmap(image)
