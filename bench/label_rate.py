"""Labels drawn per second, template by template, beside WeasyPrint (HTML to PDF, PDFium to 1-bit) on the same content.

Ours, first label: from the garment record, rules asked, texts fitted, code encoded, all painted. Ours, further labels:
one more serial of the same run, the whole label as dots. The peer's first label is a document of one page, its further
ones share a document of eight; its HTML comes with every text fitted and placed. Contenders take turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench import weasy
from bench.kit import LINK, ON_DATE, Row, rates, serial
from edge_agent.demo.play import samples
from edge_agent.labels.prepare import LabelTerms, prepare, render_prepared
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.plan import LabelPlan
from edge_agent.render.templates.template import built_in_templates, load_template
from garment.record import GarmentRecord
from label_protocol.errors import AgentError

RESOLUTIONS = (203, 300)
RUN_LABELS = 8
_FIRST, _FURTHER = "first label of a record", "each further label of its run"


def rows(*, full: bool = False) -> list[Row]:
    """Two rows for each template and resolution; one where all labels are equal, since a copy is not drawn again."""
    return [row for name in templates() for dpi in RESOLUTIONS for row in _rows(name, dpi, 5 if full else 3)]


def notes() -> list[str]:
    """What was left out, and what the peer is."""
    if found := weasy.missing():
        return [found]
    return [f"WeasyPrint {weasy.version()}. An order sheet is a PDF for an office printer and is not measured here."]


def templates() -> list[str]:
    """The built-in templates of garment labels."""
    return [name for name in built_in_templates() if load_template(name).of_record]


def sample_for(template: str) -> GarmentRecord:
    """The first sample that the template takes; without its lot, if the code has no room for one.

    Raises:
        RuntimeError: none.
    """
    whole = list(samples().values())
    for record in [*whole, *(one.model_copy(update={"lot": None}) for one in whole)]:
        if _takes(template, record):
            return record
    raise RuntimeError(f"template {template}: expected a sample that fits, got none")


def _takes(template: str, record: GarmentRecord) -> bool:
    try:
        return all(render_prepared(prepare(record, template, LabelTerms(ON_DATE, LINK)), dpi) for dpi in RESOLUTIONS)
    except AgentError:
        return False


def _rows(template: str, dpi: int, rounds: int) -> Iterator[Row]:
    record = sample_for(template)
    ours, theirs = _ours(record, template, dpi), _theirs(record, template, dpi)
    found = rates({**ours, **theirs}, rounds=rounds)
    for what, peer, labels, target in ((_FIRST, "peer", 1, "≥ 8"), (_FURTHER, "peer's run", RUN_LABELS, "")):
        if what in ours:
            words = "WeasyPrint" if labels == 1 else f"WeasyPrint, {labels} pages a document"
            name, theirs = f"{template}, {dpi} dpi, {what}", labels * found.get(peer, 0.0)
            yield Row(name, found[what], "labels/s", words, theirs, target=target)


def _ours(record: GarmentRecord, template: str, dpi: int) -> dict[str, Callable[[], object]]:
    plan = render_prepared(prepare(record, template, LabelTerms(ON_DATE, LINK)), dpi)

    def first() -> Bitmap:
        drawn = render_prepared(prepare(record, template, LabelTerms(ON_DATE, LINK)), dpi)
        return drawn.alone(serial()) if isinstance(drawn, LabelPlan) else drawn.bare

    if not isinstance(plan, LabelPlan):
        return {_FIRST: first}
    return {_FIRST: first, _FURTHER: lambda: plan.full(serial())}


def _theirs(record: GarmentRecord, template: str, dpi: int) -> dict[str, Callable[[], object]]:
    if weasy.missing():
        return {}
    plan = render_prepared(prepare(record, template, LabelTerms(ON_DATE, LINK)), dpi)
    peer = weasy.Peer(load_template(template), plan)
    one: dict[str, Callable[[], object]] = {"peer": lambda: peer.dots([serial()])}
    if not isinstance(plan, LabelPlan):
        return one
    weasy.check(peer, plan, serial())
    return {**one, "peer's run": lambda: peer.dots([serial() for _ in range(RUN_LABELS)])}
