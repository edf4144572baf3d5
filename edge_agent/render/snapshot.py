"""A snapshot holds the immutable data behind labels. Tag, wash label and scan page are made from the same one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from edge_agent.errors import RenderError
from edge_agent.render.templates.template import Template
from label_protocol.codes.check_code import SPECIMEN
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.details import Approvals, Snapshot

SNAPSHOT_VERSION = 1


def make_snapshot(
    facts: Mapping[str, Any],
    template: Template,
    *,
    rules: Mapping[str, str],
    host: str,
    upper: bool = True,
    overrides: Sequence[Mapping[str, Any]] = (),
    check_key: str | None = SPECIMEN,
    approvals: Approvals | None = None,
) -> Snapshot:
    """The snapshot of labels with these facts.

    `facts` is `GarmentRecord.facts()`; `rules` maps the standards that checked it to the versions of their rule packs;
    `overrides` are the site's own rows that had a say, with who and why: left out where there are none. `check_key`
    names the key of the check codes, for a template that has a slot for them (None: the site leaves it empty). Who says
    nothing makes a snapshot to look at, which no printer takes. `approvals`: who approved what of it is the site's own.

    Raises:
        RenderError: a float, which would not survive canonical JSON.
        CodeError: a GTIN, lot or host that no Digital Link can carry.
    """
    snapshot: dict[str, Any] = {"snapshot": SNAPSHOT_VERSION, "product": facts["product"]}
    if facts.get("lot") is not None:
        snapshot["lot"] = facts["lot"]
    snapshot["template"] = {"name": template.name, "version": template.version, "kind": template.kind}
    if template.engine > 1:  # those of format 1 keep the name that their hash gives them
        snapshot["template"]["engine"] = template.engine
    snapshot["rules"] = dict(rules)
    if overrides:
        snapshot["overrides"] = [dict(one) for one in overrides]
    if approvals:
        snapshot["approvals"] = approvals
    snapshot["link"] = {"host": host, "case": "mixed" if upper else "lower"}
    if template.check_code is not None and check_key is not None:
        snapshot["check_code"] = {"key_id": check_key}
    _refuse_floats(snapshot, "snapshot")
    link_of(snapshot, "0" * 17)
    return cast(Snapshot, snapshot)


def link_of(snapshot: Mapping[str, Any], serial: str) -> str:
    """The Digital Link that a label of this snapshot carries.

    The case `upper` is that of snapshots made before schemes were printed in lower case: what was promised stays.

    Raises:
        CodeError: a GTIN, lot, host or serial that the link cannot carry.
    """
    lot_no = (snapshot.get("lot") or {}).get("lot_no")
    link = DigitalLink(snapshot["product"]["gtin"], serial, lot_no)
    host, case = snapshot["link"]["host"], snapshot["link"]["case"]
    return link.uri(host, upper=case != "lower", scheme="HTTPS" if case == "upper" else "https")


def _refuse_floats(value: Any, path: str) -> None:
    if isinstance(value, float):
        raise RenderError(
            f"{path}: expected a decimal string or an integer, got the float {value}; write it as a string"
        )
    if isinstance(value, Mapping):
        for key, child in value.items():
            _refuse_floats(child, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for place, child in enumerate(value):
            _refuse_floats(child, f"{path}[{place}]")
