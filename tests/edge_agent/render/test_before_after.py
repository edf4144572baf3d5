"""The page of old beside new shows what both templates draw, and nothing that fitted is refused today.

After a wanted change run `make gallery`, and look at the pictures.
"""

from __future__ import annotations

import os

import pytest
from PIL import Image

from edge_agent.render.preview import write_preview
from tools.docs import before_after, gallery
from tools.docs.before_after import PAGE, PICTURES, pairs, picture_of
from tools.docs.gallery import Case, Label

UPDATE = bool(os.environ.get("UPDATE_GOLDENS"))
FORMER = {path.stem.rpartition("-")[0] for path in (gallery.ROOT / "label_templates" / "former").glob("*.toml")}


def labels(cases: list[Case]) -> dict[Case, Label]:
    """Those that are drawn."""
    found = {case: gallery.rendered(case) for case in cases if gallery.unfit(case.template, case.sample) is None}
    return {case: label for case, label in found.items() if isinstance(label, Label)}


@pytest.mark.costly
def test_the_old_labels_equal_their_pictures_and_no_picture_is_left_over() -> None:
    old = labels([old for old, _ in pairs()])
    if UPDATE:
        PICTURES.mkdir(exist_ok=True)
        for path in PICTURES.iterdir():
            path.unlink()
        for case, label in old.items():
            write_preview(label.bitmap, case.dpi, PICTURES / picture_of(case))
    assert {path.name for path in PICTURES.iterdir()} == {picture_of(case) for case in old}
    for case, label in old.items():
        with Image.open(PICTURES / picture_of(case)) as shown:
            assert shown.convert("1").tobytes() == label.image.tobytes(), picture_of(case)


@pytest.mark.costly
def test_what_fitted_fits() -> None:
    old, new = (labels(list(cases)) for cases in zip(*pairs(), strict=True))
    lost = [str(now) for was, now in pairs() if was in old and now not in new]
    assert not lost
    assert len(new) > len(old), "some that did not fit do now"


@pytest.mark.costly
def test_the_page_is_what_was_drawn() -> None:
    old = PAGE.read_text("utf-8")
    if UPDATE:
        PAGE.write_text(before_after.page(old), encoding="utf-8")
    assert PAGE.read_text("utf-8") == before_after.page(old), "run make gallery and look at page and pictures"


def test_all_former_labels_are_on_it() -> None:
    """But for stickers, whose former was of format 1 as today's is."""
    shown = {new.template for _, new in pairs()}
    assert shown == {name for name in FORMER if name in gallery.templates() and name != "code_sticker_30x20"}
