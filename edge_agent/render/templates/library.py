"""The library lists the labels a site can choose from: those that ship with the package, and those of its own folder.

The folder is read anew each time it is asked for, so that a template that was just put there can be chosen at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge_agent.errors import TemplateError
from edge_agent.render.templates.template import (
    Template,
    built_in_templates,
    load_template,
    parse_template,
    read_template,
)

MOST = 200
"""Files of a folder that are looked at: one that holds more is none of templates."""


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    """A file of the site: its bytes, and the template in them; None: it has the `flaw`."""

    path: Path
    data: bytes = b""
    template: Template | None = None
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class TemplateLibrary:
    """`folder` None: the built-in templates only. A folder that is not there holds none."""

    folder: Path | None = None

    def labels(self) -> dict[str, Template]:
        """What a label printer can be given, by the name an order gives it: a built-in name, or the whole path of a
        file in the folder. Templates with flaws are left out (`flaws` tells of them), and so is what shows no single
        garment: order sheets, labels of cartons."""
        found = {name: load_template(name) for name in built_in_templates()}
        for path in self._files():
            try:
                found[str(path)] = load_template(str(path))
            except TemplateError:
                continue
        return {name: one for name, one in found.items() if one.of_record}

    def flaws(self) -> tuple[str, ...]:
        """Why templates of the folder cannot be chosen: a sentence for each that has a flaw."""
        return tuple(one.flaw for one in self.own() if one.flaw)

    def own(self) -> tuple[OwnTemplate, ...]:
        """The files of the folder, as they lie now."""
        return tuple(map(_own, self._files()))

    def _files(self) -> Iterator[Path]:
        if self.folder is not None and self.folder.is_dir():
            yield from sorted(self.folder.resolve().glob("*.toml"))[:MOST]


def _own(path: Path) -> OwnTemplate:
    data = b""
    try:
        data, name = read_template(str(path))
        return OwnTemplate(path, data, parse_template(data, name))
    except TemplateError as cause:
        return OwnTemplate(path, data, flaw=str(cause))
