"""Each measure moves with its own damage and with no other; the grade is the worst of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from PIL import Image

from edge_agent.quality import damage
from edge_agent.quality.grade import Report, Target, grade, growth, judge, reflectances, without_columns
from edge_agent.quality.limits import CONTRAST, FIXED, MEASURES, MODULATION, PASS, QUIET, UNUSED
from edge_agent.quality.survive import DAMAGES, survives, undamaged, worst_column
from edge_agent.render.patches.qr_code import QUIET_MODULES
from tests.kits.quality_kit import SERIAL, tag, target

PERFECT = {measure.key: 1.0 for measure in MEASURES}


def graded(picture: Image.Image, dpi: int = 203) -> Report:
    return grade(picture, target(dpi))


def values(key: str, pictures: Sequence[Image.Image]) -> list[float]:
    return [graded(picture).values[key] for picture in pictures]


def falls(found: Sequence[float]) -> bool:
    """Never rises, and is lower at the end."""
    return all(after <= before for before, after in pairwise(found)) and found[-1] < found[0]


def sharp() -> Image.Image:
    return damage.fine(target().dots)


def shifted(light: bytes, places: Sequence[int], level: int) -> bytes:
    """The light of a perfect symbol, but for the modules at these places."""
    changed = bytearray(light)
    for place in places:
        changed[place] = level
    return bytes(changed)


# --- the whole --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_perfect_label_has_the_best_grade_in_everything(dpi: int) -> None:
    report = undamaged(tag(dpi), tag(dpi).alone(SERIAL))
    assert report.values == PERFECT
    assert set(report.grades.values()) == {4}
    assert report.overall == 4
    picture = damage.fine(target(dpi).dots)
    assert (growth(picture, target(dpi)).across, growth(picture, target(dpi)).feed) == (0, 0)


def test_the_modules_are_those_that_the_symbol_was_drawn_from() -> None:
    plan, found = tag(), target()
    quiet, side = QUIET_MODULES, found.map.side
    label = plan.alone(SERIAL)
    step, box = plan.symbol.module_dots, plan.symbol_box
    for y in range(plan.symbol.modules):
        for x in range(plan.symbol.modules):
            ink = label.rows[(box.top_dots + y * step) * -(-label.width_dots // 8) + (box.left_dots + x * step) // 8]
            dark = bool(ink & 0x80 >> (box.left_dots + x * step) % 8)
            assert dark is ((y + quiet) * side + x + quiet in found.dark)


def test_the_overall_grade_is_the_worst() -> None:
    report = Report(PERFECT, {CONTRAST.key: 4, QUIET.key: 2})
    assert (report.overall, report.passes) == (2, True)
    assert not Report(PERFECT, {CONTRAST.key: 4, QUIET.key: 1}).passes
    assert PASS == 1.5


def test_limits_are_reached_at_their_value() -> None:
    for measure in MEASURES:
        assert [measure.grade(least) for least in measure.least] == [4, 3, 2, 1]
        assert [measure.grade(least - 0.001) for least in measure.least] == [3, 2, 1, 0]


def test_each_limit_says_what_it_rests_on() -> None:
    for measure in MEASURES:
        assert measure.status in {"C2", "ours"}
        assert measure.status == "ours" or measure.source


def test_a_picture_of_one_grey_fails() -> None:
    report = judge(bytes([128]) * target().map.side ** 2, target())
    assert report.overall == 0


# --- each measure and its damage --------------------------------------------------------------------------------------


def test_contrast_falls_with_pale_ink_and_dark_paper_alone() -> None:
    steps = range(0, 81, 10)
    pale = [damage.pale(sharp(), ink_percent=percent) for percent in steps]
    dark = [damage.pale(sharp(), paper_percent=100 - percent) for percent in steps]
    for pictures in (pale, dark):
        assert values(CONTRAST.key, pictures) == pytest.approx([1 - percent / 100 for percent in steps], abs=0.01)
        for picture in pictures:
            report = graded(picture)
            assert {key: value for key, value in report.values.items() if key != CONTRAST.key} == pytest.approx(
                {key: 1.0 for key in PERFECT if key != CONTRAST.key}, abs=0.02
            )
            assert growth(picture, target()).across == growth(picture, target()).feed == 0
    other = [damage.gain(sharp(), 3, 3), damage.loss(sharp(), 3, 3), damage.fine(damage.specks(target().dots, 2))]
    assert values(CONTRAST.key, other) == [1.0] * 3


@pytest.mark.parametrize(
    "hurt",
    [
        lambda n: damage.gain(sharp(), n, n),
        lambda n: damage.loss(sharp(), n, n),
        lambda n: damage.blur(sharp(), n),
        lambda n: damage.fine(damage.missing(target().dots, 3 * n)),
    ],
    ids=["gain", "loss", "blur", "missing"],
)
def test_modulation_falls_with_whatever_blurs_the_modules(hurt: Callable[[int], Image.Image]) -> None:
    assert falls(values(MODULATION.key, [hurt(step) for step in range(7)]))


@pytest.mark.parametrize("module", ["dark", "light"])
def test_one_weak_module_is_repaired_and_many_are_not(module: str) -> None:
    """Modulation is graded by what would be left of the error correction if all weak modules were wrong."""
    found, light = target(), reflectances(sharp(), target())
    weak = 255 * 2 // 5 if module == "dark" else 255 * 3 // 5  # a fifth of the way from the threshold
    places = [place for place in found.map.codeword if (place in found.dark) is (module == "dark")]
    one = judge(shifted(light, places[:1], weak), found)
    assert one.values[MODULATION.key] == pytest.approx(0.2, abs=0.01)
    assert one.values[UNUSED.key] == 1.0
    assert one.grades[MODULATION.key] == 4
    many = judge(shifted(light, places, weak), found)
    assert many.values[UNUSED.key] == 1.0, "on the right side of the threshold, all of them"
    assert many.grades[MODULATION.key] == 1


def test_unused_error_correction_counts_wrong_codewords_of_the_worst_block() -> None:
    found, light = target(), reflectances(sharp(), target())
    assert len(found.map.repairs) == 2
    for count in range(1, 12):
        own = [codeword for codeword, block in enumerate(found.map.block) if block == 1][:count]
        wrong = [place for place, codeword in found.map.codeword.items() if codeword in own]
        turned = bytearray(light)
        for place in wrong:
            turned[place] = 255 - turned[place]
        report = judge(bytes(turned), found)
        assert report.values[UNUSED.key] == pytest.approx(max(0, 1 - count / found.map.repairs[1]))
        assert report.grades[UNUSED.key] == UNUSED.grade(1 - count / found.map.repairs[1])
        assert report.values[FIXED.key] == report.values[QUIET.key] == 1.0


def test_fixed_patterns_fall_by_their_own_modules_alone() -> None:
    found, light = target(), reflectances(sharp(), target())
    for name, places in found.map.fixed.items():
        turned = bytearray(light)
        place = min(places)
        turned[place] = 255 - turned[place]
        report = judge(bytes(turned), found)
        assert report.values[FIXED.key] == pytest.approx(1 - 1 / len(places)), name
        assert report.values[UNUSED.key] == report.values[QUIET.key] == 1.0
        assert report.grades[FIXED.key] < 4
        assert report.grades[MODULATION.key] == 4


def test_the_quiet_zone_is_as_good_as_its_worst_module() -> None:
    found, light = target(), reflectances(sharp(), target())
    for level, least in ((255, 4), (166, 2), (140, 0), (0, 0)):
        for place in (min(found.map.quiet), max(found.map.quiet)):
            report = judge(shifted(light, [place], level), found)
            assert report.grades[QUIET.key] == least
            assert report.values[MODULATION.key] == 1.0, "that of the symbol's own modules"
            others = {key: grade_ for key, grade_ in report.grades.items() if key != QUIET.key}
            assert set(others.values()) == {4}


def test_what_lies_on_the_quiet_zone_is_seen_on_all_four_sides() -> None:
    found = target()
    step, far = found.module_dots, found.dots.width
    for at in ((step, far // 2), (far - 2 * step, far // 2), (far // 2, step), (far // 2, far - 2 * step)):
        dots = found.dots.copy()
        dots.paste(255, (*at, at[0] + step, at[1] + step))
        assert grade(damage.fine(dots), found).grades[QUIET.key] == 0


def test_growth_is_measured_along_each_axis_and_by_nothing_else() -> None:
    for quarters in range(1, 5):
        share = 2 * quarters / (4 * target().module_dots)
        grown, shrunk = damage.gain(sharp(), quarters, 0), damage.loss(sharp(), 0, quarters)
        assert growth(grown, target()).across == pytest.approx(share)
        assert growth(grown, target()).feed == 0
        assert growth(shrunk, target()).across == 0
        assert growth(shrunk, target()).feed == pytest.approx(-share)
    soft = growth(damage.blur(sharp(), 0.3 * target().module_px), target())
    pixel = 1 / (4 * target().module_dots)  # half of the least gain above: an edge between pixels may fall either way
    assert abs(soft.across) <= pixel >= abs(soft.feed)


def test_a_module_of_one_dot_does_not_bear_a_gain_of_one_dot_and_a_larger_one_does() -> None:
    fat = target()
    one = fat.dots.resize((fat.dots.width // fat.module_dots,) * 2, Image.Resampling.NEAREST)
    thin = Target(one, 0, 0, 1, fat.map, fat.dark)
    assert grade(damage.fine(one), thin).overall == 4
    assert grade(damage.gain(damage.fine(one), 4, 4), thin).overall == 0
    wide = target(300)
    assert wide.module_dots == 6
    assert grade(damage.gain(damage.fine(wide.dots), 4, 4), wide).overall == 4


def test_the_light_of_a_module_is_that_of_its_middle() -> None:
    """Ink on a module's rim only is not in the aperture; the aperture lies alike on both sides."""
    found = target()
    step = found.module_dots
    lights = []
    for column in range(step):
        dots = Image.new("1", found.dots.size)
        dots.paste(255, (step * 10 + column, 0, step * 10 + column + 1, found.dots.height))
        lights.append(reflectances(damage.fine(dots), found)[9])
    assert lights == lights[::-1]
    assert lights[0] > lights[1]
    assert reflectances(damage.fine(Image.new("1", found.dots.size)), found)[9] == 255


