"""What each decoder reads of the codes, for `docs/label-quality.md`.

    python -m tools.docs.decoders        (make decoders, which writes the page too)

measures the symbols of all templates that are not in `docs/proof/decoders.json`; remove that file to measure them all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import takewhile

from edge_agent.quality.grade import grade
from edge_agent.quality.survive import DAMAGES, Damage
from edge_agent.render.plan import LabelPlan
from tests.kits.decoders import DECODERS
from tests.kits.looks import LOOKS, MM_PER_INCH, Look
from tools.docs.quality import Measured, chosen, head_of, step_of, table
from tools.docs.readings import BY_LOOK, Subject, borne, borne_in_look, enlarged, record, subject, words_of

GAIN = next(damage for damage in DAMAGES if damage.key == BY_LOOK)
_HEADS = ["模板 template", "dpi", "X"]
_SIZE_HEADS = ["dpi", "X", "评级 C · grade C", "多数看法 · most looks", "最不利的看法 · the least lucky look"]
MODULES = {203: (3, 4, 5), 300: (4, 5, 6, 7)}
"""Modules that are compared, in dots, by resolution."""


def parts(found: Sequence[Measured]) -> dict[str, str]:
    """The generated parts by name."""
    coded = [one for one in found if one.words]
    return {
        "sizes": table(_SIZE_HEADS, map(_size, sizes())),
        "decoders": table(_HEADS + [head_of(kind) for kind in DAMAGES], [list(_by_damage(one)) for one in coded]),
        "looks": table(_HEADS + [_name(look) for look in LOOKS], [list(_by_look(one)) for one in coded]),
    }


def _by_damage(one: Measured) -> Iterator[str]:
    yield from _label(one)
    for kind in DAMAGES:
        yield _each(kind, [borne(one.words, kind, decoder) for decoder in DECODERS])


def _by_look(one: Measured) -> Iterator[str]:
    yield from _label(one)
    for number in range(len(LOOKS)):
        yield _each(GAIN, [borne_in_look(one.words, GAIN, decoder, number) for decoder in DECODERS])


def _size(one: Subject) -> list[str]:
    target, words = one.target, words_of(one, f"a module of {one.target.module_dots} dots")
    graded = max(takewhile(lambda step: grade(GAIN.done(target, step), target).passes, GAIN.steps), default=None)
    most = [borne(words, GAIN, decoder) for decoder in DECODERS]
    least = [
        min(borne_in_look(words, GAIN, decoder, number) or 0 for number in range(len(LOOKS))) or None
        for decoder in DECODERS
    ]
    x = f"{target.module_dots} 点 = {target.module_dots / one.dpi * MM_PER_INCH:.3f} mm"
    return [str(one.dpi), x, step_of(GAIN, graded), _each(GAIN, most), _each(GAIN, least)]


def _label(one: Measured) -> Iterator[str]:
    plan = one.label.layout
    assert isinstance(plan, LabelPlan)
    yield f"`{one.case.template}`"
    yield str(one.case.dpi)
    yield f"{plan.symbol.module_dots} 点"


def _each(kind: Damage, steps: Sequence[int | None]) -> str:
    """One figure where all are alike, else one for each decoder in their order."""
    told = [step_of(kind, step) for step in steps]
    return told[0] if len(set(told)) == 1 else " · ".join(told)


def _name(look: Look | None) -> str:
    if look is None:
        return "原样 exact dots"
    return f"{look.px_per_mm} px/mm<br>{look.degrees}°<br>σ {look.soft_px:g} px<br>{look.light_percent}%"


def sizes() -> list[Subject]:
    """One symbol in the modules that are compared, gain only."""
    one = next(subject(label.layout, case.dpi) for case, label in chosen() if isinstance(label.layout, LabelPlan))
    return [enlarged(one, dots, dpi, BY_LOOK) for dpi, each in MODULES.items() for dots in each]


def subjects() -> list[Subject]:
    """The symbols of all templates at all resolutions."""
    return [subject(one.layout, case.dpi) for case, one in chosen() if isinstance(one.layout, LabelPlan)]


def main() -> None:
    """Measure what is missing, and say so."""
    begun = time.monotonic()
    for key in record(subjects() + sizes()):
        print(f"{key} measured after {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
