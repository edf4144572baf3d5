"""What labels are made with beside the catalogue: the site's own templates, its rows of the rules, and who approves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Strict

from edge_agent.config.values import FilePath, Table
from edge_agent.model.review import ApprovalMode


class LabelsTable(Table):
    """`check_code`: whether a template with a place for one (防伪码) is printed with it or not at all, or empty.
    `template_path`: the folder of the site's own templates, which the page offers beside the built-in ones;
    `carton_template` one of them for cartons, None: the built-in one. `approval`: whether these, and the site's rows of
    the rules, are drafts until one lead, or two, approved them."""

    check_code: Literal["required", "off"] = "required"
    template_path: FilePath | None = None
    carton_template: FilePath | None = None
    approval: Annotated[ApprovalMode, Strict(False)] = ApprovalMode.OFF


class RulesTable(Table):
    """What the site knows better about the rules (`standards/overrides.py`). Without a file the shipped rows hold."""

    override_path: FilePath | None = None
