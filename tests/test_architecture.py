"""The house as a test: who may import whom, what is pure, no circles, every room on the map, how long things may be.

The rows are `tests/house.py`. A file that no row covers fails, so that a new room is a decision and not an accident.
Imports under `TYPE_CHECKING` count like all others: a reader follows them too.
"""

from __future__ import annotations

import ast
import os
import re
import statistics
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from tests.house import COMMON, PACKAGES, PURE_COMMON, RULES
from tools.docs import rooms

ROOT = Path(__file__).resolve().parents[1]
MAP = ROOT / "docs" / "architecture.md"
WORLD = re.compile(
    r"(asyncio|time|socket|sqlite3|os|threading|subprocess|multiprocessing|signal|select|ssl|random|secrets|uuid|httpx?"
    r"|urllib\.request|tempfile|shutil|logging|structlog|requests|aiohttp|asyncpg|serial|tinydb)(\.|$)"
)
"""What a pure room imports none of: clock, chance, files, lines, processes, logs."""
TOUCHES = re.compile(r"(open|now|utcnow|today|(read|write)_(bytes|text)|iterdir|glob|print|input|import_module)$")
"""What it calls none of."""
POSIX_ONLY = frozenset({"fcntl", "termios", "pwd", "grp", "resource", "pty", "tty"})
ON_THE_MAP = re.compile(
    r"`((?:label_protocol|garment|edge_agent|central_registry|config|docs|label_templates|tools|tests)/[^`\s*<]*)`"
)


@cache
def _files() -> list[str]:
    found = (path for package in PACKAGES for path in (ROOT / package).glob("**/*.py"))
    return sorted(str(PurePosixPath(path.relative_to(ROOT))) for path in found)


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


@cache
def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _room(file: str) -> str | None:
    fits = [room for room in RULES if file == room or file.startswith(room.removesuffix(".py") + "/")]
    return max(fits, key=len, default=None)


@cache
def _imports(file: str) -> set[str]:
    """What a file imports, each name in full."""
    names: set[str] = set()
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; write it out"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _ours(file: str) -> set[str]:
    return {name for name in _imports(file) if name.split(".")[0] in PACKAGES}


def _within(name: str, rooms: Iterable[str]) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


def _allowed(room: str) -> tuple[str, ...]:
    row, own = RULES[room], () if room.endswith("__init__.py") else (_module(room),)
    common = COMMON[room.split("/")[0]]
    return (*own, *(one for one in common if "!" not in row or one in PURE_COMMON), *row)


def test_there_is_no_fifth_package() -> None:
    """What lies at the top and is imported by nobody's program: the bench, the tests, two folders of data."""
    tops = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert tops == {*PACKAGES, "bench", "tests", "config", "label_templates"}


def test_every_file_is_in_a_room() -> None:
    homeless = [file for file in _files() if _room(file) is None]
    assert not homeless, "no row of tests/house.py covers them; decide where they belong"


def test_every_file_imports_only_what_its_room_allows() -> None:
    rows = [(file, _room(file) or "", name) for file in _files() for name in sorted(_ours(file))]
    wrong = [f"{file} imports {name}" for file, room, name in rows if room and not _within(name, _allowed(room))]
    assert not wrong, "the row of their room in tests/house.py says what they may import"


def test_pure_rooms_touch_no_world() -> None:
    """A file is pure by its room's row, or because it says so."""
    pure = [file for file in _files() if "!" in RULES.get(_room(file) or "", ()) or _says_pure(file)]
    imported = {file: [name for name in _imports(file) if WORLD.match(name)] for file in pure}
    called = {file: [name for name in _calls(file) if TOUCHES.match(name)] for file in pure}
    assert len(pure) > 50
    assert not {file: names for file, names in imported.items() if names}
    assert {file: names for file, names in called.items() if names} == _OWN_TABLES


_OWN_TABLES = {"garment/standards/rules.py": ["read_text"], "central_registry/consumer/garment_facts.py": ["read_text"]}
"""They read the table that lies beside them, once."""


