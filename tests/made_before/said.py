"""What this version says of itself: its API, its commands, its configuration, the labels it promises."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

from typer.main import get_command
from typer.testing import CliRunner

from central_registry.cli import app as registry_app
from central_registry.config import RegistryConfig
from edge_agent.cli import app as agent_app
from edge_agent.config import AgentConfig
from edge_agent.errors import RenderError
from edge_agent.labels.from_snapshot import layout_of_copies, plan_of_job
from edge_agent.labels.prepare import LabelTerms, LinkStyle, Prepared, prepare, render_prepared, require_unblocked
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.templates.template import built_in_templates
from garment.record import parse_record
from label_protocol.codes.check_code import CheckKeys
from label_protocol.errors import AgentError
from tests.kits.registry_kit import running
from tests.made_before.kit import HERE, LATER, Asking, gone_on, load_registry, recorded, running_agent, unpack_home
from tests.made_before.told import tables
from tests.made_before.wire_kit import ask_everything, pages, stand_in

SERIALS = ("PH1SM3JSP5YDYFP56", "PH160Z63KE4QE3C6R")
RESOLUTIONS = (203, 300)
ON_DATE, KEY = "2026-11-20", "0a1b2c3d"
_COLOURS = re.compile("\x1b\\[[0-9;]*m")
STATES = ("sending", "printed", "in_doubt", "commissioned", "scrapped", "invalid")


async def keep_all(keep: Callable[[str, Any], None]) -> None:
    """Records everything of this file, and what the other recordings are answered with."""
    keep("help.json.gz", helps())
    keep("config_keys.json", config_keys())
    keep("promised.json.gz", promised())
    with tempfile.TemporaryDirectory() as folder:
        config = unpack_home(Path(folder))
        keep("home_tables.json.gz", tables(Path(folder) / "ledger" / "ledger.db"))
        async with running_agent(config, LATER) as asking:
            keep("openapi.json", await asking.get("/openapi.json"))
            keep("agent_says.json.gz", await agent_says(asking))
    async with running(dsn=await load_registry(recorded("registry.json.gz"))) as registry:
        keep("pages.json.gz", await pages(registry))
    with tempfile.TemporaryDirectory() as folder:
        async with gone_on(Path(folder)) as (_, registry):
            keep("pages_after.json.gz", await pages(registry))
    async with stand_in(recorded("wire.json.gz")) as (url, _):
        keep("wire_read.json.gz", await ask_everything(url, recorded("wire.json.gz")))


async def agent_says(asking: Asking) -> dict[str, Any]:
    """All that an agent tells of its ledger over its API."""
    found = {path: await asking.get("/api/v1" + path) for path in _lists()}
    each = [f"/jobs/{job['job_id']}" for job in found["/jobs?limit=1000"]["jobs"]]
    each += [f"/copies/{one['copies_id']}" for one in found["/copies?limit=1000"]["copies"]]
    each += [f"/labels/{one['serial']}" for one in found["/labels?limit=1000"]["labels"]]
    return found | {path: await asking.get("/api/v1" + path) for path in each}


def _lists() -> list[str]:
    lists = ["jobs?limit=1000", "copies?limit=1000", "labels?limit=1000", "doubts", "alarms", "holds"]
    lists += ["ledger/balance", "catalogue", *(f"labels?limit=1000&state={state}" for state in STATES)]
    return ["/" + path for path in lists]


# --- commands ------------------------------------------------------------------------------------------------------


def helps() -> dict[str, Any]:
    """`--help` of every command, and the versions of the libraries that lay it out."""
    found: dict[str, Any] = {"laid out by": {name: version(name) for name in ("typer", "rich")}}
    for name, app in (("edge-agent", agent_app), ("central-registry", registry_app)):
        for words in _commands(name, get_command(app)):
            found[words] = _help(app, words)
    return found


def _commands(words: str, command: Any) -> Iterator[str]:
    yield words
    for name, below in sorted(getattr(command, "commands", {}).items()):
        yield from _commands(f"{words} {name}", below)


def _help(app: Any, words: str) -> str:
    name, *below = words.split()
    shape = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    done = CliRunner().invoke(app, [*below, "--help"], prog_name=name, env=shape)
    assert done.exit_code == 0, done.output
    return "\n".join(line.rstrip() for line in _COLOURS.sub("", done.output).splitlines())


def options_of(text: str) -> set[str]:
    """The options and arguments that a help text names: `--template`, and of arguments the name in capitals."""
    told = re.findall(r"(?m)^│ \*?\s*(--[a-z-]+|[A-Z_]+  )", text)
    return {one.strip() for one in told}


# --- growth --------------------------------------------------------------------------------------------------------

_WORDS = {"title", "description", "summary", "info"}


def shrunk(was: Any, now: Any, path: str = "") -> list[str]:
    """What is told now does less than what was: something is gone, changed, or asked for that was not. Whoever used
    it is not served any more; what is new, and other words for people, are no loss."""
    if isinstance(was, dict) and isinstance(now, dict):
        asked = sorted(set(now.get("required") or ()) - set(was.get("required") or ())) if "properties" in was else []
        lost = [f"{path}.{key}: gone" for key in was.keys() - now.keys() - _WORDS]
        both = list(was.keys() & now.keys() - _WORDS)
        below = [one for key in both for one in shrunk(was[key], now[key], f"{path}.{key}")]
        return [*lost, *below, *(f"{path}: asks for {one}" for one in asked)]
    if isinstance(was, list) and isinstance(now, list):
        return [f"{path}: {one!r} is gone" for one in was if one not in now and not _grown_in(one, now)]
    return [] if was == now else [f"{path}: {was!r} became {now!r}"]


def _grown_in(one: Any, now: list[Any]) -> bool:
    return isinstance(one, dict) and any(isinstance(other, dict) and not shrunk(one, other) for other in now)


# --- configuration -------------------------------------------------------------------------------------------------


def config_keys() -> dict[str, Any]:
    """Every key of both configurations with what it takes, and the defaults of a user at home in `/home/operator`."""
    bare = {"HOME": "/home/operator"}
    with mock.patch.dict("os.environ", bare, clear=True):
        agent, central = AgentConfig(), RegistryConfig()
        return {
            "agent.toml": {"takes": _takes(AgentConfig), "defaults": agent.model_dump(mode="json")},
            "registry.toml": {"takes": _takes(RegistryConfig), "defaults": central.model_dump(mode="json")},
        }


def _takes(model: Any) -> Any:
    """The schema of a model, with what is told of it in words taken out and every name put in its place."""
    schema = model.model_json_schema()
    return _bare(schema, schema.get("$defs", {}))


def _bare(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_bare(one, known) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        value = known[value["$ref"].rpartition("/")[2]] | {key: one for key, one in value.items() if key != "$ref"}
    if "properties" in value:
        value = value | {"properties": {key: _bare(one, known) for key, one in value["properties"].items()}}
        return {key: one for key, one in value.items() if key in ("properties", "required", "additionalProperties")}
    told = ("title", "description", "$defs")
    return {key: _bare(one, known) for key, one in value.items() if key not in told}


# --- printers ------------------------------------------------------------------------------------------------------


def promised() -> dict[str, Any]:
    """By template and sample: the snapshot that a job of it is opened with, and SHA-256 of the dots of its labels at
    each resolution; samples that the template refuses are left out."""
    found = {}
    for template in sorted(built_in_templates()):
        for sample, record in recorded("records.json").items():
            try:
                prepared = _prepared(record, template)
                for dpi in RESOLUTIONS:
                    require_unblocked(render_prepared(prepared, dpi), prepared.context)
            except AgentError:
                continue
            found[f"{template} {sample}"] = {"snapshot": (snapshot := prepared.require()), "dots": dots(snapshot)}
    return found


def dots(snapshot: Mapping[str, Any], template: str = "") -> dict[str, list[str]]:
    """SHA-256 of the labels that a job or copies with this snapshot print, with the codes of a key that is nobody's;
    `template` where a job names it otherwise than the snapshot: by the path of a site's own file."""
    named = template or str(snapshot["template"]["name"])
    return {
        str(dpi): [hashlib.sha256(one.rows).hexdigest() for one in _labels(snapshot, named, dpi)] for dpi in RESOLUTIONS
    }


def _labels(snapshot: Mapping[str, Any], template: str, dpi: int) -> list[Bitmap]:
    codes = CheckKeys("PH1", KEY, {KEY: bytes(range(32))}).codes(KEY)
    try:
        plan = plan_of_job(template, snapshot, dpi, _artwork, codes)
    except RenderError:
        return [layout_of_copies(template, snapshot, dpi, _artwork).bare]
    return [plan.full(serial) for serial in SERIALS]


def _prepared(record: dict[str, Any], template: str) -> Prepared:
    terms = LabelTerms(ON_DATE, LinkStyle("id.example.cn"), (), _artwork, KEY)
    return prepare(parse_record(_as_bytes(record)), template, terms)


def _artwork(sha256: str) -> bytes | None:
    mark = (HERE / "carbon_mark.png").read_bytes()
    return mark if hashlib.sha256(mark).hexdigest() == sha256 else None


def _as_bytes(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode()
