"""The record of what decoders read: what counts as read, when no more is asked, when it has to be made again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from edge_agent.quality import damage
from edge_agent.quality.survive import DAMAGES
from tests.kits.decoders import DECODERS
from tests.kits.looks import LOOKS, seen
from tests.kits.quality_kit import tag, target
from tools.docs import readings
from tools.docs.readings import (
    Views,
    borne,
    borne_in_look,
    is_read,
    record,
    recorded,
    subject,
    weakest,
    words,
    words_of,
)

GAIN = next(kind for kind in DAMAGES if kind.key == "gain")
DIRT = next(kind for kind in DAMAGES if kind.key == "specks")


class Says:
    """A decoder that answers by a list, a letter for each picture, and then with silence; `x` is a wrong text."""

    def __init__(self, letters: str = "") -> None:
        self.asked, self._letters = 0, letters

    def __call__(self, _picture: Image.Image) -> list[str]:
        self.asked += 1
        letter = (self._letters + "0" * self.asked)[self.asked - 1]
        return {"1": [tag().link(readings.SERIAL)], "0": [], "x": ["HTTPS://ID.EXAMPLE.CN/ELSEWHERE"]}[letter]


@pytest.fixture
def one() -> readings.Subject:
    return subject(tag(), 203)


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Says:
    """The only decoder there is; tests put its answers in."""
    only = Says()
    monkeypatch.setattr(readings, "DECODERS", {"only": only})
    return only


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ("1111", "1111"),
        ("101101", "101101"),
        ("000", "000"),
        ("110100", "110100"),
        ("011011", "011011"),
        ("1000", "1000"),
    ],
)
def test_looks_are_asked_until_it_is_settled(one: readings.Subject, says: Says, answers: str, word: str) -> None:
    says._letters = answers + "111111"
    assert Views(one, DIRT, 1).word("only") == word
    assert says.asked == len(word)
    assert is_read(word) is (word.count("1") > 3)


def test_of_gain_all_looks_are_asked(one: readings.Subject, says: Says) -> None:
    says._letters = "111101"
    assert Views(one, GAIN, 1).word("only") == "111101"


def test_another_text_is_no_reading(one: readings.Subject, says: Says) -> None:
    says._letters = "11x"
    with pytest.raises(AssertionError, match=r"only misread https://ID.EXAMPLE.CN/01/.* as .*ELSEWHERE"):
        Views(one, DIRT, 1).word("only")


def test_no_step_is_tried_after_one_that_is_not_read_and_of_gain_after_one_of_which_nothing_is(
    one: readings.Subject, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "DAMAGES", (DIRT, GAIN))
    says._letters = "1111" + "000" + "111111" + "000001"
    told = words(one)
    assert told == {"specks only": ("1111", "000"), "gain only": ("111111", "000001", "000000")}
    assert borne(told, DIRT, "only") == DIRT.steps[0]
    assert borne(told, GAIN, "only") == GAIN.steps[0]
    assert [borne_in_look(told, GAIN, "only", number) for number in (0, 5)] == [GAIN.steps[0], GAIN.steps[1]]


def test_the_weakest_is_whoever_reads_least() -> None:
    told = {"gain zxing-cpp": ("111111", "111100"), "gain zbar": ("111111",), "gain WeChat": ("111111", "101011")}
    assert weakest(told, GAIN) == GAIN.steps[0]
    assert weakest(told | {"gain WeChat": ("000000",)}, GAIN) is None


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A record that may be written over."""
    monkeypatch.setattr(readings, "FILE", tmp_path / "decoders.json")
    recorded.cache_clear()
    yield tmp_path / "decoders.json"
    recorded.cache_clear()


def test_what_was_recorded_is_not_measured_again_and_what_is_no_longer_there_goes(
    one: readings.Subject, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"gain zbar": ("111111", "000000")}
    readings.save({one.key: told, "0123456789abcdef": told})
    monkeypatch.setattr(readings, "words", None)
    assert list(record([one])) == []
    assert recorded() == {one.key: told}
    assert words_of(one, "the tag") == told


def test_a_symbol_that_nobody_measured_is_told_with_the_remedy(one: readings.Subject, file: Path) -> None:
    readings.save({})
    with pytest.raises(LookupError, match=f"expected the code of the tag .{one.key}., got no such symbol; run make"):
        words_of(one, "the tag")


def test_a_record_of_another_decoder_has_to_be_made_again(file: Path) -> None:
    readings.save({})
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert set(kept["made_with"]["decoders"]) == {"zxing-cpp", "@undecaf/zbar-wasm", "qr-scanner-wechat"}
    kept["made_with"]["decoders"]["zxing-cpp"] = "0.0.0"
    file.write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(LookupError, match=r"0\.0\.0.*; run make decoders"):
        recorded()


def test_another_resolution_or_text_is_another_symbol(one: readings.Subject) -> None:
    assert len({one.key, subject(tag(300), 300).key, subject(tag(), 300).key}) == 3


@pytest.mark.parametrize(("place", "same"), [(0, True), (tag().symbol.module_dots, False)])
def test_what_stands_beyond_the_quiet_zone_makes_no_other_symbol(
    one: readings.Subject, place: int, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a slot may move, and nothing has to be measured again."""
    dots = target().dots.copy()
    dots.putpixel((place, dots.height // 2), 255 - int(dots.getpixel((place, dots.height // 2))))
    monkeypatch.setattr(readings, "target_of", lambda *_: replace(target(), dots=dots))
    assert (subject(tag(), 203).key == one.key) is same


# --- looks ------------------------------------------------------------------------------------------------------------


def test_a_camera_sees_so_many_pixels_of_a_millimetre_and_less_light_at_one_side() -> None:
    paper = damage.fine(Image.new("1", (203, 203), 0))
    for look in LOOKS:
        picture = seen(paper, 203, look)
        if look is None:
            assert picture.size == (406, 406)
            assert picture.getextrema() == (255, 255)
            continue
        upright = Image.new("L", (round(25.4 * look.px_per_mm),) * 2).rotate(look.degrees, expand=True)
        assert abs(picture.width - upright.width) <= 2, look
        dark, bright = (picture.getpixel((at, picture.height // 2)) for at in (1, picture.width - 2))
        assert isinstance(dark, int)
        assert isinstance(bright, int)
        assert abs(dark - 255 * look.light_percent / 100) < 6, look
        assert bright > 250


def test_every_decoder_reads_the_undamaged_symbol_in_every_look(one: readings.Subject) -> None:
    for look in LOOKS:
        picture = seen(damage.fine(one.target.dots), one.dpi, look)
        for name, decoder in DECODERS.items():
            assert decoder(picture) == [one.link], (name, look)
