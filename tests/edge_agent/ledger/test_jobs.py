"""Orders: one key opens one job, and a serial is replaced once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.errors import IdempotencyError, NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from label_protocol.errors import ConflictError, InputError, RecordError, StateError
from tests.kits.ledger_kit import Place, a_job, an_order, doubted, enrolled, printed, require_sound, states

OP = "操作员甲"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = enrolled(Place(tmp_path).open())
    yield found
    found.close()


# --- one key, one job -------------------------------------------------------------------------------------------------


def test_the_same_key_and_body_is_the_same_job(ledger: Ledger) -> None:
    order = an_order(5)
    job = ledger.open_job(order)
    head = ledger.head()
    assert ledger.open_job(order) == job == ledger.job_of_key(order.key)
    assert ledger.head() == head
    assert json.loads(ledger.snapshot(job.snapshot_hash)) == {"brand": "示例"}
    with pytest.raises(IdempotencyError, match=job.job_id):
        ledger.open_job(an_order(6, key=order.key, request_hash="other"))


@pytest.mark.parametrize(
    "wrong,error",
    [
        ({"quantity": 0}, InputError),
        ({"quantity": 1_000_001}, InputError),
        ({"key": ""}, InputError),
        ({"quota_key": "lot:L2"}, RecordError),
        ({"lot_no": None}, RecordError),
        ({"snapshot": {"percent": 0.5}}, RecordError),
        ({"replaces": ("ABC1",)}, InputError),
        ({"replaces": ("ABC1", "ABC1")}, InputError),
        ({"replaces": ("ABC1", "ABC2")}, NotFoundError),
    ],
)
def test_an_order_that_does_not_fit_is_refused_whole(
    ledger: Ledger, wrong: dict[str, object], error: type[Exception]
) -> None:
    head = ledger.head()
    with pytest.raises(error):
        ledger.open_job(an_order(**({"quantity": 2} | wrong)))  # type: ignore[arg-type]
    assert (ledger.head(), ledger.jobs()) == (head, ())


# --- replacements -----------------------------------------------------------------------------------------------------


def test_scrap_and_replace_in_one_order(ledger: Ledger) -> None:
    old = printed(ledger, a_job(ledger), 2).serials[0]
    job = ledger.scrap_and_replace(old, OP, "污损", "key-1")
    assert ledger.scrap_and_replace(old, OP, "污损", "key-1") == job
    assert (job.quantity, job.replaces, ledger.label(old).state) == (1, (old,), "scrapped")
    new = printed(ledger, job).serials[0]
    assert ledger.label(old).replaced_by == new
    assert ledger.label(new).replaces == old
    with pytest.raises(ConflictError, match="without a replacement"):
        ledger.open_replacement(old, "key-2", OP)
    require_sound(ledger)


def test_a_serial_is_replaced_once_and_only_when_it_is_out_of_use(ledger: Ledger) -> None:
    good = printed(ledger, a_job(ledger), 1).serials[0]
    with pytest.raises(StateError, match="scrap it before"):
        ledger.open_replacement(good, "r0", OP)
    doubt = doubted(ledger, a_job(ledger), 2).serials
    job = a_job(ledger, 2, replaces=doubt)
    with pytest.raises(ConflictError, match=f"job {job.job_id}"):
        a_job(ledger, 1, replaces=doubt[:1])
    ledger.move_job(job.job_id, JobState.CANCELLED, "no")
    again = a_job(ledger, 2, replaces=doubt)
    new = [serial for _ in range(2) for serial in printed(ledger, again, 1).serials]
    assert [ledger.label(serial).replaces for serial in new] == list(doubt)
    assert states(ledger, ledger.window(ledger.label(doubt[0]).window_id)) == ["in_doubt", "in_doubt"]
    require_sound(ledger)
