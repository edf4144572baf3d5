"""From a record and a template to something that can be drawn: the rules are asked, the snapshot is made, nothing is issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge_agent.codes.serial import draw
from edge_agent.errors import FindingsError, NotFoundError, RecordError
from edge_agent.model import Finding, Severity
from edge_agent.record import GarmentRecord
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.template import Template, load_template
from edge_agent.standards import check_record, check_symbol, rule_pack_versions
from edge_agent.standards.contract import CheckContext


@dataclass(frozen=True, slots=True)
class LinkStyle:
    """How the Digital Link is written: host, and whether scheme and host are in upper case."""

    host: str
    upper: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record that was checked for a template; `snapshot` is what a label of it would be held to."""

    record: GarmentRecord
    template: Template | None
    snapshot: Mapping[str, Any] | None
    findings: tuple[Finding, ...]

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """The findings that refuse the label."""
        return tuple(one for one in self.findings if one.severity is Severity.BLOCK)

    def require(self) -> Mapping[str, Any]:
        """The snapshot.

        Raises:
            FindingsError: a rule blocks the label.
            RecordError: no template was named.
        """
        if self.blocked:
            first = self.blocked[0]
            raise FindingsError(
                f"{first.zh} · {first.en} [{first.rule}, {first.clause}; {len(self.blocked)} blocking]", self.findings
            )
        if self.snapshot is None:
            raise RecordError("label: expected a template, got none; name one with --template")
        return self.snapshot


def prepare(record: GarmentRecord, template: str | None, on_date: str, link: LinkStyle) -> Prepared:
    """Ask the rules about a record, for a template if one is named. Findings are returned, not raised."""
    chosen = load_template(template) if template else None
    context = CheckContext(kind=chosen.kind if chosen else None, on_date=on_date)
    snapshot = chosen and make_snapshot(
        record.facts(), chosen, rules=rule_pack_versions(record, context), host=link.host, upper=link.upper
    )
    return Prepared(record, chosen, snapshot, tuple(check_record(record, context)))


def plan_prepared(prepared: Prepared, dpi: int) -> LabelPlan:
    """The plan of a label that may never be issued; draws even when a rule blocks.

    Raises:
        RecordError: no template was named. TemplateError, RenderError, CodeError: it cannot be drawn.
    """
    if prepared.template is None or prepared.snapshot is None:
        raise RecordError("label: expected a template, got none; name one with --template")
    return plan_label(prepared.template, prepared.snapshot, dpi)


def symbol_findings(plan: LabelPlan) -> tuple[Finding, ...]:
    """What rule Q2 says of the QR symbol as it would be printed."""
    symbol = plan.symbol
    return tuple(check_symbol(symbol.x_mm, symbol.module_dots, symbol.quiet_zone_modules)) if symbol else ()


def example_serial() -> str:
    """A well-formed serial of the issuer `000`, which no registry ever gives out: for previews."""
    return draw("000", bytes)


def plan_of_job(template: str, snapshot: Mapping[str, Any], dpi: int) -> LabelPlan:
    """The plan a job prints; the template must still be the one whose version the snapshot holds (invariant 6).

    Raises:
        NotFoundError: the template was changed since the job was opened.
    """
    chosen = load_template(template)
    promised = snapshot["template"]["version"]
    if chosen.version != promised:
        raise NotFoundError(
            f"template {template}: expected version {promised}, got {chosen.version}; "
            f"cancel the job and open it again with the changed template"
        )
    return plan_label(chosen, snapshot, dpi)
