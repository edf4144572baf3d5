"""A site's override file on its way to the label: read at the start, asked of record and symbol, in the snapshot."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from edge_agent.app import agent
from edge_agent.config import AgentConfig, load_config
from edge_agent.errors import FindingsError
from edge_agent.labels.from_snapshot import plan_of_job
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare
from edge_agent.ledger import Ledger
from edge_agent.model.job import Job
from edge_agent.ops import doctor
from edge_agent.service.agent_service import AgentService
from edge_agent.service.previews import sample
from edge_agent.wiring import open_overrides
from garment.record import parse_record
from label_protocol.chain import canonical
from label_protocol.codes.serial import check_character
from label_protocol.errors import ConfigError
from tests.kits.cli_kit import HOST, Said, a_site, run
from tests.kits.service_kit import a_service

SAMPLES = Path(__file__).parents[2] / "edge_agent" / "demo" / "samples"
DOWN = SAMPLES / "down_graded.json"
TAG = "down_grade_60x40"
TODAY = "2026-12-01"
SERIAL = "PH17K3M9QX2W4T2B" + check_character("PH17K3M9QX2W4T2B")
STEP = '[override."D2.step"]\nvalue = 4.5\nwho = "王工, QC"\nwhy = "own copy"\neffective_from = "2026-12-01"\n'
CHEST = '[override."S1.chest"]\nvalue = 5\nseverity = "BLOCK"\nwho = "李工"\nwhy = "the buyer"\n'
COARSE = '[override."Q2.least_x"]\nvalue = 0.9\nwho = "王工"\nwhy = "old scanners"\n'
"""No tag has modules of 0.9 mm, so this blocks every one of them."""


def config(folder: Path, rows: str | bytes | None) -> Path:
    """A configuration beside an override file of these rows; None: the file is not there."""
    path = a_site(folder)
    path.write_text(path.read_text("utf-8") + '[rules]\noverride_path = "site.toml"\n[web]\nport = 0\n', "utf-8")
    if rows is not None:
        (folder / "site.toml").write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    return path


def settings(folder: Path, rows: str | bytes | None) -> AgentConfig:
    return load_config(config(folder, rows))


def snapshot(folder: Path, rows: str) -> dict[str, Any]:
    overrides = open_overrides(settings(folder, rows))
    prepared = prepare(parse_record(DOWN.read_bytes()), TAG, LabelTerms(TODAY, LinkStyle(HOST), overrides))
    return dict(prepared.require())


# --- the file ---------------------------------------------------------------------------------------------------------

WRONG = {
    "missing": (None, "readable file"),
    "not utf-8": (b"\xff\xfe", "UTF-8"),
    "not toml": ("[override", "expected TOML"),
    "unknown rule": (CHEST.replace("chest", "chesst"), "did you mean S1.chest?"),
    "nobody says so": (CHEST.replace("李工", " "), "expected who"),
}


def test_no_file_named_means_the_shipped_rules(tmp_path: Path) -> None:
    assert open_overrides(load_config(a_site(tmp_path))) == ()


def test_the_file_is_found_beside_the_configuration_and_may_begin_with_a_mark(tmp_path: Path) -> None:
    assert [one.key for one in open_overrides(settings(tmp_path, b"\xef\xbb\xbf" + CHEST.encode()))] == ["S1.chest"]


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site.toml").mkdir()
    with pytest.raises(ConfigError, match=r"site\.toml: expected a file .*check override_path"):
        open_overrides(settings(tmp_path, None))


@pytest.mark.parametrize(("rows", "says"), WRONG.values(), ids=list(WRONG))
async def test_a_wrong_file_stops_the_agent_before_it_touches_anything(
    tmp_path: Path, rows: str | bytes | None, says: str
) -> None:
    found = settings(tmp_path, rows)
    with pytest.raises(ConfigError, match=says):
        async with agent(found):
            pass
    assert not (tmp_path / "ledger").exists()


async def test_the_agent_hands_the_rows_to_whoever_takes_orders(tmp_path: Path) -> None:
    async with agent(settings(tmp_path, CHEST)) as (service, _):
        assert [one.key for one in service.parts.terms().overrides] == ["S1.chest"]


@pytest.mark.parametrize("command", ["check", "preview", "render", "run"])
def test_a_wrong_file_is_one_sentence_of_every_command(tmp_path: Path, command: str) -> None:
    said = told(command, tmp_path, CHEST.replace("5", '"5"'))
    assert "site.toml: S1.chest: expected a number above 0" in said.refusal


async def test_doctor_lists_the_rows_and_who_wrote_them(tmp_path: Path) -> None:
    found = {row.what: row for row in await doctor.examine(settings(tmp_path, CHEST + STEP))}
    assert found["规则补充 rule overrides"].found == "S1.chest (李工), D2.step (王工, QC)"
    (tmp_path / "site.toml").write_text("[overide]", "utf-8")
    rows = {row.what: row for row in await doctor.examine(load_config(tmp_path / "agent.toml"))}
    assert not rows["规则补充 rule overrides"].ok


# --- what the commands make of it -------------------------------------------------------------------------------------


def told(command: str, folder: Path, rows: str) -> Said:
    drawn = ("--template", TAG, "--data", DOWN, "--out", folder / "out.png")
    words: dict[str, tuple[object, ...]] = {
        "check": (DOWN, "--template", TAG, "--json"),
        "preview": drawn,
        "render": (*drawn, "--serial", SERIAL),
        "run": (),
    }
    return run(command, *words[command], "--config", config(folder, rows))


def test_check_asks_the_sites_numbers_and_names_who_gave_them(tmp_path: Path) -> None:
    said = told("check", tmp_path, CHEST)
    (found,) = json.loads(said.out)["findings"]
    assert (said.code, found["rule"], found["severity"], found["source"]) == (1, "S1", "BLOCK", "李工: the buyer")


def test_the_drawn_symbol_is_held_to_the_sites_numbers_in_every_command(tmp_path: Path) -> None:
    said = told("check", tmp_path, COARSE)
    assert [one["expected"] for one in json.loads(said.out)["findings"]] == [">= 0.9"]
    assert "Q2" in told("preview", tmp_path, COARSE).err
    refused = told("render", tmp_path, COARSE)
    assert refused.code == 1 and "Q2" in refused.err
    assert told("render", tmp_path, STEP).code == 0


def test_the_picture_of_the_page_asks_them_too(tmp_path: Path) -> None:
    record, overrides = parse_record(DOWN.read_bytes()), open_overrides(settings(tmp_path, CHEST))
    assert sample(record, TAG, 203, LabelTerms(TODAY, LinkStyle(HOST))).startswith(b"\x89PNG")
    with pytest.raises(FindingsError, match="S1"):
        sample(record, TAG, 203, LabelTerms(TODAY, LinkStyle(HOST), overrides))


# --- the snapshot and the job -----------------------------------------------------------------------------------------


def test_the_snapshot_keeps_what_held_with_who_and_why(tmp_path: Path) -> None:
    elsewhere = '[override."F7.wool"]\nvalue = 40\nwho = "李工"\nwhy = "wool only"\n'
    later = STEP.replace("D2.step", "S1.waist").replace("2026", "2027")
    found = snapshot(tmp_path, STEP + elsewhere + later)
    assert found["overrides"] == [
        {"rule": "D2.step", "value": "4.5", "who": "王工, QC", "why": "own copy", "effective_from": "2026-12-01"}
    ]
    assert "+override:" in found["rules"]["gb_t_14272"]
    assert json.loads(canonical(found)) == found


def test_without_a_row_that_held_the_snapshot_is_the_same_as_ever(tmp_path: Path) -> None:
    plain = prepare(parse_record(DOWN.read_bytes()), TAG, LabelTerms(TODAY, LinkStyle(HOST))).require()
    assert snapshot(tmp_path, STEP.replace("2026", "2027")) == plain
    assert "overrides" not in plain


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with a_service(tmp_path, TODAY) as found:
        yield found


def hold_to(service: AgentService, config: AgentConfig) -> None:
    terms = LabelTerms(TODAY, LinkStyle(HOST), open_overrides(config))
    service.parts.terms = lambda: terms


async def order(service: AgentService, key: str) -> Job:
    body = {"template": TAG, "printer": "p1", "quantity": 1, "operator": "12", "record": json.loads(DOWN.read_bytes())}
    return await service.jobs.submit(body, key)


async def kept(service: AgentService, job: Job) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await service.parts.ledger.do(Ledger.snapshot, job.snapshot_hash))
    return found


async def test_an_order_is_held_to_the_sites_rules(service: AgentService, tmp_path: Path) -> None:
    for rows, rule in ((CHEST, "S1"), (COARSE, "Q2")):
        hold_to(service, settings(tmp_path, rows))
        with pytest.raises(FindingsError, match=rule):
            await order(service, rule)
    assert not await service.jobs.recent()


async def test_a_job_prints_what_its_snapshot_says_whatever_the_file_says_later(
    service: AgentService, tmp_path: Path
) -> None:
    hold_to(service, settings(tmp_path, STEP))
    job = await order(service, "k1")
    before = plan_of_job(TAG, await kept(service, job), 203).background
    hold_to(service, settings(tmp_path, COARSE))
    assert await order(service, "k1") == job
    found = await kept(service, job)
    assert [one["rule"] for one in found["overrides"]] == ["D2.step"]
    assert plan_of_job(TAG, found, 203).background == before
