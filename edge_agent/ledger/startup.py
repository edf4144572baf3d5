"""What a start settles: nothing that was open when the agent stopped is believed."""

from __future__ import annotations

from edge_agent.ledger.copies import end_open_copies
from edge_agent.ledger.holds import append_alarm
from edge_agent.ledger.log import Log
from edge_agent.ledger.queries import Reading
from edge_agent.ledger.values import Boot as Found
from edge_agent.messages import job as job_words
from edge_agent.model.job import JobState
from label_protocol.chain import parse
from label_protocol.details import ClockDetail
from label_protocol.events import EventType, JobMoved, WindowInDoubt
from label_protocol.kinds import AlarmKind

STOPPED = "agent stopped while the window was open"
RESTART = str(job_words.RESTARTED)
COPIES_STOPPED = str(job_words.RESTARTED_COPIES)
DOUBTED = str(job_words.RESTARTED_IN_DOUBT)


class Boot(Reading):
    """Called once by the agent after it opened the ledger and before any printer is used."""

    def boot(self) -> Found:
        """Windows still `sending` become in doubt, active jobs pause, a clock that went back raises an alarm.

        The clock decides nothing: events are ordered by seq, `at` is only what the clock said.
        """
        with self._commit("boot") as log:
            jumped = self._note_clock(log)
            doubted = self._doubt_open(log, STOPPED)
            paused = self._pause_active(log)
            end_open_copies(log, self.unfinished_copies(), COPIES_STOPPED)
        return Found(doubted, paused, jumped)

    def _doubt_open(self, log: Log, reason: str) -> tuple[str, ...]:
        """Doubts what is open and pauses its jobs with words that say so."""
        windows = self._all("sending_windows")
        for window_id, _ in windows:
            log.append(WindowInDoubt(type=EventType.WINDOW_IN_DOUBT, window=window_id, reason=reason, evidence={}))
        active = {job for (job,) in self._all("active_jobs")}
        for job_id in dict.fromkeys(job for _, job in windows if job in active):
            _pause(log, job_id, DOUBTED)
        return tuple(window_id for window_id, _ in windows)

    def _pause_active(self, log: Log) -> tuple[str, ...]:
        jobs = tuple(job for (job,) in self._all("active_jobs"))
        for job_id in jobs:
            _pause(log, job_id, RESTART)
        return jobs

    def _note_clock(self, log: Log) -> bool:
        """Only a step back is certain; a long gap forward may be a holiday."""
        head = self.head()
        last = parse(self._one("event_body", head.incarnation, head.seq)[0])["at"]
        now = log.clock()
        jumped = bool(now < last)
        if jumped and all(alarm["kind"] != AlarmKind.CLOCK_JUMPED for alarm in self.alarms()):
            detail = ClockDetail(last_event_at=last, now=now)
            append_alarm(log, AlarmKind.CLOCK_JUMPED, None, detail)
        return jumped


def _pause(log: Log, job_id: str, reason: str) -> None:
    log.append(JobMoved(type=EventType.JOB_MOVED, job=job_id, state=JobState.PAUSED.value, reason=reason, operator=""))
