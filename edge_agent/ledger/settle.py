"""Settlement: the only ways out of doubt are a scan or a person's recorded decision."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.ledger.holds import append_alarm
from edge_agent.ledger.queries import GOOD
from edge_agent.ledger.sampled import Sampled
from edge_agent.ledger.stops import Stops
from edge_agent.ledger.values import Stop
from edge_agent.messages import refusal
from edge_agent.model import names
from edge_agent.model.job import Label
from edge_agent.model.printer import ProofLevel
from label_protocol.details import VoidDetail
from label_protocol.errors import ConflictError, InputError, StateError
from label_protocol.events import EventType, LabelDecided, LabelScanned, WindowSettled
from label_protocol.kinds import AlarmKind
from label_protocol.states import SerialState, Step

DECISIONS = (Step.SETTLE_PRINTED, Step.COMMISSION, Step.SCRAP, Step.INVALIDATE)
REST = {"invalid": "invalid", "scrapped": "scrapped", "keep": ""}
"""What becomes of the labels after the last good one: the list of the event they go to, or none."""

VOID = (SerialState.INVALID, SerialState.SCRAPPED)


class Settle(Sampled, Stops):
    """Scans and decisions."""

    def scan(self, serial: str, text: str, operator: str, *, on_garment: bool = False) -> Label:
        """A scanner read `text`, the raw Digital Link of `serial`, off paper; on its garment it is commissioned. Where
        its job asks for a sampled scan of its window it is that, and the label stays as it stands.

        The caller has matched GTIN and lot with the snapshot; here the text must at least carry serial and GTIN, so
        that a typed serial never passes for a scan.

        Raises:
            NotFoundError: a serial nobody knows.
            InputError: the text is not a scan of this label, or no operator is named.
            StateError: the label is void (the alarm is recorded first), or cannot take the step.
            LotStoppedError: on its garment, though its lot is suspended or recalled.
        """
        operator = names.person(operator, "scan: operator")
        label = self.label(serial)
        text = _scanned(text, label)
        self._refuse_void(label, text, operator)
        if not on_garment and self._is_asked_for(label):
            return self._sample(serial, text, operator)
        step = Step.COMMISSION if on_garment else Step.SCAN
        with self._commit(EventType.LABEL_SCANNED) as log:
            self._require_may(step, serial)
            log.append(
                LabelScanned(type=EventType.LABEL_SCANNED, serial=serial, text=text, operator=operator, step=step.value)
            )
        return self.label(serial)

    def decide(self, serial: str, step: Step, operator: str, reason: str) -> Label:
        """A person's decision about one label, with name and reason; never level `scan`.

        Raises:
            NotFoundError: a serial nobody knows.
            InputError: name or reason missing, or a step that is not a decision.
            StateError: the table lists no such move.
            LotStoppedError: it would be commissioned, though its lot is suspended or recalled.
        """
        operator, reason = names.person(operator, "decision: operator"), names.reason(reason, "decision: reason")
        if step not in DECISIONS:
            raise InputError(f"decision: expected one of {', '.join(DECISIONS)}, got {step}; scans have their own way")
        with self._commit(EventType.LABEL_DECIDED) as log:
            self._require_may(Step(step), serial)
            log.append(decided(serial, Step(step), operator, reason))
        return self.label(serial)

    def settle_window(
        self, window_id: str, last_serial: str | None, text: str, operator: str, rest: str = "invalid"
    ) -> tuple[Label, ...]:
        """Settles a strip by the scan of its last good label, in print order.

        Labels in doubt before it become `printed` by this decision (level stays `sent`); the scanned one gets level
        `scan`, or stays as it is if a scan proved it before; those after it become invalid or scrapped, or stay
        (`rest`). Without any good label give `last_serial` None and no text. Labels settled before are left as they
        are.

        Raises:
            NotFoundError: no such window.
            InputError: the serial is not of this window, the text is no scan of it, an unknown `rest`, no operator.
            StateError: the scanned label is void (the alarm is recorded first), or neither in doubt nor proven by scan.
            ConflictError: nothing in this window is in doubt.
        """
        operator = names.person(operator, "settle: operator")
        if rest not in REST:
            raise InputError(f"settle: expected rest to be one of {', '.join(REST)}, got {rest!r}")
        serials = self.window_serials(window_id)
        labels = self.window_labels(window_id)
        text = self._last_good(window_id, last_serial, labels, text, operator)
        cut = serials.index(last_serial) + 1 if last_serial else 0
        lists: dict[str, list[str]] = {"printed": _doubted(labels[:cut]), "scrapped": [], "invalid": []}
        if REST[rest]:
            lists[REST[rest]] = _doubted(labels[cut:])
        if last_serial is None and not REST[rest]:
            raise InputError(
                f"settle: expected a good label or what became of the strip, got none and {rest!r}; give one"
            )
        if not any(lists.values()):
            raise ConflictError(
                f"window {window_id}: expected labels in doubt, got none to settle; it is settled already"
            )
        with self._commit(EventType.WINDOW_SETTLED) as log:
            log.append(
                WindowSettled(
                    type=EventType.WINDOW_SETTLED,
                    window=window_id,
                    last=last_serial,
                    text=text,
                    operator=operator,
                    printed=lists["printed"],
                    scrapped=lists["scrapped"],
                    invalid=lists["invalid"],
                )
            )
        return self.window_labels(window_id)

    def stop_of(self, serial: str) -> Stop | None:
        """Why this label must not go onto a garment: its lot is stopped. None: it may. Raises NotFoundError."""
        return self.stop(self.job(self.label(serial).job_id).quota_key)

    def _require_may(self, step: Step, serial: str) -> None:
        """What proves or voids is recorded of a stopped lot too; only the way onto a garment is shut. A label that is
        good already needs no proof: whoever scans it all the same means to use it, and hears of the stop first."""
        label = self.label(serial)
        if step is Step.COMMISSION or (step is Step.SCAN and label.state in GOOD):
            self._require_going(self.job(label.job_id).quota_key, f"label {serial}", refusal.NO_GARMENT)

    def _last_good(self, window_id: str, last: str | None, labels: Sequence[Label], text: str, operator: str) -> str:
        """The text as it goes into the event, after all that a scan has to be."""
        if last is None:
            return ""
        label = next((label for label in labels if label.serial == last), None)
        if label is None:
            raise InputError(refusal.of_another_strip(window_id, last))
        text = _scanned(text, label)
        self._refuse_void(label, text, operator)
        if label.state != SerialState.IN_DOUBT and not _proven_by_scan(label):
            raise StateError(refusal.settled_already(last, label.state, label.level))
        return text

    def _refuse_void(self, label: Label, text: str, operator: str) -> None:
        """A void label that turns up is an alarm, recorded before the refusal."""
        if label.state not in VOID:
            return
        with self._commit(EventType.ALARM_RAISED) as log:
            detail = VoidDetail(serial=label.serial, state=label.state, text=text, operator=operator)
            append_alarm(log, AlarmKind.INVALID_SCANNED, label.printer, detail)
        raise StateError(refusal.void(label.serial, label.state))


def decided(serial: str, step: Step, operator: str, reason: str) -> LabelDecided:
    """The event of a person's decision."""
    return LabelDecided(type=EventType.LABEL_DECIDED, serial=serial, operator=operator, reason=reason, step=step.value)


def _doubted(labels: Sequence[Label]) -> list[str]:
    return [label.serial for label in labels if label.state == SerialState.IN_DOUBT]


def _proven_by_scan(label: Label) -> bool:
    return label.state in GOOD and label.level == ProofLevel.SCAN.word


def _scanned(text: str, label: Label) -> str:
    text = names.scanned(text, f"scan of {label.serial}")
    if label.serial not in text or label.gtin not in text:
        raise InputError(
            f"scan of {label.serial}: expected the whole Digital Link with its GTIN {label.gtin}, got {text[:80]!r}; "
            f"scan the code, or record a decision instead"
        )
    return text
