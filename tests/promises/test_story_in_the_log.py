"""Who has nothing but the log can tell what happened: the story of a job is read back from its lines alone."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog

from edge_agent.errors import NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.messages import job as job_words
from edge_agent.messages.printer import FAULTS
from edge_agent.model.job import Job, JobState
from edge_agent.model.printer import Fault
from edge_agent.service import job_log
from label_protocol.codes.serial import new_serial
from label_protocol.logs import configure_logs
from tests.edge_agent.printing.test_fleet import TEMPLATE, Shop, shop

ROOT = Path(__file__).resolve().parents[2]
STRANGER = new_serial("XY9", os.urandom)
"""The serial of a label that another agent made."""
LINK = f"https://ID.EXAMPLE.CN/01/06901234567892/10/L1/21/{STRANGER}"
OPERATOR = "工号甲"
"""No hexadecimal id of a job or a window can hold it by chance, as "A01" was once held."""

TELLS: Mapping[str, str] = {
    "agent_started": "{printers[0][id]} is a {printers[0][profile]}, {printing[window_labels]} labels to a window",
    "printer_found": "{printer} answers",
    "job_opened": "{job}: {quantity} of {template}, lot {lot}, ordered from {printer}",
    "job_running": "{job} goes on at {printer}: {why}",
    "printer_fault": "{printer} has {faults[0]} while it prints {job}",
    "job_waiting": "{job} waits for {printer}: {why}",
    "window_in_doubt": "{job}: {labels} labels of window {window} at {printer} in doubt, {why}",
    "job_paused": "{job} paused at {printer}: {why}",
    "printer_ready": "{printer} is ready",
    "scan_refused": "a scan refused, {error}: serial {serial}",
    "job_done": "{job} done at {printer}: {why}",
    "agent_stopping": "told to end",
}
"""How a line is told; a line without one of these ids cannot be."""


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    configure_logs()
    yield
    structlog.reset_defaults()


def story(log: str) -> list[str]:
    lines = [json.loads(line) for line in log.splitlines()]
    assert all(line["timestamp"].endswith("Z") and line["level"] for line in lines)
    return [TELLS[line["event"]].format_map(line) for line in lines if line["event"] in TELLS]


async def a_job_whose_ribbon_runs_out(here: Shop) -> tuple[str, str]:
    """Its id, and that of the window in doubt. A stranger's label comes under the scanner meanwhile."""
    job = await here.order("p1", 8)
    await here.until(job.job_id, JobState.PAUSED)
    here.printers["p1"].fix()
    async with asyncio.timeout(30):
        while not (await here.service.printers.all()).printers[0].ready:
            await asyncio.sleep(0.01)
    ((window, _),) = await here.service.labels.doubts()
    with pytest.raises(NotFoundError):
        await here.service.labels.scan(LINK, OPERATOR)
    await here.service.labels.settle_window(window.window_id, None, OPERATOR, rest="invalid")
    await here.service.jobs.resume(job.job_id, OPERATOR)
    await here.until(job.job_id, JobState.DONE)
    return job.job_id, window.window_id


