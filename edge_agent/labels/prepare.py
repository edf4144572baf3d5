"""From a record and a template to something that can be rendered: rules asked, snapshot made, nothing issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from edge_agent.errors import FindingsError
from edge_agent.labels.approval import Approved, InForce, of_draft
from edge_agent.render.page import Piece
from edge_agent.render.painters.mark import ArtworkOf, no_artwork, whole_artwork
from edge_agent.render.plan import LabelPlan, Layout, lay_out, plan_label
from edge_agent.render.raster import millimetres
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.durable import shown_for_certain
from edge_agent.render.templates.order_lint import paths_of
from edge_agent.render.templates.template import Template, is_own, load_template
from edge_agent.render.type.lines import has_chinese
from garment.finding import Finding, Severity
from garment.record import GarmentRecord
from garment.standards import (
    Override,
    applied_overrides,
    check_named,
    check_record,
    check_shown,
    check_symbol,
    check_text,
    rule_pack_versions,
)
from garment.standards.contract import Certified, CheckContext
from label_protocol.codes.check_code import SPECIMEN
from label_protocol.codes.serial import new_serial
from label_protocol.details import Approvals
from label_protocol.errors import CodeError, ConflictError, RecordError

LayoutT = TypeVar("LayoutT", bound=Layout)

_NO_GTIN = "00000000000000"
"""Stands in a draft where a GTIN belongs; nobody's."""


@dataclass(frozen=True, slots=True)
class LinkStyle:
    """How a label's codes are written: host of the Digital Link, whether it is in upper case, and whether a slot for a
    check code is filled."""

    host: str
    upper: bool = True
    check_codes: bool = True


@dataclass(frozen=True, slots=True)
class LabelTerms:
    """What a label is prepared with besides its record and template: the day (`YYYY-MM-DD`) that the rules ask for, how
    its codes are written, the site's own rows of the rules, the artwork of certified marks, and the name of the key
    that its check code is made with; with `SPECIMEN` the snapshot is to be looked at and not printed. `in_force`: what
    leads approved; None: nobody has to. `certified`: what of the record's lot is, as it came with the allotment."""

    on_date: str
    link: LinkStyle
    overrides: tuple[Override, ...] = ()
    artwork: ArtworkOf = no_artwork
    check_code_key: str = SPECIMEN
    in_force: InForce | None = None
    certified: Certified | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record that was checked for a template; `snapshot` is what a label of it would be held to, `context` what the
    rules knew: the rendered symbol is held to the same day and overrides. `terms` are what it was prepared with;
    `draft`: the template is the site's own, and not approved."""

    record: GarmentRecord
    template: Template | None
    snapshot: Mapping[str, Any] | None
    findings: tuple[Finding, ...]
    context: CheckContext
    terms: LabelTerms
    draft: bool = False

    @property
    def artwork(self) -> ArtworkOf:
        """The certified marks that the site uploaded."""
        return self.terms.artwork

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """The findings that refuse the label."""
        return _blocking(self.findings)

    def require(self) -> Mapping[str, Any]:
        """The snapshot.

        Raises:
            FindingsError: a rule blocks the label.
            RecordError: no template was named.
        """
        if self.blocked:
            raise _refusal(self.blocked, self.findings)
        if self.snapshot is None:
            raise RecordError("label: expected a template, got none; name one with --template")
        return self.snapshot

    def require_approved(self) -> Mapping[str, Any]:
        """The snapshot, of a label that is about to be printed. Raises as `require`; ConflictError: its template is a
        draft."""
        if self.draft and self.template is not None:
            raise ConflictError(of_draft(self.template.name))
        return self.require()


def prepare(record: GarmentRecord, template: str | Template | None, terms: LabelTerms) -> Prepared:
    """Ask the rules about a record, for a template if one is named; one that is given is a version of the site's own.
    Findings are returned, not raised.

    A blocked record has a snapshot only if one can be made of it (a bad GTIN fits into no link).

    Raises:
        TemplateError, NotFoundError: no such template, or a wrong one.
        CodeError: no rule blocks the record, and yet no link can carry its GTIN or lot.
    """
    own = isinstance(template, Template) or (template is not None and is_own(template))
    chosen = template if isinstance(template, Template) else load_template(template) if template else None
    kind, held = chosen.kind if chosen else None, _held(record, chosen, terms.artwork)
    context = CheckContext(
        kind=kind, on_date=terms.on_date, overrides=terms.overrides, artwork=held, certified=terms.certified
    )
    findings = (*check_record(record, context), *_shown_findings(record, chosen, context))
    prepared = Prepared(record, chosen, None, findings, context, terms)
    if chosen is None:
        return prepared
    approved = _approved(chosen, terms) if own else None
    prepared = replace(prepared, draft=own and terms.in_force is not None and approved is None)
    try:
        snapshot = _snapshot(prepared, chosen, terms, approved)
    except CodeError:
        if not prepared.blocked:
            raise
        return prepared
    return replace(prepared, snapshot=snapshot)


def _shown_findings(record: GarmentRecord, template: Template | None, context: CheckContext) -> tuple[Finding, ...]:
    """What rules L2, D1 and D9, with the overrides of `context`, say of what the template shows: what a durable label
    must, the fill weight, and the scheme beside a grade."""
    if template is None:
        return ()
    named = {path for slot in template.slot for path in paths_of(slot)}
    durable = check_shown(shown_for_certain(template.slot, template.required), context)
    return (*durable, *check_named(record, named, context))


def _held(record: GarmentRecord, template: Template | None, artwork: ArtworkOf) -> frozenset[str] | None:
    """The artwork that the record pins, if the site has it whole; None for a label that shows no mark."""
    if template is not None and not any(slot.kind == "mark" for slot in template.slot):
        return None
    sha256 = record.product.carbon_mark.artwork_sha256 if record.product.carbon_mark else None
    return frozenset({sha256} if sha256 and whole_artwork(sha256, artwork) is not None else ())


