"""Every sample on every built-in template is read back from its layout: whole, nothing on another, captions apart."""

from __future__ import annotations

import pytest

from edge_agent.render.plan import Layout, lay_out
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.template import built_in_templates, former_template, load_template
from garment.record import parse_record
from tests.kits.reading_kit import TOUCHING, assert_captions_apart, assert_read_back
from tools.docs import gallery
from tools.docs.gallery import Case, Label

pytestmark = pytest.mark.costly
CASES = [case for case in gallery.cases() if (gallery.PICTURES / case.file).exists()]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sample_is_read_back_whole(case: Case) -> None:
    label = gallery.rendered(case)
    assert isinstance(label, Label) and label.record is not None and isinstance(label.layout, Layout)
    assert_read_back(label.layout, label.template, label.record.facts(), case.dpi)


def test_what_is_excepted_touches_and_is_built_in() -> None:
    """A template of format 2 that is still on the list is read as well as the others."""
    assert set(built_in_templates()) >= TOUCHING
    for case in CASES:
        label = gallery.rendered(case)
        if case.template in TOUCHING and load_template(case.template).way and isinstance(label, Label):
            assert isinstance(label.layout, Layout)
            assert_captions_apart(label.layout, label.template)


def test_the_card_that_read_as_one_word_is_noticed() -> None:
    """`面　料聚酯纤维`, as format 1 had it on the card of the child's down jacket."""
    former = former_template("composition_card_60x40", "55be25768ddf540e")
    record = parse_record(gallery.SAMPLES["child_down_jacket"].read_bytes())
    assert former is not None
    layout = lay_out(former, make_snapshot(record.facts(), former, rules={}, host="id.example.cn"), 203)
    with pytest.raises(AssertionError, match="面料 touches 聚酯纤维"):
        assert_captions_apart(layout, former)
