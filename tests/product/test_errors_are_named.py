"""The docstring of a public function names every error that its own body raises, or a base of it."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("label_protocol", "garment", "edge_agent", "central_registry")
Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NO_NEWS = frozenset({"AssertionError", "NotImplementedError", "StopIteration", "StopAsyncIteration", "SystemExit"})
"""Of Python's own: what says that the code is wrong, or that something has ended, is no error of a call."""


def unnamed(tree: ast.Module, bases: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """`function: Error` for each that the docstring leaves out; `bases`: the classes of our tree → those above them.

    A command's docstring is its `--help`, for people: it says what to do, and the error says the rest.
    """
    commands = _commands(tree)
    for function, told in _public(tree, ""):
        if function.name in commands:
            continue
        for name in sorted(_raised(function)):
            known = (name, *_above(name, bases))
            if _is_ours(known) and not any(re.search(rf"\b{one}\b", told) for one in known if one not in VAGUE):
                yield f"{function.name}: {name}"


VAGUE = frozenset({"Exception", "BaseException", "object"})


def _public(scope: Scope, told: str) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """Functions and methods with what is said of them; `__init__` may be told by its class."""
    for node in scope.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node, ast.get_docstring(node) or "")
        elif isinstance(node, FUNCTIONS) and (
            not node.name.startswith("_") or node.name in ("__init__", "__post_init__")
        ):
            own = ast.get_docstring(node) or ""
            yield node, f"{own} {told}" if node.name.startswith("__") else own


def _commands(tree: ast.Module) -> set[str]:
    """Functions that typer is given, by `@app.command()` or by `app.command()(function)`."""
    given: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and any(_gives_a_command(one) for one in node.decorator_list):
            given.add(node.name)
        elif isinstance(node, ast.Call) and _gives_a_command(node.func):
            given |= {one.id for one in node.args if isinstance(one, ast.Name)}
    return given


def _gives_a_command(made: ast.expr) -> bool:
    return isinstance(made, ast.Call) and ast.unparse(made.func).endswith("app.command")


def _raised(scope: ast.AST) -> set[str]:
    """Names of the classes raised in a body, but for functions inside it and what is raised again by its variable."""
    names: set[str] = set()
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = made.id if isinstance(made, ast.Name) else made.attr if isinstance(made, ast.Attribute) else ""
            names |= {name} if name[:1].isupper() else set()
        names |= _raised(node)
    return names


def _above(name: str, bases: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """All bases of a class, nearest first."""
    if name in bases:
        return tuple(one for base in bases[name] for one in (base, *_above(base, bases)))
    python = getattr(builtins, name, None)
    return tuple(one.__name__ for one in python.__mro__[1:]) if isinstance(python, type) else ()


def _is_ours(known: tuple[str, ...]) -> bool:
    """Of our tree or of Python's errors; what a library raises for itself (typer.Exit) is not told here."""
    return "Exception" in known and not set(known) & NO_NEWS


@cache
def _trees() -> Mapping[str, ast.Module]:
    files = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_bytes()) for file in files}


@cache
def _bases() -> Mapping[str, tuple[str, ...]]:
    classes = [node for tree in _trees().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return {one.name: tuple(base.id for base in one.bases if isinstance(base, ast.Name)) for one in classes}


@pytest.mark.costly
def test_every_error_a_public_function_raises_is_named() -> None:
    found = {file: list(unnamed(tree, _bases())) for file, tree in _trees().items()}
    assert len(found) > 300
    assert not {file: errors for file, errors in found.items() if errors}


OURS = {"AgentError": ("Exception",), "RefusedError": ("AgentError",)}


@pytest.mark.parametrize(
    ("code", "errors"),
    [
        ("def f():\n  '''Does.'''\n  raise RefusedError('no')", ["f: RefusedError"]),
        ("def f():\n  '''Does. Raises RefusedError: never.'''\n  raise RefusedError('no')", []),
        ("def f():\n  '''Raises AgentError.'''\n  raise RefusedError('no') from None", []),
        ("def f():\n  raise ValueError", ["f: ValueError"]),
        ("def f():\n  '''Raises OSError.'''\n  raise ConnectionResetError", []),
        ("async def f():\n  try: pass\n  except OSError as e:\n    raise errors.RefusedError(e)", ["f: RefusedError"]),
        ("class C:\n  '''Raises ValueError.'''\n  def __init__(self): raise ValueError", []),
        ("class C:\n  '''Raises ValueError.'''\n  def f(self): raise ValueError", ["f: ValueError"]),
        ("@app.command()\ndef f(): raise ValueError", []),
        ("def f(): raise ValueError\ndef register(app):\n  lots_app.command('x')(f)", []),
        ("class _C:\n  def f(self): raise ValueError", []),
        ("def _f(): raise ValueError", []),
        ("def f():\n  def g(): raise ValueError", []),
        ("def f():\n  raise typer.Exit(1)", []),
        ("def f():\n  raise AssertionError", []),
        ("def f():\n  raise cause", []),
    ],
)
def test_what_is_raised_and_what_is_told_are_compared(code: str, errors: list[str]) -> None:
    assert list(unnamed(ast.parse(code), OURS)) == errors