def _says_pure(file: str) -> bool:
    return bool(re.search(r"\bPure\b", ast.get_docstring(_tree(file)) or ""))


def _calls(file: str) -> set[str]:
    """The last names of what a file calls."""
    called = [node.func for node in ast.walk(_tree(file)) if isinstance(node, ast.Call)]
    return {getattr(one, "attr", getattr(one, "id", "")) for one in called}


def test_what_pure_rooms_have_in_common_is_pure() -> None:
    assert not [name for name in PURE_COMMON if "!" not in RULES.get(_room_of(name) or "", ())]


def _room_of(module: str) -> str | None:
    path = module.replace(".", "/")
    return _room(path if (ROOT / path).is_dir() else path + ".py")


def test_no_room_is_reached_by_a_name_that_is_text() -> None:
    """Neither `import edge_agent.x`, which shows more than it names, nor a module asked for by its name."""
    nodes = [(file, node) for file in _files() for node in ast.walk(_tree(file)) if isinstance(node, ast.Import)]
    plain = [file for file, node in nodes if {alias.name.split(".")[0] for alias in node.names} & set(PACKAGES)]
    assert not plain, "write `from … import …`"
    by_name = {file for file in _files() if _calls(file) & {"import_module", "__import__"}}
    assert by_name == {"edge_agent/printers/transports/queue/windows.py"}, "it asks for what only Windows has"


def test_no_row_names_a_whole_package() -> None:
    """What may import a package may import everything that is ever put into it."""
    for room, row in [*RULES.items(), *COMMON.items(), ("PURE_COMMON", PURE_COMMON)]:
        assert not set(row) & set(PACKAGES), f"{room}: name the rooms of {sorted(set(row) & set(PACKAGES))} it needs"


def test_no_row_grants_what_nobody_uses() -> None:
    """A grant that is left over lets an arrow come back that was taken out."""
    used = {room: {name for file in _files() if _room(file) == room for name in _ours(file)} for room in RULES}
    idle = {room: [one for one in row if one != "!" and not _any_of(one, used[room])] for room, row in RULES.items()}
    assert not {room: names for room, names in idle.items() if names}


def _any_of(room: str, names: Iterable[str]) -> bool:
    return any(_within(name, (room,)) for name in names)


def test_the_packages_lie_in_one_order() -> None:
    """The registry knows nothing of the agent; the agent's demo alone knows the registry."""
    below = {"label_protocol": 0, "garment": 1, "edge_agent": 2, "central_registry": 2}
    for room, row in [*RULES.items(), *COMMON.items()]:
        own = room.split("/")[0]
        for name in row:
            package = name.split(".")[0]
            known = package in ("!", own) or below[package] < below[own] or room == "edge_agent/demo"
            assert known, f"{room} may not import {name}"


@cache
def _arrows() -> dict[str, set[str]]:
    """Module → modules it imports."""
    modules = {_module(file): file for file in _files()}
    return {module: {_target(name, modules) for name in _ours(file)} - {module} for module, file in modules.items()}


def _target(name: str, modules: Mapping[str, str]) -> str:
    return name if name in modules else name.rpartition(".")[0]


def _circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """What is left when everything that can be put in an order is taken away: empty if there is no circle."""
    left = {one: set(targets) & set(arrows) for one, targets in arrows.items()}
    while free := [one for one, targets in left.items() if not targets]:
        for one in free:
            del left[one]
        left = {one: targets - set(free) for one, targets in left.items()}
    return sorted(left)


def test_no_circle_of_files() -> None:
    assert not _circle(_arrows())


def _inside(folder: str) -> dict[str, set[str]]:
    """The children of a folder, files and rooms alike → those of its other children that they import."""
    arrows: dict[str, set[str]] = {}
    for module, targets in _arrows().items():
        if module.startswith(folder + "."):
            child = _child(folder, module)
            others = {_child(folder, one) for one in targets if one.startswith(folder + ".")}
            arrows[child] = arrows.get(child, set()) | (others - {child})
    return arrows


