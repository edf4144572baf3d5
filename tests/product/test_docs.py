"""The documents are tested: what they show is printed from the product, what they name exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from edge_agent.config import AgentConfig
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.transports import TRANSPORTS
from garment.standards import STANDARDS
from label_protocol.codes.uscc import check_character, is_uscc
from label_protocol.events import EventType
from label_protocol.states import SerialState, diagram

ROOT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
PATHS = "/" + TRACKED.replace("\n", "\n/")
"""Every file from the root, each on a line with a / before it."""
DOCS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def test_the_diagram_in_the_docs_is_the_table() -> None:
    assert diagram() in (ROOT / "docs" / "flow.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize(
    "page", [page for page in DOCS if not page.name.startswith("add-a-")], ids=lambda page: page.name
)
def test_paths_named_in_the_docs_exist(page: Path) -> None:
    named = re.findall(
        r"`((?:edge_agent|central_registry|tests|config|docs|label_templates|bench|tools)/[\w./-]+)`",
        page.read_text(encoding="utf-8"),
    )
    for path in named:
        assert (ROOT / path).exists(), f"{page.name}: {path}"


PAST = {"decisions.md": "files of their time", "CHANGELOG.md": "what was", "templates.md": "the reader's own files"}


@pytest.mark.parametrize("page", [page for page in DOCS if page.name not in PAST], ids=lambda page: page.name)
def test_files_named_in_the_docs_by_their_end_exist(page: Path) -> None:
    """`painters/paint.py` for `edge_agent/render/painters/paint.py`; NAME stands for what a reader adds."""
    named = re.findall(r"`([\w/-]+\.(?:py|js|sql|css|html)|\w+(?:/\w+)*/)`", page.read_text(encoding="utf-8"))
    for name in named:
        assert "NAME" in name or f"/{name}" in PATHS, f"{page.name}: {name}"


@pytest.mark.parametrize("page", [*ROOT.glob("docs/proof/*.md")], ids=lambda page: page.name)
def test_a_proof_names_tests_that_are_there(page: Path) -> None:
    source, named = "", 0
    for file, name in re.findall(r"`(tests/[\w/]+\.py)`|`(test_\w+)`", page.read_text(encoding="utf-8")):
        source = (ROOT / file).read_text(encoding="utf-8") if file else source
        assert file or f"def {name}(" in source, name
        named += not file
    assert named > 0


def test_every_event_and_state_is_in_the_format() -> None:
    text = (ROOT / "docs" / "ledger-format.md").read_text(encoding="utf-8")
    for event in EventType:
        assert f"`{event}`" in text, event
    for state in SerialState:
        assert state in text, state


def test_every_seam_entry_is_in_the_docs() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in DOCS)
    for name in (*LANGUAGES, *STANDARDS, *TRANSPORTS):
        assert re.search(rf"\b{name}\b", text), name


def test_every_table_of_the_configuration_is_in_its_reference() -> None:
    text = (ROOT / "config" / "agent.toml").read_text(encoding="utf-8")
    for table in AgentConfig.model_fields:
        assert f"[{table}]" in text or f"[[{table}]]" in text, table


def test_commands_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|    )make ([a-z]+)", readme)):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_ci_runs_what_the_readme_says() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make setup" in script
    assert "make test" in script


def test_nothing_tracked_names_this_machine() -> None:
    """Paths of one machine and registries' hosts have no place in a repository."""
    tracked = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    hosts = "|".join(["registry\\.npmjs", "pypi" + "\\.org", "files\\.pythonhosted", "/root" + "/", "/work" + "/"])
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".png", ".bin", ".pdf"} or not path.is_file():
            continue
        found = re.search(hosts, path.read_text(encoding="utf-8", errors="replace"))
        assert found is None, f"{name}: {found}"


SHOWN = [
    *(page for page in DOCS if page.name != "rules.md"),  # which shows a code that is wrong
    *ROOT.glob("central_registry/cli/*.py"),
    *ROOT.glob("edge_agent/cli/**/*.py"),
]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_companies_in_examples_have_codes_that_the_registry_takes(page: Path) -> None:
    """An example is run as it is printed, and the registry asks for the last character of a USCC."""
    for code in re.findall(r"(?<![0-9A-Z])9[0-9]{7}[0-9A-Z]{10}(?![0-9A-Z])", page.read_text(encoding="utf-8")):
        assert is_uscc(code), f"{page.name}: {code}, expected {code[:-1]}{check_character(code[:-1])}"
