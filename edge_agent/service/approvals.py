"""Approvals: what of the site's own its labels may be made with, by a lead's word, or that of two.

A word is said of bytes: of the version that was looked at, and of no other. Who put a file there nobody knows, since it
is copied into a folder; so where two have to look at it, two different leads approve it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.errors import NotFoundError
from edge_agent.files import start_of
from edge_agent.labels.approval import RULES, Approved, Standing, plain_name, standings
from edge_agent.labels.approving import rows_in
from edge_agent.labels.kept_files import MAX_BYTES
from edge_agent.ledger import Ledger
from edge_agent.messages import approval as words
from edge_agent.messages.text import Words
from edge_agent.model.actor import Actor
from edge_agent.model.review import ApprovalMode, FormState, Review, Reviewable
from edge_agent.render.templates.library import OwnTemplate
from edge_agent.service.parts import AgentParts
from garment.standards.rules import Override
from label_protocol.errors import ConfigError, ConflictError, of_system
from label_protocol.kinds import ReviewKind, ReviewVerdict


@dataclass(frozen=True, slots=True)
class Form:
    """A file of the site as it lies now, and how it stands. `words` are of this version: all it took, or the first of
    two; `in_force` is the version that new labels are made with, None: there is none; `rejected` is the last word on
    this version, where that was no; `flaw` says why it cannot be used."""

    of: Reviewable
    title: Words
    state: FormState
    words: tuple[Review, ...]
    rejected: Review | None
    in_force: Approved | None
    flaw: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row of the rules, as it stands in the file and as it is in force; None: not there."""

    key: str
    now: Override | None
    before: Override | None

    @property
    def changed(self) -> bool:
        """Whether approving the file changes it."""
        return self.now != self.before


@dataclass(frozen=True, slots=True)
class _File:
    """`name` without its ending; `data` are the bytes that `flaw` was found in, or was not."""

    kind: ReviewKind
    name: str
    title: Words
    data: bytes
    flaw: str = ""

    @property
    def of(self) -> Reviewable:
        return Reviewable(self.kind, self.name, hashlib.sha256(self.data).hexdigest())


