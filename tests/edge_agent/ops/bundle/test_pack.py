"""Secrets, serials and names are planted wherever the agent keeps or tells anything; none is in the bundle's bytes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestServer

from edge_agent.access.roles import Role
from edge_agent.access.store import PeopleStore
from edge_agent.catalog import Catalog
from edge_agent.config import load_config
from edge_agent.identity.credentials import Credentials
from edge_agent.messages.text import Words
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.ops.bundle import collect
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.web.api import build_web
from edge_agent.wiring import open_ledger
from label_protocol.kinds import HoldKind
from tests.kits import cli_kit
from tests.kits.ledger_kit import a_job, enrolled, printed
from tests.kits.web_double import VIEW, ServiceDouble

SECRET = "s3cret-of-this-agent"
KEY_HEX = os.urandom(32).hex()
TOKEN = "tOk3n-" + os.urandom(16).hex()
PERSON, CODE, LEAD, BADGED = "欧阳晓燕", "OP77", "司马工", "诸葛班长"
ROBOT, SIGN = "r0bot-path", "SECsignsignsign"
OWNER, SOURCE = "公孙计划", "示例秘密系统"
LOCAL = "l0cal-token-of-this-pc"
SITE, LINE, HOME = "示例秘密服饰", "示例三号线", "shangguan-home"

CONFIG = f"""
[site]
name = "{SITE}"
[data]
ledger_path = "{HOME}/ledger/ledger.db"
witness_path = "{HOME}/witness/witness"
catalog_path = "{HOME}/catalogue/catalogue.json"
[web]
port = 1
[registry]
url = "http://127.0.0.1:1/{HOME}?key={TOKEN}"
credentials_path = "{HOME}/credentials.json"
[rules]
override_path = "{HOME}/site.toml"
[log]
path = "{HOME}/logs/edge-agent.log"
[[intake]]
id = "erp"
name = "{SOURCE}"
kind = "rest"
owner = "{OWNER}"
daily_limit = 100
[[alerts]]
url = "https://oapi.dingtalk.com/robot/{ROBOT}/send?access_token={TOKEN}"
kind = "dingtalk"
secret = "{SIGN}"
[[printers]]
id = "p1"
name = "{LINE}"
url = "tcp://user:{SECRET}@127.0.0.1:1"
profile = "zpl-203"
"""


@dataclass
class Site:
    config: Path
    serials: list[str]

    @property
    def planted(self) -> list[str]:
        return [
            SECRET,
            KEY_HEX,
            TOKEN,
            PERSON,
            CODE,
            LEAD,
            BADGED,
            LOCAL,
            ROBOT,
            SIGN,
            OWNER,
            SOURCE,
            SITE,
            LINE,
            HOME,
            *self.serials,
        ]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    home = tmp_path / HOME
    (home / "logs").mkdir(parents=True)
    path = tmp_path / "agent.toml"
    path.write_text(CONFIG, "utf-8")
    config = load_config(path)
    Credentials(
        "http://127.0.0.1:1", "line-1", SECRET, {"issuer": "ABC", "current": "k1", "keys": {"k1": KEY_HEX}}
    ).save(config.registry.credentials_path)
    Catalog.open(config.data.catalog_path).operators.put({"code": CODE, "name": PERSON})
    (home / "site.toml").write_text(f'[override."S1.chest"]\nseverity = "WARN"\nwho = "{LEAD}"\nwhy = "试"\n', "utf-8")
    with contextlib.closing(open_ledger(config, create=True)) as ledger:
        PeopleStore(config.people_path).add(BADGED, Role.LEAD, None)
        config.local_token_path.write_text(LOCAL, "ascii")
        printed(enrolled(ledger), a_job(ledger))
        serials = [label.serial for label in ledger.labels()]
        ledger.place_hold(HoldKind.COUNTER_AHEAD, {"printer": "p1", "before": 1, "after": 2})
    (home / "logs" / "edge-agent.log").write_text("\n".join(log_lines(serials[0])) + "\n", "utf-8")
    assert len(serials) == 8
    yield Site(path, serials)


def log_lines(serial: str) -> list[str]:
    """Lines as they should be, and as nobody should ever write them."""
    link = f"HTTPS://ID.EXAMPLE.CN/01/06901234567892/10/L1/21/{serial}"
    rows: list[dict[str, Any]] = [
        {"event": "agent_started", "version": "0.1.0", "printers": [{"id": "p1", "name": LINE}]},
        {"event": "scan_refused", "serial": serial, "why": f"{link} is not of this ledger"},
        {"event": "job_paused", "job": "0011223344556677", "why": f"{PERSON}说停；{CODE} said stop, {BADGED} {LOCAL}"},
        {"event": "x", "header": f"Authorization: Bearer {TOKEN}", "url": f"https://r.example/{HOME}/x?sign={TOKEN}"},
        {"event": "y", "nested": [{"secret": SECRET}, {"who": LEAD}, [f"key {KEY_HEX}", SECRET]]},
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    return [
        *lines,
        "Traceback (most recent call last):",
        f'  File "/{HOME}/{PERSON}/x.py"',
        f"ValueError: {serial} {SECRET} {SIGN}",
    ]


def members(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def require_clean(site: Site, bundle: Path) -> dict[str, bytes]:
    found = members(bundle)
    for name, content in {"the file itself": bundle.read_bytes(), **found}.items():
        leaked = [one for one in site.planted if one.encode() in content or one.lower().encode() in content.lower()]
        escaped = [one for one in site.planted if json.dumps(one).strip('"').encode() in content]
        assert not leaked + escaped, (name, leaked, escaped)
    return found


def test_nothing_that_was_planted_is_in_it_and_what_helps_is(site: Site, tmp_path: Path) -> None:
    bundle = tmp_path / "support.zip"
    said = cli_kit.run("support-bundle", bundle, "--config", site.config)
    assert said.code == 0, said
    found = require_clean(site, bundle)
    told = {name: json.loads(content) for name, content in found.items() if name.endswith(".json")}
    assert told["version.json"]["edge_agent"] == "0.1.0" and "aiohttp" in told["version.json"]["libraries"]
    assert {row["what"] for row in told["doctor.json"]} >= {"账本 ledger", "磁盘 disk", "打印机 printer p1"}
    assert told["settings.json"]["printers"][0]["profile"] == "zpl-203"
    assert told["ledger.json"]["head"]["seq"] > 3 and told["ledger.json"]["holds"][0]["kind"] == "counter_ahead"
    assert told["ledger.json"]["balance"][-1]["printed"] == 8
    assert "not_had" in told["printers.json"], "no agent runs"
    log = found["log.jsonl"].decode()
    assert '"event": "scan_refused"' in log and "0011223344556677" in log and "Traceback" in log


def test_the_search_would_find_what_was_planted(site: Site) -> None:
    folder = site.config.parent
    everything = (
        b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()) + str(folder / HOME).encode()
    )
    assert [one for one in site.planted if one.encode() not in everything] == []


async def test_of_a_running_agent_nothing_more_is_told(site: Site, tmp_path: Path) -> None:
    service = ServiceDouble(tmp_path)
    words = Words(f"{PERSON} 请看 {SECRET}", f"ask {CODE} about {site.serials[0]}")
    view = replace(
        VIEW,
        name=LINE,
        words=words,
        trouble=f"/{HOME}/x {TOKEN}",
        url=f"ipp://u:{SECRET}@10.0.0.9/{HOME}/x",
        identity=PrinterIdentity("ZT230", "V1", "42J0123"),
        unread={"~HS": f"\\x02{TOKEN}"},
    )
    service.parts.printers = PrinterDirectory(lambda: [view])
    bundle = tmp_path / "support.zip"
    async with TestServer(build_web(cast(Any, service))) as server:
        text = site.config.read_text("utf-8")
        site.config.write_text(text.replace("port = 1", f"port = {server.port}", 1), "utf-8")
        with contextlib.closing(open_ledger(load_config(site.config))):
            said = await asyncio.to_thread(cli_kit.run, "support-bundle", bundle, "--config", site.config)
    assert said.code == 0, said
    found = require_clean(site, bundle)
    (row,) = json.loads(found["printers.json"])["printers"]
    assert row["printer_id"] == "p1" and row["identity"]["model"] == "ZT230"


def test_a_long_log_gives_its_end_in_whole_lines(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "LOG_BYTES", 10_000)
    log = load_config(site.config).log.path
    assert log is not None
    line = json.dumps({"event": "sync_found", "n": "y" * 60}) + "\n"
    log.write_text(line * 200 + '{"event": "last"}\n', "utf-8")
    cli_kit.run("support-bundle", tmp_path / "s.zip", "--config", site.config)
    lines = members(tmp_path / "s.zip")["log.jsonl"].decode().splitlines()
    assert json.loads(lines[0])["event"] == "sync_found" and json.loads(lines[-1])["event"] == "last"
    assert sum(map(len, lines)) < 12_000


def test_an_endless_line_neither_takes_long_nor_tells_what_is_in_it(site: Site, tmp_path: Path) -> None:
    log = load_config(site.config).log.path
    assert log is not None
    bundle, half = tmp_path / "s.zip", SECRET[:9]
    log.write_text(f"{'a.' * 200_000}{SECRET}\n{'b ' * 3_996}{SECRET}\n", "utf-8")
    cli_kit.run("support-bundle", bundle, "--config", site.config)
    told = require_clean(site, bundle)["log.jsonl"]
    assert len(told) < 10_000 and b"b b" in told and half.encode() not in told, "not even the half of it"


def test_a_file_that_is_there_stays(site: Site, tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_text("mine")
    said = cli_kit.run("support-bundle", tmp_path / "mine.zip", "--config", site.config)
    assert "已有这个文件" in said.refusal and (tmp_path / "mine.zip").read_text() == "mine"


def test_it_is_made_of_a_site_that_has_nothing_yet(tmp_path: Path) -> None:
    said = cli_kit.run("support-bundle", tmp_path / "s.zip", "--config", cli_kit.a_site(tmp_path))
    assert said.code == 0 and json.loads(members(tmp_path / "s.zip")["ledger.json"])["not_had"]
