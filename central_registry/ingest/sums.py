"""Says what a batch adds to the running sums of labels: by quota key and by the day on which they were drawn. Pure.

A label stays in the row of its drawing whatever becomes of it later, so each row adds up by itself, and one that is
counted anew from the labels must be the same row. The day is Beijing's, by the agent's clock: the registry's own would
put the weeks of an agent without a network into the hour in which it came back, and would say another day each time a
restored registry hears the same history.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from central_registry.ingest.states import FREED, State

Book = tuple[str, date]
"""A quota key, and the day on which its labels were drawn."""

CONFLICTS = "conflicts"
BECAME = (*(state.word for state in State), CONFLICTS)
"""What became of serials: these add up to what was drawn."""

COLUMNS = ("drawn", *BECAME)
NO_DAY = date(1970, 1, 1)
"""Where the agent's clock said nothing that can be read; one that stood at its epoch lies here, too."""

HOUR = 13
"""Characters of a time that name its hour: all that a day is told by."""

_TIME = re.compile(r"(19[7-9][0-9]|2[01][0-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])")
_BEIJINGS_MIDNIGHT = 16
"""The hour in UTC."""


@lru_cache(maxsize=4096)
def day_of(hour: str) -> date:
    """Beijing's day of a time in UTC that begins so (`2026-11-20T09`). A day that the month does not have is counted on
    into the next, as the migration's arithmetic does."""
    found = _TIME.match(hour)
    if found is None:
        return NO_DAY
    year, month, day, hours = map(int, found.groups())
    return date(year, month, 1) + timedelta(days=day - 1 + (hours >= _BEIJINGS_MIDNIGHT))


@dataclass(slots=True)
class Sums:
    """`rows`: by book, how much is added to each of `COLUMNS`; never negative but for states that labels left."""

    rows: dict[Book, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def draw(self, quota_key: str, sent_at: str, became: str, labels: int = 1) -> None:
        """So many labels came into the world, and are that by the end of the batch."""
        row = self.rows[quota_key, day_of(sent_at[:HOUR])]
        row["drawn"] += labels
        row[became] += labels

    def move(self, quota_key: str, sent_at: str, state: State, reached: State) -> None:
        """One that was there before became something else."""
        if state is not reached:
            row = self.rows[quota_key, day_of(sent_at[:HOUR])]
            row[state.word] -= 1
            row[reached.word] += 1

    def by_key(self) -> Mapping[str, tuple[int, int]]:
        """Drawn and freed, by quota key; keys of which neither changed are left out."""
        found: dict[str, tuple[int, int]] = {}
        for (key, _), row in self.rows.items():
            drawn, freed = found.get(key, (0, 0))
            found[key] = drawn + row["drawn"], freed + sum(row[state.word] for state in FREED)
        return {key: both for key, both in found.items() if any(both)}


def of_new(windows: Iterable[tuple[str, str, Sequence[State]]]) -> Sums:
    """Sums of labels that are new, window by window: (quota key, when they were drawn, states they reached)."""
    counted: Counter[tuple[str, str, State]] = Counter()
    for key, sent_at, states in windows:
        hour = sent_at[:HOUR]
        for state in dict.fromkeys(states):
            counted[key, hour, state] += states.count(state)
    sums = Sums()
    for (key, hour, state), labels in counted.items():
        sums.draw(key, hour, state.word, labels)
    return sums