async def test_the_log_of_a_job_with_a_ribbon_out_tells_its_story(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printer = {"profile": "zpl-203", "virtual": {"faults": ("ribbon-out@6",)}}
    async with shop(tmp_path, {"p1": printer}) as here:
        job, window = await a_job_whose_ribbon_runs_out(here)
        lot = here.record.lot.lot_no if here.record.lot else None
    log = capsys.readouterr().err
    ribbon, void = FAULTS[Fault.RIBBON_OUT], "其中作废或报废 4 张"
    told = [
        "p1 is a zpl-203, 4 labels to a window",
        "p1 answers",
        f"{job}: 8 of {TEMPLATE}, lot {lot}, ordered from p1",
        f"{job} goes on at p1: {job_words.STARTED}",
        f"p1 has ribbon_out while it prints {job}",
        f"{job} waits for p1: {ribbon}",
        f"{job}: 4 labels of window {window} at p1 in doubt, fault during the window: ribbon_out",
        f"{job} paused at p1: {ribbon.zh}。{job_words.DOUBT.zh} · {ribbon.en}. {job_words.DOUBT.en}",
        "p1 is ready",
        f"a scan refused, NotFoundError: serial {STRANGER}",
        f"{job} goes on at p1: {job_words.STARTED}",
        f"{job} done at p1: {job_words.FINISHED.zh}，{void}",
        "told to end",
    ]
    found = story(log)
    assert [line[: len(wanted)] for line, wanted in zip(found, told, strict=True)] == told
    for kept in (OPERATOR, "EXAMPLE.CN", here.record.product.name, here.record.product.maker.name):
        assert kept.lower() not in log.lower(), kept


def test_neither_a_folder_nor_what_stands_for_an_id_is_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts: dict[str, Any] = dict.fromkeys(("quantity", "drawn", "printed", "in_doubt", "invalid", "scrapped"), 1)
    words: dict[str, Any] = dict.fromkeys(
        ("job_id", "reason", "printer", "snapshot_hash", "gtin", "lot_no", "quota_key"), "L1"
    )
    template = str(tmp_path / "LiLei" / "hang.toml")
    job_log.opened(Job(state=JobState.RUNNING, template=template, opened_at="", **counts, **words))
    with pytest.raises(NotFoundError), job_log.refusals_told(wanted=LINK, window="ab" * 8):
        raise NotFoundError("no such label")
    opened, refused = map(json.loads, capsys.readouterr().err.splitlines())
    assert opened["template"] == "hang"
    assert (refused["window"], refused.get("wanted")) == ("ab" * 8, None)


async def test_what_people_wrote_of_a_recall_is_not_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "Li Lei found the dye lot wrong"
    async with shop(tmp_path, {"p1": {"profile": "zpl-203", "virtual": {"faults": ("ribbon-out@2",)}}}) as here:
        job = await here.order("p1", 8)
        await here.until(job.job_id, JobState.PAUSED)
        recall = {"kind": "recall", "quota_key": job.quota_key, "reason": reason}
        await here.service.parts.ledger.do(Ledger.receive_distribution, "9", "e", [recall])
        here.printers["p1"].fix()
        ((window, _),) = await here.service.labels.doubts()
        await here.service.labels.settle_window(window.window_id, None, OPERATOR, rest="scrapped")
        await here.service.jobs.resume(job.job_id, OPERATOR)
        assert reason in (await here.until(job.job_id, JobState.PAUSED)).reason
    log = capsys.readouterr().err
    paused = [line["why"] for line in map(json.loads, log.splitlines()) if line["event"] == "job_paused"]
    assert paused[1:] == ["现在不能发码 · QuotaError"]
    assert reason not in log


async def test_the_log_says_that_a_printer_was_lost_and_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once each, however often it was tried."""
    async with shop(tmp_path, {"p1": {"profile": "zpl-203"}}) as here:
        await _until(here, ready=True)
        here.printers["p1"].fault("power-cut")
        await _until(here, ready=False)
        for _ in range(3):
            here.service.parts.changes.tell()
            await asyncio.sleep(0.05)
        here.printers["p1"].fix()
        await _until(here, ready=True)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    told = [(line["event"], line["printer"]) for line in lines if "printer" in line]
    assert told.pop(1) == ("identity_learnt", "p1")
    assert told == [
        ("printer_found", "p1"),
        ("printer_lost", "p1"),
        ("printer_found", "p1"),
    ]


async def _until(here: Shop, *, ready: bool) -> None:
    async with asyncio.timeout(10):
        while (await here.service.printers.all()).printers[0].ready is not ready:
            here.service.parts.changes.tell()
            await asyncio.sleep(0.02)


# --- the page ---------------------------------------------------------------------------------------------------------


def _events(tree: ast.Module) -> Iterator[str]:
    """The names under which a module logs; the states of `job_{state}` stand on the page one by one."""
    for node in ast.walk(tree):
        call = node.func if isinstance(node, ast.Call) else None
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "_log":
            (first, *_) = node.args  # type: ignore[attr-defined]
            yield first.value if isinstance(first, ast.Constant) else f"{first.values[0].value}*"


def _logged() -> Sequence[str]:
    files = (ROOT / "edge_agent").glob("**/*.py")
    return sorted({event for file in files for event in _events(ast.parse(file.read_text(encoding="utf-8")))})


def _named() -> Sequence[Any]:
    return re.findall(r"^\| `([a-z_]+)` \|", (ROOT / "docs" / "logs.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_line_that_is_logged_stands_on_the_page_and_no_other() -> None:
    families = {one.removesuffix("*") for one in _logged() if one.endswith("*")}
    single = {one for one in _logged() if not one.endswith("*")}
    by_states = {one for one in _named() if any(one.startswith(family) for family in families)} - single
    assert families == {"job_", "copies_"}
    assert {*_named()} - by_states == single | {"agent_stopping"}
    assert by_states >= {f"job_{state}" for state in JobState}
