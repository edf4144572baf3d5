"""Label pictures for a browser: the dots that would be printed, as a 1-bit PNG."""

from __future__ import annotations

import io

from PIL import ImageChops

from edge_agent.labels.prepare import LinkStyle, draw_prepared, example_serial, prepare
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.painters.mark import ArtworkOf, no_artwork
from edge_agent.render.plan import LabelPlan
from edge_agent.render.raster import to_image
from garment.record import GarmentRecord
from garment.standards import Override


def png(bitmap: Bitmap, dpi: int) -> bytes:
    """The bitmap as PNG; in a file a set pixel is white, on a label it is ink."""
    file = io.BytesIO()
    ImageChops.invert(to_image(bitmap)).save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def sample(
    record: GarmentRecord,
    template: str,
    dpi: int,
    today: str,
    link: LinkStyle,
    overrides: tuple[Override, ...] = (),
    artwork: ArtworkOf = no_artwork,
) -> bytes:
    """What a label of this record would look like, under a serial no registry gives out; draws even when a rule blocks.

    Raises:
        TemplateError, RenderError, CodeError: it cannot be drawn.
    """
    plan = draw_prepared(prepare(record, template, today, link, overrides, artwork), dpi)
    return png(plan.alone(example_serial()) if isinstance(plan, LabelPlan) else plan.bare, dpi)
