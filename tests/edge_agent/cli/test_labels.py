"""`edge-agent label list` and `job show`: no label is left out in silence, and no word outlives what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_agent.cli.common import Api
from edge_agent.demo.play import samples
from edge_agent.errors import NotFoundError
from edge_agent.messages.job import FINISHED
from edge_agent.model.job import JobState
from edge_agent.web.views import job_view, label_view
from tests.kits.cli_kit import Said, a_site, run
from tests.kits.web_double import JOB, LABEL

SERIALS = [f"PH17K3M9QX2W4T{number:03d}" for number in range(5)]
Told = Callable[..., Said]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the agent is asked; it has five labels in doubt."""
    paths: list[str] = []

    def call(_: Api, method: str, path: str) -> Any:
        paths.append(f"{method} {path}")
        limit = int(path.partition("limit=")[2].partition("&")[0])
        return {"labels": [label_view(replace(LABEL, serial=serial)) for serial in SERIALS[:limit]]}

    monkeypatch.setattr(Api, "call", call)
    return paths


@pytest.fixture
def listed(tmp_path: Path) -> Told:
    return lambda *words: run("label", "list", *words, "--config", a_site(tmp_path))


def test_a_list_cut_off_says_so_and_how_to_go_on(listed: Told, asked: list[str]) -> None:
    said = listed("--limit", "3")
    assert (said.code, len(said.out.splitlines())) == (0, 3)
    assert "可能还有" in said.err and "there may be more" in said.err
    assert f"edge-agent label list --state in_doubt --limit 3 --after {SERIALS[2]}" in said.err
    listed("--limit", "3", "--after", SERIALS[2])
    assert asked[-1] == f"GET /labels?state=in_doubt&limit=3&after={SERIALS[2]}"


def test_the_warning_stays_out_of_what_a_machine_reads(listed: Told, asked: list[str]) -> None:
    said = listed("--limit", "5", "--json")
    assert [label["serial"] for label in json.loads(said.out)] == SERIALS
    assert "--after" in said.err


def test_a_whole_list_is_no_reason_to_warn(listed: Told, asked: list[str]) -> None:
    said = listed()
    assert (said.err, len(said.out.splitlines())) == ("", 5)
    assert "limit=100&" in asked[0]


@pytest.mark.parametrize("limit", ["0", "1001"])
def test_a_page_the_agent_does_not_give_is_wrong_usage(listed: Told, asked: list[str], limit: str) -> None:
    assert listed("--limit", limit).code == 2
    assert asked == []


def test_each_line_names_window_job_and_printer(listed: Told, asked: list[str]) -> None:
    first = listed().out.splitlines()[0]
    assert first.startswith(SERIALS[0])
    for part in ("window w1", "job j1", "printer p1"):
        assert part in first


def test_a_finished_job_is_told_as_it_is_now(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = replace(JOB, state=JobState.DONE, reason="finished, 0 void and 8 in doubt", in_doubt=0, invalid=2)
    settled = replace(stale, invalid=0)
    assert "2 void and 0 in doubt" in job_view(stale)["reason"]
    assert job_view(settled)["reason"] == str(FINISHED)
    assert job_view(JOB)["reason"] == JOB.reason
    assert job_view(replace(stale, state=JobState.CANCELLED))["reason"] == stale.reason
    monkeypatch.setattr(Api, "call", lambda *_: job_view(settled))
    said = run("job", "show", "j1", "--config", a_site(tmp_path))
    assert str(FINISHED) in said.out and "8 in doubt" not in said.out


@pytest.mark.parametrize(
    "words", [("job", "submit", "--quantity", 1), ("label", "copies", "--count", 1)], ids=["job", "copies"]
)
def test_a_record_is_sent_as_its_file_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[object, ...]
) -> None:
    """A byte order mark, as Windows editors put it, is none of it; a number goes as it is written."""
    sent: list[Any] = []

    def call(_: Api, _method: str, _path: str, body: Any = None, _headers: Any = None) -> Any:
        sent.append(body["record"])
        raise NotFoundError("agent: expected it to run, got no answer; start it")

    monkeypatch.setattr(Api, "call", call)
    record = samples()["knit_cashmere"].facts()
    record["product"]["composition"][0]["fibres"][0]["percent"] = 100.0
    (tmp_path / "record.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8-sig")
    order = ("--template", "knit", "--data", tmp_path / "record.json", "--printer", "p1")
    assert "expected it to run" in run(*words, *order, "--config", a_site(tmp_path)).refusal
    record["product"]["composition"][0]["fibres"][0]["percent"] = "100.0"
    assert sent == [record]


def test_a_whole_strip_is_voided_by_no_word_that_was_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sent: list[Any] = []

    def call(_: Api, method: str, path: str, body: Any = None) -> Any:
        if method == "GET":
            return {"doubts": [{"window_id": "w1", "labels": [{}] * 8}, {"window_id": "w2", "labels": [{}]}]}
        sent.append(body)
        return {"labels": []}

    monkeypatch.setattr(Api, "call", call)
    order = ("label", "settle", "--window", "w1", "--operator", "12", "--config", a_site(tmp_path))
    said = run(*order)
    assert (said.code, sent) == (1, [])
    assert "8 张存疑标签会全部作废" in said.err and "--yes" in said.err
    for more in (("--yes",), ("--last", "https://x"), ("--rest", "keep")):
        assert run(*order, *more).code == 0
    assert [(body["text"], body["rest"]) for body in sent] == [
        (None, "invalid"),
        ("https://x", "invalid"),
        (None, "keep"),
    ]