def _approved(template: Template, terms: LabelTerms) -> Approved | None:
    return terms.in_force.of_template(template.name, template.sha256) if terms.in_force else None


def _snapshot(
    prepared: Prepared, template: Template, terms: LabelTerms, approved: Approved | None
) -> Mapping[str, Any]:
    record, context, link = prepared.record, prepared.context, terms.link
    overrides = [one.recorded() for one in applied_overrides(record, context)]
    return make_snapshot(
        record.facts(),
        template,
        rules=rule_pack_versions(record, context),
        host=link.host,
        upper=link.upper,
        overrides=overrides,
        check_key=terms.check_code_key if link.check_codes else None,
        approvals=_approvals(approved, terms.in_force.overrides if terms.in_force and overrides else None),
    )


def _approvals(template: Approved | None, overrides: Approved | None) -> Approvals:
    """Of what had a say, and nothing of what did not."""
    found: Approvals = {}
    if template is not None:
        found["template"] = template.recorded()
    if overrides is not None:
        found["overrides"] = overrides.recorded()
    return found


def plan_prepared(prepared: Prepared, dpi: int) -> LabelPlan:
    """The plan of a label as it would be printed.

    Raises:
        FindingsError: a rule blocks it. RecordError: no template was named. RenderError: it cannot be rendered.
    """
    return plan_label(_template(prepared), prepared.require(), dpi, artwork=prepared.artwork)


def render_prepared(prepared: Prepared, dpi: int) -> Layout:
    """A label as it would be printed: a `LabelPlan` if its template is coded, else what all its copies are. Raises as
    `plan_prepared`."""
    return _rendered(_template(prepared), prepared.require(), dpi, prepared.artwork, draft=False)


def draft_plan(prepared: Prepared, dpi: int, link: LinkStyle) -> Layout:
    """A plan to look at, though a rule may block the label: what the link needs is stood in for, so its code is none
    that anybody may read; render a `LabelPlan` with `specimen`, one without a code as it is. A mark that a rule blocks
    is on no picture either."""
    template, facts = _template(prepared), prepared.record.facts()
    facts["product"]["gtin"] = _NO_GTIN
    if any(one.rule == "M1" for one in prepared.blocked):
        del facts["product"]["carbon_mark"]
    facts.get("lot", {}).pop("lot_no", None)
    named = SPECIMEN if link.check_codes else None
    snapshot = make_snapshot(facts, template, rules={}, host=link.host, upper=link.upper, check_key=named)
    return _rendered(template, snapshot, dpi, prepared.artwork, draft=True)


def _rendered(template: Template, snapshot: Mapping[str, Any], dpi: int, artwork: ArtworkOf, *, draft: bool) -> Layout:
    render = plan_label if template.coded else lay_out
    return render(template, snapshot, dpi, draft=draft, artwork=artwork)


def _template(prepared: Prepared) -> Template:
    if prepared.template is None:
        raise RecordError("label: expected a template, got none; name one with --template")
    return prepared.template


def symbol_findings(plan: LabelPlan, context: CheckContext) -> tuple[Finding, ...]:
    """What rule Q2, with the overrides of `context`, says of the QR symbol as it would be printed."""
    symbol = plan.symbol
    quiet_modules = plan.quiet_dots / symbol.module_dots
    return check_symbol(
        symbol.x_mm, symbol.module_dots, quiet_modules, overrides=context.overrides, on_date=context.on_date
    )


def text_findings(layout: Layout, context: CheckContext) -> tuple[Finding, ...]:
    """What rule L3, with the overrides of `context`, says of the Chinese as it would be printed: of each slot its
    smallest. Serials, sizes and links are no Chinese. Foreign words that share a slot with Chinese are set in its size,
    in which their capitals are lower than 国, so the rule's other half has nothing to find; which words of two slots
    match each other nobody tells us."""
    least: dict[str, int] = {}
    for piece in layout.painted:
        if piece.piece is Piece.TEXT and has_chinese(piece.text):
            least[piece.slot] = min(piece.height_dots, least.get(piece.slot, piece.height_dots))
    heights_mm = {slot: millimetres(height, layout.media.dpi) for slot, height in least.items()}
    judged = (
        check_text(f"slot.{slot}", height_mm, overrides=context.overrides, on_date=context.on_date)
        for slot, height_mm in heights_mm.items()
    )
    return tuple(finding for findings in judged for finding in findings)


def rendered_findings(layout: Layout, context: CheckContext) -> tuple[Finding, ...]:
    """All that only the rendered label shows: its QR symbol, if it has one, and its texts."""
    symbol = symbol_findings(layout, context) if isinstance(layout, LabelPlan) else ()
    return (*symbol, *text_findings(layout, context))


def require_unblocked(layout: LayoutT, context: CheckContext) -> LayoutT:
    """`layout` itself.

    Raises:
        FindingsError: a rule blocks what was rendered.
    """
    findings = rendered_findings(layout, context)
    if blocked := _blocking(findings):
        raise _refusal(blocked, findings)
    return layout


def _blocking(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(one for one in findings if one.severity is Severity.BLOCK)


def _refusal(blocked: Sequence[Finding], findings: Sequence[Finding]) -> FindingsError:
    first = blocked[0]
    words = f"{first.zh} · {first.en} [{first.rule}, {first.clause}; {len(blocked)} blocking]"
    return FindingsError(words, tuple(findings))


def example_serial() -> str:
    """A well-formed serial of the issuer `000`, which no registry ever gives out: for previews."""
    return new_serial("000", bytes)
