"""Whose word a site's own files wait for, and what labels are prepared with by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edge_agent.labels.approval import Approved, in_force
from edge_agent.labels.kept_files import KeptFiles
from edge_agent.labels.prepare import LabelTerms
from edge_agent.model.review import ApprovalMode, Review
from garment.standards import RULES, Override, parse_overrides
from label_protocol.errors import ConfigError, ConflictError


@dataclass(frozen=True, slots=True)
class Approving:
    """`kept`: the files as they were approved; `override_path`: the site's rows of the rules, None where it has
    none."""

    mode: ApprovalMode = ApprovalMode.OFF
    kept: KeptFiles | None = None
    override_path: Path | None = None

    def terms(self, terms: LabelTerms, reviews: Sequence[Review]) -> LabelTerms:
        """`terms` with what is approved: its rows of the rules are those in force, whatever the file says now.

        Raises:
            ConflictError: what was approved is not kept here.
        """
        if self.mode is ApprovalMode.OFF:
            return terms
        found = in_force(reviews, self.mode)
        return replace(terms, in_force=found, overrides=self._rows(found.overrides))

    def _rows(self, approved: Approved | None) -> tuple[Override, ...]:
        if approved is None or self.override_path is None:
            return ()
        data = self.kept(approved.sha256) if self.kept else None
        if data is None:
            raise ConflictError(
                "已批准的规则补充不在本机（文件夹 approved），不能打：请从备份拷回，或重新批准 · rule overrides: "
                f"expected the approved file {approved.sha256[:16]} in the folder approved, got none or a changed one; "
                "copy it back from a backup, or approve the present file"
            )
        return rows_in(data, "approved rule overrides")


def rows_in(data: bytes, name: str) -> tuple[Override, ...]:
    """The rows of an override file; `name` is how errors call it. Raises ConfigError."""
    try:
        text = data.decode("utf-8-sig")
    except ValueError as cause:
        raise ConfigError(f"{name}: expected rule overrides in UTF-8, got {cause}; save it as UTF-8") from cause
    return parse_overrides(text, RULES, name)
