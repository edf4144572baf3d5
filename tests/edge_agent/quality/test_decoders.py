"""One conformance test for every decoder: what is on a clean label is read, and a code beyond repair is not made up."""

from __future__ import annotations

from importlib.metadata import version

import pytest
import segno
from PIL import Image, ImageDraw

from edge_agent.quality import damage
from edge_agent.quality.codewords import symbol_map
from edge_agent.render.raster import to_image
from tests.edge_agent.quality.test_codewords import LEVELS, TEXT, damaged
from tests.kits.decoders import DECODERS, Decoder, read_by_two
from tests.kits.quality_kit import SERIAL, tag

EACH = pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)


def label(dpi: int = 203) -> Image.Image:
    """A whole label as it is printed, two pixels for a dot."""
    return damage.fine(to_image(tag(dpi).alone(SERIAL))).reduce(2)


def test_there_are_three_of_different_makes() -> None:
    assert list(DECODERS) == ["zxing-cpp", "zbar", "WeChat"]


@EACH
@pytest.mark.parametrize("dpi", [203, 300])
def test_a_clean_label_is_read(decoder: Decoder, dpi: int) -> None:
    assert decoder(label(dpi)) == [tag(dpi).link(SERIAL)]


@EACH
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_picture_of_any_mode_is_read(decoder: Decoder, mode: str) -> None:
    assert decoder(label().convert(mode)) == [tag().link(SERIAL)]


@EACH
@pytest.mark.parametrize("text", ["https://ID.EXAMPLE.CN/01/06901234567892/10/A%2FB", "A" * 150, "0"])
def test_the_text_comes_whole(decoder: Decoder, text: str) -> None:
    code = segno.make_qr(text, error="m")
    rows = [[255 * (not module) for module in row] for row in code.matrix_iter(border=4)]
    picture = Image.frombytes("L", (len(rows), len(rows)), bytes(level for row in rows for level in row))
    assert decoder(picture.resize((len(rows) * 6,) * 2, Image.Resampling.NEAREST)) == [text]


@EACH
def test_nothing_is_read_where_there_is_no_code(decoder: Decoder) -> None:
    plan, picture = tag(), label()
    box = plan.symbol_box
    ImageDraw.Draw(picture).rectangle(
        [2 * edge for edge in (box.left_dots, box.top_dots, box.right_dots, box.bottom_dots)], 255
    )
    assert decoder(picture) == []
    assert decoder(Image.new("L", (300, 200), 255)) == []


@EACH
@pytest.mark.parametrize("level", [(2, "M"), (4, "M"), (5, "Q"), (7, "M")])
def test_a_code_beyond_repair_is_never_read_as_another_text(decoder: Decoder, level: tuple[int, str]) -> None:
    """What the error correction can repair is read, half a block is not, and in between no other text is said. One
    codeword beyond repair WeChat's was seen to say the right one (4-M), so silence is asked well beyond only."""
    assert level in LEVELS
    map_ = symbol_map(*level)
    text = TEXT[: 20 if level[0] == 2 else None]
    code = segno.make_qr(text, version=level[0], error=level[1], boost_error=False)
    own = [codeword for codeword, owner in enumerate(map_.block) if owner == 0]
    most, half = map_.repairs[0], len(own) // 2
    found = {count: decoder(damaged(code, map_, set(own[:count]))) for count in (most, most + 1, most + 2, half)}
    assert found[most] == [text]
    assert all(texts in ([text], []) for texts in found.values()), found
    assert found[half] == []


@EACH
def test_no_damage_makes_another_text_of_a_label(decoder: Decoder) -> None:
    """Of growing damage on a whole label, each decoder reads the link or nothing."""
    dots, link = to_image(tag().alone(SERIAL)), tag().link(SERIAL)
    hurt = [damage.gain(damage.fine(dots), step, step) for step in (4, 6, 8)]
    hurt += [damage.fine(damage.specks(damage.missing(dots, step), step)) for step in (5, 15, 30)]
    found = [decoder(picture.reduce(2)) for picture in hurt]
    assert all(texts in ([link], []) for texts in found), found
    assert found[-1] == [], "the damage is too small to show anything"


# --- two at once ------------------------------------------------------------------------------------------------------


def test_two_decoders_read_as_one() -> None:
    assert read_by_two(label()) == tag().link(SERIAL)


def test_two_decoders_want_a_code() -> None:
    with pytest.raises(AssertionError, match="expected one code, got"):
        read_by_two(Image.new("L", (300, 200), 255))


@pytest.mark.parametrize(
    ("one", "other"), [(["a"], ["b"]), (["a"], []), ([], ["a"]), (["a", "a"], ["a"]), (["a", "b"], ["b", "a"])]
)
def test_two_decoders_refuse_what_they_see_differently_and_a_second_code(
    one: list[str], other: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.kits.decoders.DECODERS", {"zxing-cpp": lambda _: one, "zbar": lambda _: other})
    with pytest.raises(AssertionError, match="expected"):
        read_by_two(label())


def test_the_decoder_in_this_process_is_the_pinned_one() -> None:
    assert version("zxing-cpp") == "3.1.1"
