"""The page of old beside new: each built-in label that became format 2, as its former template drew it and as it is
drawn now, of the same samples at the same resolutions.

The new pictures are the gallery's; the old ones are drawn by the product too, as it draws them for jobs opened before.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from edge_agent.render.templates.template import built_in_templates, load_template
from tools.docs.gallery import END, MARK, RESOLUTIONS, ROOT, SAMPLES, Case, Label, rendered, table, unfit

PAGE = ROOT / "docs" / "labels-before-after.md"
PICTURES = ROOT / "docs" / "images" / "labels-before"
_FORMER = ROOT / "label_templates" / "former"


@cache
def pairs() -> tuple[tuple[Case, Case], ...]:
    """The old and the new of each label that either draws, in the order of the page."""
    return tuple(
        (old, new)
        for path in sorted(_FORMER.glob("*.toml"))
        if (name := path.stem.rpartition("-")[0]) in built_in_templates() and load_template(name).format > 1
        for sample in SAMPLES
        for dpi in RESOLUTIONS
        for old, new in [(Case(str(path), sample, dpi), Case(name, sample, dpi))]
        if _fits(old) or _fits(new)
    )


def _fits(case: Case) -> bool:
    return unfit(case.template, case.sample) is None and isinstance(rendered(case), Label)


def picture_of(old: Case) -> str:
    """The file of an old label."""
    return old.file.rpartition("/")[2].replace(".toml", "")


def page(before: str) -> str:
    """The page: its own words before the mark, and after it the pictures."""
    return f"{before.split(MARK)[0]}{MARK}{''.join(_sections())}{END}"


def _sections() -> Iterator[str]:
    for name in dict.fromkeys(new.template for _, new in pairs()):
        template = load_template(name)
        width_mm, height_mm = template.size_mm
        yield f"\n## {template.title_zh} · {template.title_en}\n\n`{name}`, {width_mm:g} × {height_mm:g} mm\n\n"
        rows = [_row(old, new) for old, new in pairs() if new.template == name]
        yield table(("样例 sample", "以前 before", "现在 after"), rows)


def _row(old: Case, new: Case) -> tuple[str, ...]:
    was = _shown(old, f"images/labels-before/{picture_of(old)}", "before")
    return f"`{new.sample}`<br>{new.dpi} dpi", was, _shown(new, f"images/labels/{new.file}", "after")


def _shown(case: Case, picture: str, when: str) -> str:
    """Its picture, or the product's own sentence."""
    why = unfit(case.template, case.sample) or rendered(case)
    if isinstance(why, Label):
        return f"![{case.sample}, {case.dpi} dpi, {when}]({picture})"
    return why.replace("|", "\\|").replace(case.template, case.template.rpartition("/")[2])
