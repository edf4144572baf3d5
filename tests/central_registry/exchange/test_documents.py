"""The runner over published documents does what it says, on documents of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.central_registry.exchange.documents import main
from tests.central_registry.exchange.epcis.vectors import EVENTS, document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for room in ("gs1/JSON", "openepcis/valid", "openepcis/invalid"):
        (tmp_path / room).mkdir(parents=True)
    (tmp_path / "gs1/JSON/one.jsonld").write_text(document(*EVENTS.values()), "utf-8")
    twice = document(EVENTS["packed"]).replace('"action": "ADD"', '"action": "ADD", "action": "ADD"')
    (tmp_path / "openepcis/valid/twice.json").write_text(twice, "utf-8")
    wrong = document({**EVENTS["packed"], "bizStep": "sewing"})
    (tmp_path / "openepcis/invalid/step.json").write_text(wrong, "utf-8")
    return tmp_path


def test_what_is_right_is_captured_and_what_is_wrong_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == f"captured=2 events={len(EVENTS) + 1} a_key_twice=1 refused=1 places=1"
    assert "step.json: /epcisBody/eventList/0/bizStep" in said[-2]


def test_a_wrong_document_that_is_taken_fails_the_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "openepcis/invalid/right.json").write_text(document(EVENTS["packed"]), "utf-8")
    assert main([str(folder)]) == 1
    assert "right.json: expected to be refused" in capsys.readouterr().out


def test_no_folder_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("EPCIS_DOCUMENTS", raising=False)
    assert main([]) == 2
    assert "EPCIS_DOCUMENTS" in capsys.readouterr().out
