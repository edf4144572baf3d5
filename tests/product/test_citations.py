"""Every citation leads to a page of this repository: what code, rules, tests and pages name stands there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAP = "docs/architecture.md"
TEXTS = {".py", ".toml", ".md", ".sql", ".js", ".html", ".css", ".patch", ".mjs", ""}
OUTSIDE = re.compile(
    r"standards reference|printer reference|section \d+ of the reference|[\"'(]reference \d|\bARCHITECTURE\b|\bHOUSE\b"
    r"|\bPLATFORM\b|\bCONSOLE\b|\bshared/"
)
"""Papers that lay beside the repository when it was written."""
PUBLISHED = re.compile(r"RFC \d+|GS1 General Specifications|TUF specification|产品质量法|product quality law")
"""What has sections of its own, and can be had by anybody; a law is cited by its section too."""
FROZEN = {
    "central_registry/schema/0001_first.sql": "standards reference",
    "central_registry/schema/0006_own_feed.sql": "ARCHITECTURE",
}
"""Each database holds the hashes of its migrations: not a comment of them may change."""
EXPLAINED = "docs/decisions.md"
"""Says what these words meant, in quotes."""


def flaws(file: str, text: str) -> Iterator[str]:
    """What `text` (of `file`, relative to the root) cites that is not there."""
    if file == EXPLAINED:
        text = re.sub('"[^"]{0,60}"', "", text)
    yield from (found for found in OUTSIDE.findall(text) if FROZEN.get(file) != found)
    yield from (
        page
        for page in re.findall(r"(?<!WebZLP[',] )(?<!WebZLP's `)\bdocs/[\w./-]+\.md\b", text)
        if not (ROOT / page).is_file()
    )
    yield from (f"{page} {number}" for page, number in _sections(file, text) if number not in _headings(page))
    yield from (cited for cited in _tables(file, text) if cited not in _rows())
    if file.endswith(".md"):
        yield from (f"#{anchor}" for page, anchor in _anchors(file, text) if anchor not in _slugs(page))


def _sections(file: str, text: str) -> Iterator[tuple[str, str]]:
    """(page, number) of each section that is named: of the page before it, else of this page; 7.x is of the map."""
    for page, number in re.findall(r"(docs/[\w-]+\.md)[,:]? (?:section )?(\d+(?:\.\d+)?)\b", text):
        yield page, number
    for number in re.findall(r"(?:\(|\bby )(7\.\d)\b(?!,)", text):
        yield MAP, number
    if file.endswith((".py", ".md", ".sql")) and file not in FROZEN:
        for found in re.finditer(r"\b[Ss]ection (\d+(?:\.\d+)*)", text):
            before = text[max(0, found.start() - 120) : found.start()]
            if not PUBLISHED.search(before) and not re.search(r"docs/[\w-]+\.md[,:]? $", before):
                yield file if file.endswith(".md") else "no page", found[1]


def _tables(file: str, text: str) -> Iterator[str]:
    """The failure modes that the programs name, and the sources that rules do."""
    if file.startswith(("edge_agent/", "central_registry/", "label_protocol/")) and file.endswith(".py"):
        yield from re.findall(r"\bF\d{1,2}\b", text)
    if file.startswith("garment/") or file == "docs/rules.md":
        quoted = re.findall(r'^(?:source|clause) = ".*"|^#.*|\([^()]*\)|; .*', text, re.MULTILINE)
        yield from (cited for part in quoted for cited in re.findall(r"\bS\d{1,2}\b(?!\.)", part))


@cache
def _page(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8") if (ROOT / page).is_file() else ""


@cache
def _headings(page: str) -> frozenset[str]:
    return frozenset(re.findall(r"^#{2,4} (\d+(?:\.\d+)?)\b", _page(page), re.MULTILINE))


@cache
def _rows() -> frozenset[str]:
    return frozenset(re.findall(r"^\| ([FS]\d+) \|", _page(MAP), re.MULTILINE))


def _anchors(file: str, text: str) -> Iterator[tuple[str, str]]:
    for target, anchor in re.findall(r"\]\(([\w./-]*)#([^)]+)\)", text):
        yield str((ROOT / file).parent.joinpath(target).resolve().relative_to(ROOT)) if target else file, anchor


@cache
def _slugs(page: str) -> frozenset[str]:
    """Anchors of a page's headings, made as GitHub makes them."""
    heads = re.findall(r"^#{1,6} (.+)$", _page(page), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads)


def _tracked() -> list[str]:
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    names = [name for name in told.split("\0") if name and name != "tests/product/test_citations.py"]
    return [name for name in names if Path(name).suffix in TEXTS and (ROOT / name).is_file()]


def test_no_citation_leads_out_of_the_repository() -> None:
    found = {name: list(flaws(name, _page(name))) for name in _tracked()}
    assert len(found) > 500
    assert not {name: cited for name, cited in found.items() if cited}


@pytest.mark.parametrize(
    ("file", "text", "cited"),
    [
        ("garment/standards/x/vectors.toml", 'source = "standards reference 3.7"', "standards reference"),
        ("garment/standards/x/vectors.toml", 'source = "reference 1.1: a check"', '"reference 1'),
        ("garment/standards/x/contract.py", "id (section 6 of the reference)", "section 6 of the reference"),
        ("edge_agent/x.py", '"""As ARCHITECTURE says."""', "ARCHITECTURE"),
        ("docs/flow.md", "as the HOUSE has it", "HOUSE"),
        ("docs/flow.md", "(PLATFORM section 3)", "PLATFORM"),
        ("Makefile", "cp shared/x .", "shared/"),
        ("garment/standards/x/rules.toml", 'source = "S57, S98"', "S98"),
        ("garment/standards/x/rules.toml", "# S97: a page", "S97"),
        ("edge_agent/x.py", "# the buffer (F18)", "F18"),
        ("edge_agent/x.py", "# see docs/nowhere.md", "docs/nowhere.md"),
        ("edge_agent/x.py", "docs/architecture.md, section 14", "docs/architecture.md 14"),
        ("edge_agent/x.py", "docs/architecture.md, 7.9", "docs/architecture.md 7.9"),
        ("edge_agent/x.py", "`record` (7.8)", "docs/architecture.md 7.8"),
        ("edge_agent/x.py", "as section 4 says", "no page 4"),
        ("docs/printers.md", "proof is as for a job (section 20)", "docs/printers.md 20"),
        ("docs/flow.md", "[there](architecture.md#no-such-heading)", "#no-such-heading"),
    ],
)
def test_each_kind_is_noticed(file: str, text: str, cited: str) -> None:
    assert cited in list(flaws(file, text))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("label_protocol/x.py", "RFC 9457 section 3.1.1"),
        ("edge_agent/x.py", "docs/architecture.md, section 4"),
        ("garment/x.py", "(docs/architecture.md, 7.1)"),
        ("edge_agent/x.py", "# stale zeros, F9"),
        ("garment/standards/x/rules.toml", 'source = "S57"'),
        ("docs/flow.md", "[F2](architecture.md#9-what-goes-wrong-f1-to-f17)"),
    ],
)
def test_what_leads_somewhere_is_left_alone(file: str, text: str) -> None:
    assert list(flaws(file, text)) == []


def test_what_migrations_cite_is_explained() -> None:
    for file, cited in FROZEN.items():
        assert cited in _page(file)
        assert f"`{Path(file).name}`" in _page(EXPLAINED)
