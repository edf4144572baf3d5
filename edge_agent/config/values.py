"""What the tables of `agent.toml` are made of: the kinds of values that several of them have.

Units stand in the names, bounds in the fields.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo


def _as_path(value: Any, info: ValidationInfo) -> Any:
    """`~` is the user's home; a relative path starts at the folder of the configuration file."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("expected a path in quotes")
    folder = (info.context or {}).get("folder", Path())
    return Path(folder) / Path(value).expanduser()


FilePath = Annotated[Path, BeforeValidator(_as_path)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
HostName = Annotated[
    str, Field(max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?$")
]
HttpUrl = Annotated[str, Field(max_length=500, pattern=r"^https?://[^/\s]+\S*$")]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")]


class Table(BaseModel):
    """What every table and row of the file has in common: frozen, strict, no unknown key."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=False)
