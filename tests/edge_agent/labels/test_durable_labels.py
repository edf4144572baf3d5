"""Durable labels: a template that leaves out what rule L2 asks for is refused, and wash_care_30 shows all of it."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import combinations
from typing import Any

import pytest
from PIL import Image

from edge_agent.demo.play import samples
from edge_agent.errors import FindingsError, RenderError
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare
from edge_agent.render.facts import plain_number
from edge_agent.render.page import Piece
from edge_agent.render.painters.care import WORDS, in_order
from edge_agent.render.plan import Layout, lay_out
from edge_agent.render.raster import dots, millimetres, to_image
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.durable import DURABLE_KINDS, MUST_SHOW
from edge_agent.render.templates.flaws import Flaw
from edge_agent.render.templates.template import Template, examine, load_template
from garment.record import record_from
from garment.standards import RULES, STANDARDS, Override

NAME = "wash_care_30"
TEXT = files("label_templates").joinpath(f"{NAME}.toml").read_text("utf-8")
SAMPLES = {name: json.loads(record.model_dump_json(exclude_none=True)) for name, record in samples().items()}
LINK = LinkStyle("id.example.cn")
TODAY = "2026-11-20"

every_sample = pytest.mark.parametrize("sample", SAMPLES)
every_dpi = pytest.mark.parametrize("dpi", [203, 300])


def without(slot: str) -> str:
    """The template without one of its slots."""
    head, *slots = TEXT.split("[[slot]]\n")
    kept = [one for one in slots if not one.startswith(f'name = "{slot}"')]
    assert len(kept) == len(slots) - 1
    return "[[slot]]\n".join([head, *kept])


def flaws(text: str) -> tuple[Flaw, ...]:
    found = examine(text.encode(), "mine")
    return () if isinstance(found, Template) else found


def drawn(record: dict[str, Any], dpi: int = 203) -> Layout:
    template = load_template(NAME)
    facts = record_from(record).facts()
    return lay_out(template, make_snapshot(facts, template, rules={}, host="id.example.cn"), dpi)


def words(layout: Layout) -> str:
    """All words of the label, line after line, without spaces: lines may end anywhere."""
    return "".join(piece.text for piece in layout.painted if piece.piece is Piece.TEXT).replace(" ", "")


def paper(image: Image.Image, left: int, top: int, right: int, bottom: int) -> bool:
    return image.crop((left, top, right, bottom)).getbbox() is None


# --- L2 as lint -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slot", "zh", "en"),
    [
        ("size", "耐久性标签必须有号型", r"the size .*add {product.size} in a text of its own"),
        ("composition", "耐久性标签必须有纤维成分", "the fibre composition .*add a composition slot"),
        ("care", "耐久性标签必须有维护方法", "the care instructions .*add a care slot"),
    ],
)
def test_a_durable_template_without_what_l2_asks_for_is_refused(slot: str, zh: str, en: str) -> None:
    (flaw,) = flaws(without(slot))
    assert flaw.zh.startswith(zh)
    assert flaw.en.startswith("expected")
    assert all(part in flaw.en for part in en.split(" .*"))
    assert "rule L2" in flaw.told("mine")


def test_all_that_is_missing_is_told_at_once() -> None:
    text = without("care").replace("号型 {product.size}", "号型")
    assert len(flaws(text)) == 2


def test_other_kinds_may_leave_it_out() -> None:
    assert not flaws(without("care").replace('kind = "wash_care"', 'kind = "loop_label"', 1))


def test_a_fact_that_may_vanish_with_its_neighbour_does_not_count() -> None:
    beside = TEXT.replace('"号型 {product.size}"', '"号型 {product.size} {product.colour}"')
    (flaw,) = flaws(beside)
    assert "product.size" in flaw.en
    assert not flaws(beside.replace('"product.brand", ', '"product.brand", "product.colour", ', 1))
    guarded = TEXT.replace('"号型 {product.size}"', '"号型 {product.size}"\nwhen = "lot.lot_no"')
    assert [one.en for one in flaws(guarded)] == [flaw.en]


def test_the_table_is_what_the_rule_pack_says() -> None:
    assert set(MUST_SHOW) == set(RULES["L2.durable"].value)
    assert set(STANDARDS["gb_t_5296_4"].PACK.tables["durable"]) == DURABLE_KINDS


def test_a_site_may_ask_for_more_on_its_durable_labels() -> None:
    record = record_from(SAMPLES["knit_blend"])
    assert not prepare(record, NAME, LabelTerms(TODAY, LINK)).blocked
    more = Override("L2.durable", "李工", "客户要求", value=[*MUST_SHOW, "product.colour"])
    prepared = prepare(record, NAME, LabelTerms(TODAY, LINK, (more,)))
    assert [(one.rule, one.path) for one in prepared.blocked] == [("L2", "product.colour")]
    with pytest.raises(FindingsError, match=r"product\.colour"):
        prepared.require()
    assert not prepare(record, "composition_card_60x40", LabelTerms(TODAY, LINK, (more,))).blocked


# --- wash_care_30 -----------------------------------------------------------------------------------------------------


@every_dpi
@every_sample
def test_the_label_shows_all_facts_and_they_are_the_records(sample: str, dpi: int) -> None:
    product, layout = SAMPLES[sample]["product"], drawn(SAMPLES[sample], dpi)
    said = words(layout)
    wanted = [product[key] for key in ("brand", "name", "size", "standard", "safety", "style_no")]
    wanted += [product["maker"]["name"], product["maker"]["address"]]
    for part in product["composition"]:
        wanted.append(part["part"])
        wanted += [fibre["name"] + plain_number(str(fibre["percent"])) + "%" for fibre in part.get("fibres", ())]
        if down := part.get("down"):
            wanted += [f"{down['species']}绒子含量{plain_number(str(down['cluster_percent']))}%"]
            wanted += [f"充绒量{plain_number(str(product['fill_weight_g'][product['size']]))}g"]
    assert [one for one in wanted if one.replace(" ", "") not in said] == []
    shown = [piece.text for piece in layout.painted if piece.piece is Piece.SYMBOL]
    assert tuple(shown) == in_order(product["care"], "care")
    assert ("充绒量" in said) is ("fill_weight_g" in product)
    below = "".join(piece.text for piece in layout.painted if piece.slot == "care" and piece.piece is Piece.TEXT)
    assert sorted(below) == sorted("".join("".join(WORDS[code]) for code in product["care"]))


@every_dpi
@every_sample
def test_characters_margins_and_seam(sample: str, dpi: int) -> None:
    layout = drawn(SAMPLES[sample], dpi)
    image, side = to_image(layout.bare), dots(1.5, dpi) - 1  # edges are rounded, not lengths
    assert min(millimetres(height, dpi) for height in layout.sizes.values()) >= 1.8
    assert paper(image, 0, 0, side, image.height)
    assert paper(image, image.width - side, 0, image.width, image.height)
    assert paper(image, 0, 0, image.width, dots(8, dpi)), "sewn into the seam"
    assert paper(image, 0, image.height - dots(3, dpi), image.width, image.height), "left to the knife"
    assert not paper(image, 0, 0, image.width, image.height - dots(6, dpi))
    for one, other in combinations(layout.painted, 2):
        assert not one.box.overlaps(other.box), (one, other)


@every_sample
def test_both_resolutions_are_equally_long(sample: str) -> None:
    lengths = [millimetres(drawn(SAMPLES[sample], dpi).media.height_dots, dpi) for dpi in (203, 300)]
    assert abs(lengths[0] - lengths[1]) < 6, "a line more at most on each of two texts"
    assert 60 < min(lengths) < max(lengths) < 110


FIBRES = ("棉", "锦纶", "氨纶", "粘纤", "绵羊毛", "山羊绒", "桑蚕丝", "腈纶", "亚麻", "莱赛尔纤维", "聚酯纤维")


def extreme(**product: Any) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(json.dumps(SAMPLES["knit_blend"]))
    record["product"].update(product)
    return record


@every_dpi
@pytest.mark.parametrize(
    "product",
    [
        {"name": "女" * 40},
        {"composition": [{"part": "面料", "fibres": [{"name": one, "percent": "9.09"} for one in FIBRES]}]},
        {"composition": [{"part": f"部位{n}", "fibres": [{"name": "棉", "percent": 100}]} for n in "甲乙丙丁戊己"]},
        {"maker": {"name": "示例" * 12 + "有限公司", "address": "浙江省嘉兴市" + "示例路一号" * 16}},
        {"care": [code for code in WORDS if code.endswith("_no") or code == "dry_flat"]},
    ],
    ids=["40-character name", "eleven fibres", "six parts", "ten-line address", "eight symbols"],
)
def test_long_content_makes_a_longer_label_and_loses_nothing(product: dict[str, Any], dpi: int) -> None:
    usual, longer = drawn(SAMPLES["knit_blend"], dpi), drawn(extreme(**product), dpi)
    assert longer.media.height_dots > usual.media.height_dots
    said = words(longer)
    assert product.get("name", "") in said
    assert all(part["part"] in said for part in product.get("composition", ()))
    assert product.get("maker", {}).get("address", "") in said


@pytest.mark.parametrize(
    ("product", "slot"),
    [({"name": "女" * 400}, "name"), ({"brand": "示例" * 60}, "brand"), ({"care": []}, None)],
    ids=["name", "brand", "no care"],
)
def test_what_cannot_be_shown_is_refused_by_name(product: dict[str, Any], slot: str | None) -> None:
    expected = rf"slot {slot}: " if slot else r"template wash_care_30: expected product\.care, got nothing"
    with pytest.raises(RenderError, match=expected):
        drawn(extreme(**product))
