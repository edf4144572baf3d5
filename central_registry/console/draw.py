"""Draws templates. All values are escaped by Jinja's autoescape, and a name that is missing is an error."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

_TEMPLATES = files("central_registry.console").joinpath("templates")


def _text(name: str) -> str:
    return _TEMPLATES.joinpath(name).read_text("utf-8")


_ENV = Environment(
    loader=FunctionLoader(_text), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def draw(template: str, **facts: Any) -> str:
    """The text of a page; `template` by its path below `templates/`."""
    return _ENV.get_template(template).render(**facts)