class ApprovalService:
    """Answers for what is approved. Used by one event loop."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts
        self._one_at_a_time = asyncio.Lock()

    @property
    def mode(self) -> ApprovalMode:
        """How many have to approve."""
        return self._parts.approving.mode

    async def all(self) -> Sequence[Form]:
        """Every file of the site that labels may be made with, those that wait for somebody first."""
        there, files = await self._standings(), await asyncio.to_thread(self._files)
        forms = [_form(one, there.get((one.kind, one.name), Standing())) for one in files]
        return sorted(forms, key=lambda one: (one.state is FormState.APPROVED, one.of.kind, one.of.name))

    async def find(self, kind: str, name: str) -> Form:
        """One of them. Raises NotFoundError."""
        return (await self._look(kind, name))[0]

    async def data(self, kind: str, name: str, sha256: str) -> bytes:
        """The bytes of a version: of the file as it lies, or of one that was approved. Raises NotFoundError."""
        form, file = await self._look(kind, name)
        if form.of.sha256 == sha256:
            return file.data
        kept = self._parts.approving.kept
        data = await asyncio.to_thread(kept, sha256) if kept else None
        if data is None:
            raise NotFoundError(words.lost(name, sha256))
        return data

    async def rows(self, form: Form) -> Sequence[RowChange]:
        """The rows of the rules in the file, beside those in force. Raises NotFoundError: these are not kept here;
        ConfigError: the file has a flaw."""
        kind, name = form.of.kind, form.of.name
        now = rows_in(await self.data(kind, name, form.of.sha256), name)
        before = rows_in(await self.data(kind, name, form.in_force.sha256), name) if form.in_force else ()
        by_key = [{one.key: one for one in rows} for rows in (now, before)]
        return [RowChange(key, *(rows.get(key) for rows in by_key)) for key in {**by_key[0], **by_key[1]}]

    async def approve(self, kind: str, name: str, sha256: str, who: Who, reason: str = "") -> Form:
        """Approve the version that was looked at; what is in force already stays so, and nothing is recorded.

        Raises:
            AccessError, RecordError: who may not act. InputError: nobody is named.
            NotFoundError: no such file.
            ConflictError: nobody has to approve here; it was changed meanwhile, or has a flaw; this person approved it
                before, or is not known well enough to be one of two.
        """
        actor = await self._parts.people.actor(who, Action.APPROVE, f"approval of {name}")
        async with self._one_at_a_time:
            form, file = await self._look(kind, name)
            self._require_on(name)
            _require_seen(form, sha256, form.of.sha256)
            if form.state is FormState.APPROVED:
                return form
            self._require_one_more(form, actor)
            await asyncio.to_thread(self._keep, file.data)  # before the word: what is approved is here
            return await self._said(form.of, ReviewVerdict.APPROVED, actor, reason)

    async def reject(self, kind: str, name: str, sha256: str, who: Who, reason: str) -> Form:
        """Say no to the version that was looked at, or take an approval back: jobs that were opened with it go on.

        Raises as `approve`; InputError: no reason.
        """
        actor = await self._parts.people.actor(who, Action.APPROVE, f"approval of {name}")
        async with self._one_at_a_time:
            form, _ = await self._look(kind, name)
            self._require_on(name)
            in_force = form.in_force.sha256 if form.in_force else ""
            _require_seen(form, sha256, form.of.sha256, in_force)
            if form.state is FormState.REJECTED and sha256 != in_force:
                return form
            return await self._said(Reviewable(kind, form.of.name, sha256), ReviewVerdict.REJECTED, actor, reason)

    async def _said(self, of: Reviewable, verdict: ReviewVerdict, actor: Actor, reason: str) -> Form:
        await self._parts.ledger.do_as(actor, Ledger.review, of, verdict, actor.operator, reason)
        self._parts.changes.tell()
        return await self.find(of.kind, of.name)

    async def _standings(self) -> dict[tuple[str, str], Standing]:
        return standings(await self._parts.ledger.do(Ledger.reviews), self.mode)

    async def _look(self, kind: str, name: str) -> tuple[Form, _File]:
        files, plain = await asyncio.to_thread(self._files), plain_name(name)
        file = next((one for one in files if (one.kind, one.name) == (kind, plain)), None)
        if file is None:
            raise NotFoundError(words.unknown(kind, name[:100]))
        return _form(file, (await self._standings()).get((kind, plain), Standing())), file

    def _files(self) -> list[_File]:
        found = [_of_template(one) for one in self._parts.library.own() if _of_label(one)]
        path = self._parts.approving.override_path
        return [*found, _of_rules(path)] if path is not None and path.exists() else found

    def _keep(self, data: bytes) -> None:
        if self._parts.approving.kept is not None:
            self._parts.approving.kept.keep(data)

    def _require_on(self, name: str) -> None:
        if self.mode is ApprovalMode.OFF:
            raise ConflictError(words.off(name))

    def _require_one_more(self, form: Form, actor: Actor) -> None:
        name = form.of.name
        if form.flaw:
            raise ConflictError(words.flawed(name, form.flaw))
        if not self.mode.counts(actor.known):
            raise ConflictError(words.nobody_named(name))
        if form.state is FormState.HALF and (actor.allowed_by or actor.operator) in [one.by for one in form.words]:
            raise ConflictError(words.twice(name))


def _require_seen(form: Form, sha256: str, *known: str) -> None:
    if sha256 not in known or not sha256:
        raise ConflictError(words.changed(form.of.name, sha256, form.of.sha256))


def _of_label(one: OwnTemplate) -> bool:
    """An order sheet is no label: a person reads it before it is handed on."""
    return one.template is None or not one.template.of_order


def _of_template(one: OwnTemplate) -> _File:
    title = Words(one.template.title_zh, one.template.title_en) if one.template else Words(one.path.name, "")
    return _File(ReviewKind.TEMPLATE, plain_name(one.path.stem), title, one.data, one.flaw)


def _of_rules(path: Path) -> _File:
    data, flaw = b"", ""
    try:
        data = start_of(path, MAX_BYTES)
        rows_in(data, path.name)
    except (ConfigError, OSError) as cause:
        flaw = of_system(cause) if isinstance(cause, OSError) else str(cause)
    return _File(ReviewKind.OVERRIDES, RULES, words.RULES_TITLE, data, flaw)


def _form(file: _File, there: Standing) -> Form:
    of, in_force = file.of, there.in_force
    approved, half = there.approved.get(of.sha256), there.words.get(of.sha256, ())
    state = FormState.FLAWED if file.flaw else _state(of.sha256, there)
    said = half or (approved.by if approved else ())
    return Form(of, file.title, state, said, there.rejected.get(of.sha256), in_force, file.flaw)


def _state(sha256: str, there: Standing) -> FormState:
    if there.in_force is not None and there.in_force.sha256 == sha256:
        return FormState.APPROVED
    if sha256 in there.words:
        return FormState.HALF
    if sha256 in there.approved:
        return FormState.OLDER
    return FormState.REJECTED if sha256 in there.rejected else FormState.DRAFT
