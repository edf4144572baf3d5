"""The rows of printers that stand in for each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Literal

from pydantic import Field, Strict

from edge_agent.config.values import Id, Name, Table


class GroupRow(Table):
    """Printers that stand in for each other, the preferred first. Only labels that were never drawn move on.
    `after_fault`: whether a job whose printer failed in the middle of a window waits for a person, or goes on at the
    next printer while that window waits."""

    id: Id
    name: Name
    printers: Annotated[tuple[Id, ...], Strict(False), Field(min_length=2, max_length=64)]
    fallback_after_s: Annotated[float, Field(ge=0, le=3600)] = 15.0
    after_fault: Literal["wait", "move"] = "wait"


def require_known(groups: Sequence[GroupRow], printers: Collection[str]) -> None:
    """Raises ValueError: a group names a printer that is none of `printers`, or one twice, or has no id of its own."""
    for group in groups:
        strangers = [one for one in group.printers if one not in printers]
        if strangers or len(set(group.printers)) < len(group.printers):
            raise ValueError(
                f"expected groups.printers of {group.id} to name printers of this file, each once (got "
                f"{', '.join(repr(one) for one in strangers) or list(group.printers)})"
            )
        if group.id in printers or [other.id for other in groups].count(group.id) > 1:
            raise ValueError(f"expected a groups.id of its own (got {group.id!r})")
