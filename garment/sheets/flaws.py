"""What is wrong in a sheet, cell by cell, told together: whoever corrects a sheet wants to do it once."""

from __future__ import annotations

from dataclasses import dataclass, field

from label_protocol.errors import RecordError

TOLD = 20
"""How many a refusal names; the rest is counted."""


@dataclass(slots=True)
class Flaws:
    """Collects sentences; the first ones are kept."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, zh: str, en: str) -> None:
        """One flaw: where it is, what is wrong and what to do."""
        self.count += 1
        if len(self.first) < TOLD:
            self.first.append(f"{place}：{zh} · {en}")

    def require_none(self) -> None:
        """Raises RecordError: there are some; the first twenty stand in one sentence, with how many there are."""
        if not self.count:
            return
        if self.count == 1:
            raise RecordError(f"表格 {self.first[0]}；什么也没有导入 · nothing was imported")
        listed = " ".join(f"({number}) {one}" for number, one in enumerate(self.first, 1))
        which = f"前 {TOLD} 处" if self.count > TOLD else "都在这里"
        raise RecordError(
            f"表格里有 {self.count} 处不对，{which}，什么也没有导入 · "
            f"sheet: {self.count} flaws, nothing was imported: {listed}"
        )
