"""`[[intake]]`: where work orders come from, one row for each source."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, Strict, model_validator

from edge_agent.config.values import FilePath, Id, Name, Table
from edge_agent.model.work_order import Source, SourceKind

FieldName = Literal[
    "order_no", "line", "style_no", "size", "quantity", "lot_no", "template", "printer", "wanted_by", "remark"
]
Heading = Annotated[str, Field(min_length=1, max_length=100)]


class IntakeRow(Table):
    """A source of work orders. `owner` answers for it; more than `daily_limit` labels a day are refused.

    `rule`: whether a lead may sign that its orders print without a person (`signed`), or all wait (`wait`). `quiet_s`:
    how long a file must not change before it is whole; `force_polling`: for a share, which tells of no changes.
    """

    id: Id
    name: Name
    kind: Annotated[SourceKind, Strict(False)]
    owner: Name
    daily_limit: Annotated[int, Field(ge=1, le=10_000_000)]
    folder: FilePath | None = None
    mapping: dict[FieldName, Heading] = Field(default_factory=dict)
    other_columns: Literal["refuse", "ignore"] = "refuse"
    rule: Literal["wait", "signed"] = "wait"
    quiet_s: Annotated[float, Field(ge=0.2, le=600)] = 2.0
    look_every_s: Annotated[float, Field(ge=0.2, le=3600)] = 10.0
    force_polling: bool = False

    @model_validator(mode="after")
    def _folder_where_it_watches_one(self) -> IntakeRow:
        if (self.folder is not None) != (self.kind is SourceKind.FOLDER):
            raise ValueError(f"expected a folder for kind folder and for no other (got kind {self.kind.value})")
        return self

    @property
    def source(self) -> Source:
        """The source as the service knows it."""
        return Source(
            self.id,
            self.name,
            self.kind,
            self.owner,
            self.daily_limit,
            {str(field): heading for field, heading in self.mapping.items()},
            signable=self.rule == "signed",
            ignores_columns=self.other_columns == "ignore",
        )


def require_apart(rows: tuple[IntakeRow, ...], book: Path, others: Iterable[Path]) -> None:
    """Raises ValueError: an id or a folder stands twice, one folder lies within another, or the book of work orders is
    one of the `others`, files of ours."""
    if book.resolve() in [one.resolve() for one in others]:
        raise ValueError(f"expected a file of its own for data.work_order_path (got {str(book)!r})")
    ids = [row.id for row in rows]
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice is not None:
        raise ValueError(f"expected every intake.id once (got {twice!r} twice)")
    folders = [row.folder.resolve() for row in rows if row.folder is not None]
    for at, folder in enumerate(folders):
        if any(folder == other or folder in other.parents for other in folders[:at] + folders[at + 1 :]):
            raise ValueError(f"expected every intake.folder apart from the others (got {str(folder)!r})")
