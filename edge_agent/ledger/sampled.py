"""Sampled scans: after every so many windows of a job one label of the last is scanned before anything more is drawn.

What is due is counted in the job's own row, so that no kill, no resume and no change of printer gets round it, and a
job that asks for none pays nothing. A sample proves its label and moves it nowhere: the registry's books, which follow
the life of a serial, need not know of it.
"""

from __future__ import annotations

from edge_agent.ledger.queries import GOOD, Reading
from edge_agent.messages import refusal
from edge_agent.model.job import Job, Label, Window
from label_protocol.errors import StateError
from label_protocol.events import EventType, LabelSampled


class Sampled(Reading):
    """What is asked of a job's last window."""

    def awaits_sample(self, job_id: str) -> Window | None:
        """The window of which a label has to be scanned before its job goes on; None: none, or all of that window is
        void by now, so that the next one is asked for instead. Raises NotFoundError."""
        row = self._one("last_printed_of", job_id) if self.job(job_id).sample_due else None
        if row is None or all(label.state not in GOOD for label in self.window_labels(row[0])):
            return None
        return self.window(row[0])

    def _require_sampled(self, job: Job) -> None:
        """Raises StateError: a label has to be scanned first."""
        if job.sample_due and (window := self.awaits_sample(job.job_id)):
            raise StateError(refusal.not_sampled(job.job_id, window.printer))

    def _is_asked_for(self, label: Label) -> bool:
        """Whether this scan is the sample. Raises StateError: its job waits for one of another window."""
        window = self.awaits_sample(label.job_id) if label.state in GOOD else None
        if window is not None and window.window_id != label.window_id:
            raise StateError(refusal.of_an_earlier_window(label.serial, window.printer))
        return window is not None

    def _sample(self, serial: str, text: str, operator: str) -> Label:
        with self._commit(EventType.LABEL_SAMPLED) as log:
            log.append(LabelSampled(type=EventType.LABEL_SAMPLED, serial=serial, text=text, operator=operator))
        return self.label(serial)