# --- dead columns -----------------------------------------------------------------------------------------------------


def test_looking_at_the_modules_about_dead_columns_is_looking_at_all() -> None:
    found = target()
    light = reflectances(sharp(), found)
    for first in range(0, found.dots.width - 3, 7):
        for count in (1, 3, 6):
            whole = reflectances(damage.fine(damage.dead(found.dots, first, count)), found)
            assert without_columns(light, found, first, count) == whole, (first, count)


@pytest.mark.parametrize("count", [1, 2])
def test_no_place_for_dead_columns_is_worse_than_the_worst(count: int) -> None:
    found = target()
    first = worst_column(found, count)
    worst = grade(damage.fine(damage.dead(found.dots, first, count)), found)
    start = (QUIET_MODULES + 1) * found.module_dots
    everywhere = range(start, found.dots.width - start, 3)
    others = [grade(damage.fine(damage.dead(found.dots, place, count)), found) for place in everywhere]
    assert worst.overall <= min(other.overall for other in others) < max(other.overall for other in others)


# --- survival ---------------------------------------------------------------------------------------------------------


def test_each_kind_of_damage_grows_and_is_reported_up_to_its_first_failure() -> None:
    found = {one.damage.key: one for one in survives(tag(), tag().alone(SERIAL))}
    assert list(found) == [kind.key for kind in DAMAGES]
    for kind in DAMAGES:
        reports = [grade(kind.done(target(), step), target()) for step in kind.steps]
        assert falls([4, *(report.overall for report in reports)]), kind.key
        grades = [report.passes for report in reports]
        good = grades.index(False) if False in grades else len(grades)
        assert found[kind.key].graded == (kind.steps[good - 1] if good else None), kind.key
        assert found[kind.key].beyond is (good == len(grades))


def test_smaller_modules_survive_less_of_what_a_dot_does() -> None:
    small = {one.damage.key: one for one in survives(tag(203), tag(203).alone(SERIAL))}
    large = {one.damage.key: one for one in survives(tag(300), tag(300).alone(SERIAL))}
    for key in ("gain", "gain_feed", "loss", "dead", "specks"):
        assert (large[key].graded or 0) > (small[key].graded or 0), key
    for key in ("pale_ink", "dark_paper"):
        assert large[key].graded == small[key].graded


def test_the_worst_column_is_told_as_a_column_of_the_label() -> None:
    plan = tag()
    dead = next(one for one in survives(plan, plan.alone(SERIAL)) if one.damage.key == "dead")
    assert dead.worst is not None
    assert plan.symbol_box.left_dots - 1 < dead.worst < plan.symbol_box.right_dots
