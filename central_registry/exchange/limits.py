"""How many codes a key may ask in a minute: counted in memory, by the minute that runs. Pure but for what it keeps.

A bucket would let a program ask twice its limit across a border of minutes, too; this one can be explained in a
sentence, and `Retry-After` is exact. What is kept is a number a key; keys that are silent are forgotten.
"""

from __future__ import annotations

from datetime import datetime

from central_registry.exchange.keys import Key
from central_registry.problems import ProblemError


class Limits:
    """Codes asked in the running minute, by key."""

    def __init__(self) -> None:
        self._minute = 0
        self._asked: dict[str, int] = {}

    def charge(self, key: Key, codes: int, at: datetime) -> None:
        """Count `codes` against the key; what does not fit whole is not counted.

        Raises:
            ProblemError: 429 with the seconds until the next minute.
        """
        minute = int(at.timestamp()) // 60
        if minute != self._minute:
            self._minute, self._asked = minute, {}
        asked = self._asked.get(key.name, 0) + codes
        if asked > key.per_minute:
            raise ProblemError(
                "over-limit",
                f"每分钟最多 {key.per_minute} 个码 · codes: expected at most {key.per_minute} a minute, got {asked}; "
                "wait, or ask in smaller parts",
                retry_after_s=60 - int(at.timestamp()) % 60,
            )
        self._asked[key.name] = asked
