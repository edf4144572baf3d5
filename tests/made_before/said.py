"""What this version says of itself: its API, its commands, its configuration, the bytes it sends to printers."""

from __future__ import annotations

import hashlib
import json
import math
import re
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

from typer.main import get_command
from typer.testing import CliRunner

from central_registry.cli import app as registry_app
from central_registry.config import RegistryConfig
from edge_agent.cli import app as agent_app
from edge_agent.cli.stream import setup_for, stream_of
from edge_agent.config import AgentConfig
from edge_agent.labels.prepare import LabelTerms, LinkStyle, Prepared, prepare, render_prepared, require_unblocked
from edge_agent.model.media import Media
from edge_agent.model.printer import PrintMode
from edge_agent.printers.languages import LANGUAGES
from edge_agent.render.plan import LabelPlan, Layout, plan_label
from edge_agent.render.templates.template import built_in_templates
from garment.record import parse_record
from label_protocol.codes.check_code import CheckKeys
from label_protocol.errors import AgentError
from tests.kits.registry_kit import running
from tests.made_before.kit import HERE, LATER, Asking, gone_on, load_registry, recorded, running_agent, unpack_home
from tests.made_before.told import tables
from tests.made_before.wire_kit import ask_everything, pages, stand_in

SERIALS = ("PH1SM3JSP5YDYFP56", "PH160Z63KE4QE3C6R")
DPI = 203
ON_DATE, KEY = "2026-11-20", "0a1b2c3d"
_COLOURS = re.compile("\x1b\\[[0-9;]*m")
STATES = ("sending", "printed", "in_doubt", "commissioned", "scrapped", "invalid")


async def keep_all(keep: Callable[[str, Any], None]) -> None:
    """Records everything of this file, and what the other recordings are answered with."""
    keep("help.json.gz", helps())
    keep("config_keys.json", config_keys())
    keep("printer_bytes.json", printer_bytes())
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


def words_of(text: str) -> list[str]:
    """A help text without its frames, for another release of what lays it out."""
    return "".join(" " if "\u2500" <= one <= "\u257f" else one for one in text).split()


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


def printer_bytes() -> dict[str, str]:
    """SHA-256 of what is sent for two labels (one, where there is no code), or the words of the refusal, by template,
    sample, language and mode."""
    found = {}
    for template in sorted(built_in_templates()):
        for sample, record in recorded("records.json").items():
            try:
                prepared = _prepared(record, template)
                plan = require_unblocked(_plan(prepared), prepared.context)
            except AgentError as cause:
                found[f"{template} {sample}"] = f"refused: {cause}"
                continue
            found |= {f"{template} {sample} {how}": digest for how, digest in _streams(plan)}
    return found


def _prepared(record: dict[str, Any], template: str) -> Prepared:
    mark = (HERE / "carbon_mark.png").read_bytes()
    artwork = {hashlib.sha256(mark).hexdigest(): mark}.get
    terms = LabelTerms(ON_DATE, LinkStyle("id.example.cn"), (), artwork, KEY)
    return prepare(parse_record(_as_bytes(record)), template, terms)


def _plan(prepared: Prepared) -> Layout:
    """As a printer's worker draws it, with the codes of a key that is nobody's."""
    template = prepared.template
    if template is None or not template.coded:
        return render_prepared(prepared, DPI)
    codes = CheckKeys("PH1", KEY, {KEY: bytes(range(32))}).codes(KEY)
    return plan_label(template, prepared.require(), DPI, codes=codes, artwork=prepared.artwork)


def _as_bytes(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode()


def preamble_then(language: str, media: Media) -> bytes:
    """What led a window in that version. Later ones say more in it: whatever another program may have left in a printer
    is set by every window, so this part of the bytes is not compared with the recording, and all the rest is."""
    width, length, gaps = media.width_dots, media.height_dots, media.gap_mm > 0
    if language == "zpl":
        tracking = b"Y" if gaps else b"N"
        return b"^XA^JZN^MMT^MN%b^PON^PMN^LRN^LH0,0^PW%d^LL%d^XZ\r\n" % (tracking, width, length)
    if language == "epl2":
        form = (-(-width // 8) * 8, length, round(media.gap_mm * media.dpi / 25.4))
        return b"\r\nUA\r\nUN\r\nOD\r\nq%d\r\nQ%d,%d\r\nZT\r\nN\r\n" % form
    size = tuple(math.ceil(dots * 2_540 / media.dpi - 1e-6) / 100 for dots in (width, length))
    gap = b"GAP %g mm,0 mm" % media.gap_mm if gaps else b"GAP 0,0"
    return (
        b"SET REPRINT OFF\r\nSET PRINTKEY OFF\r\nSIZE %.2f mm,%.2f mm\r\n%b\r\nDIRECTION 0,0\r\nREFERENCE 0,0\r\n"
        b"OFFSET 0 mm\r\nSET PEEL OFF\r\nSET CUTTER OFF\r\nSET TEAR ON\r\n" % (*size, gap)
    )


def _streams(plan: Layout) -> Iterator[tuple[str, str]]:
    coded = SERIALS if isinstance(plan, LabelPlan) else ()
    for language, speaks in LANGUAGES.items():
        for mode in PrintMode:
            setup = setup_for(speaks, plan.media, None)
            said, sent = speaks.preamble(plan.media, setup), stream_of(speaks, plan, coded, mode, setup)
            assert sent.startswith(said)
            sent = preamble_then(language, plan.media) + sent.removeprefix(said)
            yield f"{language} {mode.value}", hashlib.sha256(sent).hexdigest()
