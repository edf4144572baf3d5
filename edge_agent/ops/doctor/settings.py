"""What a start would refuse though every key is right: files that the configuration names, printers as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from edge_agent.clock import no_probe
from edge_agent.config import AgentConfig
from edge_agent.printing.from_config import window_printer_for
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.wiring import open_overrides, require_page, require_registry_locked
from label_protocol.errors import AgentError


def refused_at_start(config: AgentConfig) -> list[str]:
    """A sentence for each; nothing is opened but files to read, and no printer is called."""
    found = []
    for where, look in _looks(config):
        try:
            look()
        except (AgentError, OSError) as cause:
            found.append(f"{where}: {cause}")
    return found + [f"[labels] template_path: {flaw}" for flaw in _template_flaws(config)]


def _looks(config: AgentConfig) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "[rules] override_path", partial(open_overrides, config)
    yield "[registry] url", partial(require_registry_locked, config)
    yield "[web] tls", partial(require_page, config)
    for row in config.printers:
        yield f"[[printers]] {row.id}", partial(window_printer_for, row, config.printing, no_probe)


def _template_flaws(config: AgentConfig) -> tuple[str, ...]:
    path = config.labels.template_path
    return tuple(TemplateLibrary(path).flaws()) if path else ()
