"""What `template` and `rules` have in common: drafts are listed, approved, rejected, through the running agent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from edge_agent.cli.common import Api, ConfigOption, JsonOption, LogInOption, OperatorOption, configuration, show
from edge_agent.labels.approval import RULES, plain_name
from label_protocol.kinds import ReviewKind

VersionOption = Annotated[
    str | None,
    typer.Option("--sha256", metavar="S", help="看过的那一版；不写就是现在的文件 · the version; default: the file now"),
]
WhyOption = Annotated[str, typer.Option("--reason", metavar="R", help="原因，可以不写 · why, may be left out")]


def drafts(kind: ReviewKind, config: Path | None, *, as_json: bool) -> None:
    """What there is of a kind, and how each stands."""
    api = Api(configuration(config))
    found = api.call("GET", "/approvals")
    forms = [one for one in found["forms"] if one["kind"] == kind]
    mode = f"{found['words']['zh']} · {found['words']['en']}"
    names = _names(api) if any(one["by"] for one in forms) else {}
    text = "\n".join([mode, *(_line(one, names) for one in forms)]) if forms else f"{mode}\n没有 · none"
    show(found | {"forms": forms}, as_json=as_json, text=text)


def decide(
    kind: ReviewKind,
    name: str,
    verdict: str,
    config: Path | None,
    *,
    sha256: str | None,
    operator: str,
    reason: str,
    log_in: bool,
    as_json: bool,
) -> None:
    """A lead's word on a version; the one that lies there now, if none is named."""
    api = Api(configuration(config))
    path = f"/approvals/{kind.value}/{quote(_named(kind, name), safe='')}"
    body = {"sha256": sha256 or api.call("GET", path)["sha256"], "operator": operator, "reason": reason}
    form = (api.log_in() if log_in else api).call("POST", f"{path}/{verdict}", body)
    show(form, as_json=as_json, text=_line(form, _names(api)))


def _named(kind: ReviewKind, name: str) -> str:
    """As it is listed; a file of that name is meant by it, too."""
    return RULES if kind is ReviewKind.OVERRIDES else plain_name(name if "." not in name else Path(name).stem)


def _names(api: Api) -> Mapping[str, str]:
    """Id → name of who works here."""
    return {one["id"]: one["name"] for one in api.call("GET", "/people")["people"]}


def _line(form: Mapping[str, Any], names: Mapping[str, str]) -> str:
    words, by = form["words"], "、".join(names.get(one["who"], one["who"]) for one in form["by"])
    why = form["flaw"] or (form["rejected"] or {}).get("reason", "")
    more = [f"({by})" if by else "", why]
    return "  ".join([form["name"], form["sha256"][:16], f"{words['zh']} · {words['en']}", *filter(None, more)])


rules_app = typer.Typer(help="规则补充 · The site's rows of the rules", no_args_is_help=True)


@rules_app.command(name="drafts")
def rule_drafts(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """规则补充是草稿还是已批准 · How the site's rows of the rules stand.

    Example: edge-agent rules drafts
    """
    drafts(ReviewKind.OVERRIDES, config, as_json=as_json)


@rules_app.command(name="approve")
def approve_rules(
    sha256: VersionOption = None,
    operator: OperatorOption = "",
    reason: WhyOption = "",
    log_in: LogInOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """班长批准规则补充，批准了马上起作用 · A lead approves the rows of the rules; they hold at once.

    Example: edge-agent rules approve --log-in
    """
    said: dict[str, Any] = {"sha256": sha256, "operator": operator, "reason": reason, "log_in": log_in}
    decide(ReviewKind.OVERRIDES, RULES, "approve", config, **said, as_json=as_json)


@rules_app.command(name="reject")
def reject_rules(
    reason: Annotated[str, typer.Option("--reason", metavar="R", help="原因 · why")],
    sha256: VersionOption = None,
    operator: OperatorOption = "",
    log_in: LogInOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """班长退回规则补充，或收回批准 · A lead rejects the rows of the rules, or takes an approval back.

    Example: edge-agent rules reject --reason 数值不对 --log-in
    """
    said: dict[str, Any] = {"sha256": sha256, "operator": operator, "reason": reason, "log_in": log_in}
    decide(ReviewKind.OVERRIDES, RULES, "reject", config, **said, as_json=as_json)


NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="模板名，即文件名 · its name, that of its file")]


def register(app: typer.Typer) -> None:
    """Add what templates have of it."""
    app.command(name="drafts")(template_drafts)
    app.command(name="approve")(approve_template)
    app.command(name="reject")(reject_template)


def template_drafts(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """本厂的模板是草稿还是已批准 · The site's own templates, and how each stands.

    Example: edge-agent template drafts
    """
    drafts(ReviewKind.TEMPLATE, config, as_json=as_json)


def approve_template(
    name: NameArgument,
    sha256: VersionOption = None,
    operator: OperatorOption = "",
    reason: WhyOption = "",
    log_in: LogInOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """班长批准本厂的模板；改过的文件又是草稿 · A lead approves a template of the site; a changed one is a draft again.

    Example: edge-agent template approve my_card --log-in
    """
    said: dict[str, Any] = {"sha256": sha256, "operator": operator, "reason": reason, "log_in": log_in}
    decide(ReviewKind.TEMPLATE, name, "approve", config, **said, as_json=as_json)


def reject_template(
    name: NameArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="R", help="原因 · why")],
    sha256: VersionOption = None,
    operator: OperatorOption = "",
    log_in: LogInOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """班长退回模板，或收回批准；已开的任务照打 · A lead rejects a template, or takes an approval back; open jobs go on.

    Example: edge-agent template reject my_card --reason 字太小 --log-in
    """
    said: dict[str, Any] = {"sha256": sha256, "operator": operator, "reason": reason, "log_in": log_in}
    decide(ReviewKind.TEMPLATE, name, "reject", config, **said, as_json=as_json)
