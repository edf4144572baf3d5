"""Every act has a command, an endpoint and a page; what has none is named here, with why."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

from central_registry.console.pages import ACTIONS, PAGES
from central_registry.http.admin.table import ENDPOINTS
from central_registry.parties.acts import Act

ROOT = Path(__file__).resolve().parents[3]

_WITH_ANOTHER = "is asked and decided by the door of what it is about"
_IMPORTED = "of the room that takes in an old platform"
NO_COMMAND: Mapping[Act, str] = {
    Act.DRAW_SAMPLE: "recorded where it is drawn, on a phone or by a lab's program",
    Act.FILE_REPORT: "comes with its file, on the page or by a lab's program",
    Act.ASSIGN_FIRM: "goes through a list that a person has to look at",
    Act.IMPORT_FORMER: _IMPORTED,
}
NO_ENDPOINT: Mapping[Act, str] = {
    Act.LIFT_STATUS: _WITH_ANOTHER,
    Act.LIFT_SUSPENSION: _WITH_ANOTHER,
    Act.SET_NAME: _WITH_ANOTHER,
    Act.OVERRIDE_QUANTITY: "is a reason beside the approval of an order",
    Act.ROTATE_CHECK_KEY: "the registry's own secret: at its computer, by command",
    Act.IMPORT_FORMER: _IMPORTED,
}
NO_PAGE: Mapping[Act, str] = {
    **NO_ENDPOINT,
    Act.JOIN: "is answered among what waits, as all decisions are",
}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted((ROOT / "central_registry").rglob("*.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(file.read_text("utf-8"))


def _imports(tree: ast.Module) -> dict[str, str]:
    """What each name of a module stands for, where it is ours."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("central_registry"):
            for one in node.names:
                found[one.asname or one.name] = f"{node.module}.{one.name}"
    return found


@functools.cache
def _graph() -> dict[str, tuple[set[str], set[Act]]]:
    """For each function: the functions that it names, and the acts."""
    graph = {}
    for module, tree in _modules():
        known = _imports(tree)
        here = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                graph[f"{module}.{node.name}"] = _named(node, module, known, here)
    return graph


def _named(node: ast.AST, module: str, known: Mapping[str, str], here: set[str]) -> tuple[set[str], set[Act]]:
    names, acts = set(), set()
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            if one.value.id == "Act":
                acts |= {Act[one.attr]} if one.attr in Act.__members__ else set()
            elif one.value.id in known:
                names.add(f"{known[one.value.id]}.{one.attr}")
        elif isinstance(one, ast.Name):
            names.add(known.get(one.id, f"{module}.{one.id}" if one.id in here else ""))
    return names, acts


def _of_commands() -> set[Act]:
    """The acts that commands come to, through whatever they call."""
    graph = _graph()
    to_see = [name for name in graph if name.startswith("central_registry.cli.")]
    seen, found = set(to_see), set()
    while to_see:
        names, acts = graph[to_see.pop()]
        found |= acts
        more = {name for name in names if name in graph} - seen
        seen |= more
        to_see += more
    return found


def test_every_act_has_a_command_or_it_is_said_why_not() -> None:
    assert set(Act) - _of_commands() <= NO_COMMAND.keys()


def test_every_act_has_an_endpoint_and_a_page_or_it_is_said_why_not() -> None:
    assert set(Act) - {one.act for one in ENDPOINTS} <= NO_ENDPOINT.keys()
    assert set(Act) - {one.act for one in (*PAGES, *ACTIONS)} <= NO_PAGE.keys()