def _child(folder: str, module: str) -> str:
    return ".".join(module.split(".")[: folder.count(".") + 2])


FOLDERS = sorted({str(PurePosixPath(file).parent).replace("/", ".") for file in _files()})


def test_no_circle_of_rooms() -> None:
    circles = {folder: _circle(_inside(folder)) for folder in FOLDERS}
    assert not {folder: rooms for folder, rooms in circles.items() if rooms}


def _rooms() -> set[str]:
    """Each file and each folder that stands right below a package, and each file of a table of one row."""
    parts = [PurePosixPath(file).parts for file in _files()]
    return {"/".join(one[:2]) + ("/" if len(one) > 2 else "") for one in parts if not one[1].startswith("__")}


def test_every_room_is_on_the_map() -> None:
    named = set(ON_THE_MAP.findall(MAP.read_text(encoding="utf-8")))
    assert not _rooms() - named, f"docs/architecture.md names no {sorted(_rooms() - named)}"


def test_the_map_shows_the_rows_of_the_house() -> None:
    """`make pages` writes them."""
    told = MAP.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_DOCS"):
        MAP.write_text(rooms.page(told), encoding="utf-8")
    assert rooms.page(told) == told, "the rows of tests/house.py changed: run make pages"


def test_what_the_map_names_is_there() -> None:
    named = ON_THE_MAP.findall(MAP.read_text(encoding="utf-8"))
    assert len(named) > 100
    assert not [name for name in named if not (ROOT / name).exists()]


def test_no_posix_only_import_at_module_level() -> None:
    assert not [file for file in _files() if _at_import(_tree(file).body) & POSIX_ONLY]


def _at_import(body: Iterable[ast.AST]) -> set[str]:
    """What is imported when a module is: not in its functions, nor behind a question of which system this is."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and "platform" not in _asked(node):
            names |= _at_import(ast.iter_child_nodes(node))
    return names


def _asked(node: ast.AST) -> str:
    return ast.unparse(node.test) if isinstance(node, ast.If) else ""


def _functions() -> list[tuple[int, str]]:
    rows = []
    for file in _files():
        for node in ast.walk(_tree(file)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert node.end_lineno is not None
                doc = node.body[0] if ast.get_docstring(node) else None
                doc_lines = (doc.end_lineno or 0) - doc.lineno + 1 if doc else 0
                rows.append((node.end_lineno - node.lineno + 1 - doc_lines, f"{file}:{node.lineno} {node.name}"))
    return rows


def test_functions_are_small() -> None:
    lengths = sorted(_functions())
    sizes = [size for size, _ in lengths]
    assert sizes[-1] <= 60, lengths[-1]
    assert statistics.median(sizes) <= 8
    assert sizes[int(0.9 * (len(sizes) - 1))] <= 30


def test_files_are_short() -> None:
    assert not [file for file in _files() if (ROOT / file).read_text(encoding="utf-8").count("\n") > 300]


def test_rows_name_rooms_that_exist() -> None:
    assert not [room for room in RULES if not (ROOT / room).exists()]
    named = {name for row in RULES.values() for name in row} - {
        "!",
        "edge_agent.__version__",
        "central_registry.__version__",
    }
    places = {name: ROOT / name.replace(".", "/") for name in named}
    assert not [name for name, at in places.items() if not (at.is_dir() or at.with_suffix(".py").exists())]


def test_tests_lie_in_the_folders_of_their_code() -> None:
    folders = {file.parent for package in PACKAGES for file in (ROOT / "tests" / package).rglob("test_*.py")}
    assert len(folders) > 20
    assert not [folder for folder in folders if not (ROOT / folder.relative_to(ROOT / "tests")).is_dir()]
    assert not [folder for folder in folders if not (folder / "__init__.py").is_file()]
