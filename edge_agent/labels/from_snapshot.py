"""What was promised when a job or copies were ordered: rendered from its snapshot, or refused with the reason.

The rules are not asked again: the template is the one whose version the snapshot holds and the artwork the one whose
hash it holds (invariant 6), however long it waited. A template that was approved is kept as it was, so its job is
printed though the file was changed meanwhile. Only a certificate, which ends on a day, is held to today.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge_agent.errors import FindingsError, NotFoundError, RenderError
from edge_agent.labels.kept_files import KeptOf, nothing_kept
from edge_agent.render.painters.mark import ArtworkOf, no_artwork
from edge_agent.render.plan import LabelPlan, Layout, lay_out, plan_label
from edge_agent.render.templates.template import Template, former_template, load_template, parse_template
from label_protocol.codes.check_code import CheckCodes


def plan_of_job(
    template: str,
    snapshot: Mapping[str, Any],
    dpi: int,
    artwork: ArtworkOf = no_artwork,
    codes: CheckCodes | None = None,
    drawn: LabelPlan | None = None,
    kept: KeptOf = nothing_kept,
) -> LabelPlan:
    """The plan a job prints; the template must still be the one whose version the snapshot holds, and the artwork of a
    mark the one whose hash it holds (invariant 6). Check codes come from `codes`; without them it is for looking only.
    `drawn`: the plan of these very bytes at this resolution, if it was drawn ahead (`PlansAhead`). `kept`: templates
    as they were approved.

    Raises:
        NotFoundError: the template was changed since the job was opened, and is not kept as it was.
        RenderError: the artwork is gone, or was changed.
    """
    chosen = _promised(template, snapshot, kept)
    if drawn is not None:
        return drawn.with_codes(codes)
    return plan_label(chosen, snapshot, dpi, artwork=artwork, codes=codes)


def require_mark(snapshot: Mapping[str, Any], on_date: str) -> None:
    """A job may have waited longer than its mark's certificate holds: asked again on the day it is printed.

    Raises:
        FindingsError: the certificate has run out (M1), and the snapshot keeps no override of that row.
    """
    mark = snapshot.get("product", {}).get("carbon_mark") or {}
    waived = any((one["rule"], one.get("severity")) == ("M1.valid", "WARN") for one in snapshot.get("overrides", ()))
    if mark.get("valid_to", on_date) < on_date and not waived:
        raise FindingsError(
            f"碳足迹标识的证书到 {mark['valid_to']} 为止，今天不能再印，请取消任务，换新证书后重新下单 · carbon mark: "
            f"expected a certificate valid on {on_date}, got one to {mark['valid_to']}; cancel the job, renew it and "
            "order again [M1]"
        )


def layout_of_copies(
    template: str,
    snapshot: Mapping[str, Any],
    dpi: int,
    artwork: ArtworkOf = no_artwork,
    kept: KeptOf = nothing_kept,
) -> Layout:
    """What every copy shows; of the template and artwork that were promised, as `plan_of_job`.

    Raises:
        RenderError: the template is coded. A code is on one label in the world, so it is never copied, and a label of
            such a template without its code would pass for a finished one.
        NotFoundError: as `plan_of_job`.
    """
    chosen = _promised(template, snapshot, kept)
    if chosen.coded:
        raise RenderError(
            f"模板 {chosen.name} 带码，每张的码不同，不能打印副本，请下任务：edge-agent job submit · template "
            f"{chosen.name}: expected one without a code, since a code is never copied, got one with; order a job: "
            "edge-agent job submit"
        )
    return lay_out(chosen, snapshot, dpi, artwork=artwork)


def _promised(template: str, snapshot: Mapping[str, Any], kept: KeptOf) -> Template:
    promised = snapshot["template"]["version"]
    approved = _as_approved(snapshot, kept)
    if approved is not None and approved.version == promised:
        return approved
    now = load_template(template)
    chosen = now if now.version == promised else former_template(template, promised)
    if chosen is None:
        raise NotFoundError(
            f"模板 {template} 在下单以后改过，请取消任务，用改过的模板重新下单 · "
            f"template {template}: expected version {promised}, got {now.version}; "
            "cancel the job and open it again with the changed template"
        )
    return chosen


def _as_approved(snapshot: Mapping[str, Any], kept: KeptOf) -> Template | None:
    approval = snapshot.get("approvals", {}).get("template")
    data = kept(str(approval["sha256"])) if approval else None
    return None if data is None else parse_template(data, str(snapshot["template"]["name"]))
