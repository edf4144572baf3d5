"""Pictures of labels for people who look: the dots that would be printed, as a 1-bit PNG. Issues nothing.

All drawing is done beside the loop: anybody may look, at 1200 dpi too, and no printer waits meanwhile.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from PIL import ImageChops

from edge_agent.labels.carton import sample_layout
from edge_agent.labels.from_snapshot import plan_of_job
from edge_agent.labels.kept_files import nothing_kept
from edge_agent.labels.prepare import LabelTerms, Prepared, draft_plan, example_serial, prepare, render_prepared
from edge_agent.labels.smallest import AUTO, prepare_label, render_or_offer
from edge_agent.ledger import Ledger
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.draft import as_draft
from edge_agent.render.plan import LabelPlan
from edge_agent.render.raster import to_image
from edge_agent.render.templates.template import Template, parse_template
from edge_agent.service.parts import AgentParts
from garment.record import GarmentRecord
from label_protocol.codes.serial import fold
from label_protocol.errors import InputError

AT_ONCE = 2
"""Pictures that are drawn at a time: who logs in or orders needs the threads beside the loop, too."""

T = TypeVar("T")
P = ParamSpec("P")


class PreviewService:
    """Renders for looking at."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts
        self._few = asyncio.Semaphore(AT_ONCE)

    async def _beside(self, draw: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._few:
            return await asyncio.to_thread(draw, *args, **kwargs)

    async def issued(self, serial: str, dpi: int) -> bytes:
        """What an issued label looks like: 样张, without a readable code; a PNG.

        Raises:
            NotFoundError: no such label, or its template was changed since. RenderError: its artwork is not here.
        """
        ledger = self._parts.ledger
        label = await ledger.do(Ledger.label, fold(serial))
        job = await ledger.do(Ledger.job, label.job_id)
        snapshot = json.loads(await ledger.do(Ledger.snapshot, label.snapshot_hash))
        artwork, kept = self._parts.terms().artwork, self._parts.approving.kept or nothing_kept

        def drawn() -> bytes:
            return png(plan_of_job(job.template, snapshot, dpi, artwork, kept=kept).specimen(label.serial), dpi)

        return await self._beside(drawn)

    async def version(self, name: str, data: bytes, goods: tuple[str, str, str | None], dpi: int) -> bytes:
        """What a label of these goods (style, size, lot) would look like by these bytes of a template; a PNG.

        Raises:
            NotFoundError: no such style, size or lot. TemplateError, RenderError: it cannot be rendered.
        """
        record = await asyncio.to_thread(self._parts.catalog.record, *goods)
        template = parse_template(data, name)
        return await self._beside(version, record, template, dpi, await self._parts.label_terms())

    async def sample(
        self, template: str, style_no: str, size: str, lot_no: str | None, dpi: int, firm: str = ""
    ) -> bytes:
        """What a label of the catalogue's goods would look like, under a serial that no registry gives out; a PNG.

        Raises:
            InputError: a template that the site cannot choose. NotFoundError: no such style, size or lot.
            FindingsError: a rule blocks it. RenderError, CodeError: it cannot be rendered.
        """
        known = await asyncio.to_thread(self._parts.library.labels)
        if template != AUTO and template not in known:  # any other path would let a question read files
            raise InputError(f"preview: expected a template of {', '.join(known)}; choose one of these")
        catalog = self._parts.catalog.of_firm(firm)
        record = await asyncio.to_thread(catalog.record, style_no, size, lot_no)
        return await self._beside(sample, record, template, dpi, await self._parts.label_terms())


def sample(record: GarmentRecord, template: str, dpi: int, terms: LabelTerms) -> bytes:
    """What a label of this record would look like, as a PNG; that of a draft says so above it.

    Raises:
        FindingsError: a rule blocks it. TemplateError, RenderError, CodeError: it cannot be rendered.
    """
    prepared = prepare_label(record, template, terms, (dpi,))
    plan = render_or_offer(prepared, dpi)
    return _picture(prepared, plan.alone(example_serial()) if isinstance(plan, LabelPlan) else plan.bare, dpi)


def version(record: GarmentRecord, template: Template, dpi: int, terms: LabelTerms) -> bytes:
    """What a label of this record would look like by a version of the site's own template, though a rule blocks it
    (样张). Raises RenderError: it cannot be rendered."""
    if template.of_carton:
        bare, now = sample_layout(record, template, dpi).bare, terms.in_force
        draft = now is not None and now.of_template(template.name, template.sha256) is None
        return png(as_draft(bare, dpi) if draft else bare, dpi)
    prepared = prepare(record, template, terms)
    plan = draft_plan(prepared, dpi, terms.link) if prepared.blocked else render_prepared(prepared, dpi)
    if not isinstance(plan, LabelPlan):
        return _picture(prepared, plan.bare, dpi)
    return _picture(prepared, plan.specimen() if prepared.blocked else plan.alone(example_serial()), dpi)


def _picture(prepared: Prepared, bitmap: Bitmap, dpi: int) -> bytes:
    return png(as_draft(bitmap, dpi) if prepared.draft else bitmap, dpi)


def png(bitmap: Bitmap, dpi: int) -> bytes:
    """The bitmap as PNG; in a file a set pixel is white, on a label it is ink."""
    file = io.BytesIO()
    ImageChops.invert(to_image(bitmap)).save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()
