"""Every move of every state, tried on a real ledger: the table decides, nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.ledger import Ledger
from edge_agent.ledger.job_states import JOB_MOVES, move_job
from edge_agent.ledger.label_states import move_label
from edge_agent.messages.job import LABEL_STATES
from edge_agent.model.job import JobState, Window
from edge_agent.model.printer import ProofLevel, Verdict
from label_protocol.errors import ConflictError, InputError, StateError
from label_protocol.states import MOVES, SerialState, Step, diagram
from tests.kits.ledger_kit import PROOF, Place, a_job, doubted, enrolled, link_of, printed, require_sound

OP = "操作员甲"


def _sending(ledger: Ledger) -> Window:
    return ledger.begin_window(a_job(ledger).job_id, limit=1)


def _printed(ledger: Ledger) -> Window:
    return printed(ledger, a_job(ledger), 1)


def _in_doubt(ledger: Ledger) -> Window:
    return doubted(ledger, a_job(ledger), 1)


def _after(step: Step) -> Callable[[Ledger], Window]:
    def make(ledger: Ledger) -> Window:
        window = _in_doubt(ledger)
        ledger.decide(window.serials[0], step, OP, "试")
        return window

    return make


IN_STATE: dict[SerialState, Callable[[Ledger], Window]] = {
    SerialState.SENDING: _sending,
    SerialState.PRINTED: _printed,
    SerialState.IN_DOUBT: _in_doubt,
    SerialState.COMMISSIONED: _after(Step.COMMISSION),
    SerialState.SCRAPPED: _after(Step.SCRAP),
    SerialState.INVALID: _after(Step.INVALIDATE),
}

TAKE: dict[Step, Callable[[Ledger, Window], object]] = {
    Step.PROVE: lambda ledger, window: ledger.prove_window(window.window_id, PROOF),
    Step.DOUBT: lambda ledger, window: ledger.doubt_window(window.window_id, "silence"),
    Step.NEVER_SENT: lambda ledger, window: ledger.never_sent(window.window_id, "font missing"),
    Step.SCAN: lambda ledger, window: ledger.scan(window.serials[0], link_of(window.serials[0]), OP),
    Step.SETTLE_PRINTED: lambda ledger, window: ledger.decide(window.serials[0], Step.SETTLE_PRINTED, OP, "看到"),
    Step.COMMISSION: lambda ledger, window: ledger.scan(
        window.serials[0], link_of(window.serials[0]), OP, on_garment=True
    ),
    Step.SCRAP: lambda ledger, window: ledger.decide(window.serials[0], Step.SCRAP, OP, "污损"),
    Step.INVALIDATE: lambda ledger, window: ledger.decide(window.serials[0], Step.INVALIDATE, OP, "找不到"),
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = enrolled(Place(tmp_path).open())
    yield found
    found.close()


def test_the_tables_name_every_state_and_step() -> None:
    assert set(MOVES) == set(SerialState) == set(IN_STATE)
    assert set(TAKE) == set(Step)
    assert set(JOB_MOVES) == set(JobState)
    assert all(f"{state} -->" in diagram() for state in SerialState)


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", SerialState)
def test_each_step_in_each_state_does_what_the_table_says(ledger: Ledger, state: SerialState, step: Step) -> None:
    window = IN_STATE[state](ledger)
    assert ledger.label(window.serials[0]).state == state
    expected = MOVES[state].get(step)
    if expected is None:
        with pytest.raises(StateError, match=r"cannot|alarm"):
            TAKE[step](ledger, window)
    else:
        TAKE[step](ledger, window)
    assert ledger.label(window.serials[0]).state == (expected or state)
    require_sound(ledger)


@pytest.mark.parametrize("state", SerialState)
def test_a_refused_step_says_in_chinese_how_the_label_stands(state: SerialState) -> None:
    """A scan of a label that is proven already is no fault of the code: its operator is not sent to scan again."""
    step = next(step for step in Step if step not in MOVES[state])
    with pytest.raises(StateError) as told:
        move_label(state, step, "S1")
    chinese, _, rest = str(told.value).partition(" · ")
    assert LABEL_STATES[state].zh in chinese and "没有改动：" in chinese
    assert rest.startswith(f"label S1: cannot {step} while it is {state}")


@pytest.mark.parametrize("to", JobState)
@pytest.mark.parametrize("state", JobState)
def test_jobs_move_by_their_table(state: JobState, to: JobState) -> None:
    if to in JOB_MOVES[state]:
        assert move_job(state, to) is to
    else:
        with pytest.raises(StateError, match=state):
            move_job(state, to, "j")


@pytest.mark.parametrize("final", [JobState.DONE, JobState.CANCELLED])
def test_a_final_job_stays_final(ledger: Ledger, final: JobState) -> None:
    job = a_job(ledger, 1)
    printed(ledger, job, 1)
    ledger.move_job(job.job_id, final, "end", OP)
    for to in JobState:
        if to is not final:
            with pytest.raises(StateError):
                ledger.move_job(job.job_id, to, "again")


def test_done_comes_after_the_last_label_is_drawn_and_judged(ledger: Ledger) -> None:
    job = a_job(ledger, 2)
    printed(ledger, job, 1)
    with pytest.raises(StateError, match="1 serials to draw"):
        ledger.move_job(job.job_id, JobState.DONE, "end")
    window = ledger.begin_window(job.job_id)
    with pytest.raises(StateError, match="window open"):
        ledger.move_job(job.job_id, JobState.DONE, "end")
    ledger.prove_window(window.window_id, PROOF)
    assert ledger.move_job(job.job_id, JobState.DONE, "end").state is JobState.DONE


def test_the_same_move_again_is_no_event(ledger: Ledger) -> None:
    job = a_job(ledger)
    ledger.move_job(job.job_id, JobState.WAITING, "paper")
    head = ledger.head()
    assert ledger.move_job(job.job_id, JobState.WAITING, "paper").reason == "paper"
    assert ledger.head() == head
    assert ledger.move_job(job.job_id, JobState.WAITING, "head open").reason == "head open"


@pytest.mark.parametrize(
    "verdict", [Verdict(False, ProofLevel.COUNTER, "differs"), Verdict(True, ProofLevel.SENT, "nothing heard")]
)
def test_what_is_no_proof_is_never_success(ledger: Ledger, verdict: Verdict) -> None:
    window = _sending(ledger)
    with pytest.raises(StateError, match="in doubt"):
        ledger.prove_window(window.window_id, verdict)
    assert ledger.label(window.serials[0]).state == "sending"


def test_a_window_is_judged_whole(ledger: Ledger) -> None:
    window = doubted(ledger, a_job(ledger), 8)
    assert {label.state for label in ledger.window_labels(window.window_id)} == {"in_doubt"}
    assert {label.level for label in ledger.window_labels(window.window_id)} == {"sent"}


def test_windows_on_one_printer_never_overlap(ledger: Ledger) -> None:
    first, second, elsewhere = a_job(ledger), a_job(ledger), a_job(ledger, printer="p2")
    window = ledger.begin_window(first.job_id)
    with pytest.raises(StateError, match="open window"):
        ledger.begin_window(second.job_id)
    ledger.begin_window(elsewhere.job_id)
    assert {found.printer for found in ledger.open_windows()} == {"p1", "p2"}
    ledger.prove_window(window.window_id, PROOF)
    ledger.begin_window(second.job_id)


def test_overlap_is_refused_by_the_database_itself(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    job = a_job(ledger)
    ledger.begin_window(job.job_id)
    real = ledger._one
    monkeypatch.setattr(ledger, "_one", lambda name, *v: None if name == "sending_on" else real(name, *v))
    with pytest.raises(Exception, match=r"随机源|constraint"):
        ledger.begin_window(job.job_id)
    assert len(ledger.open_windows()) == 1


@pytest.mark.parametrize("operator,reason", [("", "x"), ("甲", " ")])
def test_a_decision_has_a_name_and_a_reason(ledger: Ledger, operator: str, reason: str) -> None:
    window = _in_doubt(ledger)
    with pytest.raises(InputError):
        ledger.decide(window.serials[0], Step.SCRAP, operator, reason)


def test_a_typed_serial_is_never_a_scan(ledger: Ledger) -> None:
    serial = _in_doubt(ledger).serials[0]
    with pytest.raises(InputError, match="Digital Link"):
        ledger.scan(serial, serial, OP)
    with pytest.raises(InputError, match="scans have their own way"):
        ledger.decide(serial, Step.SCAN, OP, "typed")
    assert ledger.decide(serial, Step.SETTLE_PRINTED, OP, "seen").level == "sent"


@pytest.mark.parametrize("void", [Step.SCRAP, Step.INVALIDATE])
def test_a_void_label_that_turns_up_raises_the_alarm_and_is_refused(ledger: Ledger, void: Step) -> None:
    serial = _after(void)(ledger).serials[0]
    with pytest.raises(StateError, match="alarm"):
        ledger.scan(serial, link_of(serial), OP)
    (alarm,) = ledger.alarms()
    assert (alarm["kind"], alarm["detail"]["serial"]) == ("invalid_scanned", serial)
    ledger.close_alarm(alarm["alarm"], OP, "label taken in")
    assert ledger.alarms() == ()
    with pytest.raises(ConflictError, match="closed at"):
        ledger.close_alarm(alarm["alarm"], OP, "again")
    require_sound(ledger)
