"""Which files have stopped changing. Pure: the clock is an argument.

A file that is written slowly looks whole between two writes, so it has to stay as it is for a while. A writer that
renames a finished file into place is surer, and needs no patience at all but waits the same few seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from edge_agent.intake.folder import Seen


class Stillness:
    """Remembers since when each file is as it is. `quiet_s`: so long it must stay so."""

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._since: dict[str, tuple[Seen, float]] = {}
        self.waits = False
        """Whether some file is not still yet: then it is worth looking again soon."""

    def of(self, seen: Iterable[Seen], writing: Collection[str], now_s: float) -> list[str]:
        """Names of the files that are still, in the order in which they came; one that is being written is not."""
        kept: dict[str, tuple[Seen, float]] = {}
        still = []
        for one in seen:
            before = self._since.get(one.name)
            since = before[1] if before and before[0] == one and one.name not in writing else now_s
            kept[one.name] = one, since
            if now_s - since >= self._quiet_s:
                still.append(one.name)
        self._since, self.waits = kept, len(still) < len(kept)
        return still
