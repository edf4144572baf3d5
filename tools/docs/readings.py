"""What three decoders read of damaged codes is recorded here, because measuring it takes minutes (`make decoders`).

`docs/proof/decoders.json` holds for each symbol, damage and decoder a word for each step, and in a word a letter for
each look (`tests/kits/looks.py`): 1 the right text, 0 nothing. A step is read if most looks are. Looks are asked until
that is settled, and steps until one is not read; of dot gain all looks are asked, until none is read any more. The same
symbol is measured once, whatever templates it stands on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import takewhile
from typing import Any

from PIL import Image

from edge_agent.quality.grade import Target, target_of
from edge_agent.quality.survive import DAMAGES, Damage
from edge_agent.render.plan import LabelPlan
from edge_agent.render.raster import PAPER
from tests.kits.decoders import DECODERS, SCRIPT
from tests.kits.looks import LOOKS, seen
from tools.docs.gallery import ROOT, SERIAL

FILE = ROOT / "docs" / "proof" / "decoders.json"
MOST = len(LOOKS) // 2 + 1
REMEDY = "run make decoders"
BY_LOOK = "gain"
"""The damage of which every look is asked."""

Words = Mapping[str, tuple[str, ...]]
"""By damage and decoder (`gain zbar`), a word for each step that was tried."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A symbol on a label for `dpi`, and the text in it; `only` is the key of the one damage to try, if not all are."""

    target: Target
    dpi: int
    link: str
    only: str = ""

    @property
    def key(self) -> str:
        """The first 16 hex digits of SHA-256 over all that a decoder can tell apart."""
        facts = f"{self.link} {self.dpi} {self.target.module_dots} {self.target.dots.size} {self.only}"
        return hashlib.sha256(facts.encode() + self.target.dots.tobytes()).hexdigest()[:16]


def subject(plan: LabelPlan, dpi: int) -> Subject:
    """The symbol on labels of this plan, which is for `dpi`, and its quiet zone. What lies beyond is made paper, so
    that a neighbour may move and figures stay."""
    target = target_of(plan, plan.alone(SERIAL))
    beyond, side = target.module_dots, target.dots.width
    dots = Image.new("1", target.dots.size, PAPER)
    inner = (beyond, beyond, side - beyond, side - beyond)
    dots.paste(target.dots.crop(inner), inner)
    return Subject(replace(target, dots=dots), dpi, plan.link(SERIAL))


def enlarged(one: Subject, module_dots: int, dpi: int, only: str) -> Subject:
    """The same symbol with modules of so many dots, on a label for `dpi`."""
    side = one.target.dots.width // one.target.module_dots
    dots = one.target.dots.resize((side, side), Image.Resampling.NEAREST)
    dots = dots.resize((side * module_dots,) * 2, Image.Resampling.NEAREST)
    return Subject(Target(dots, 0, 0, module_dots, one.target.map, one.target.dark), dpi, one.link, only)


# --- measuring --------------------------------------------------------------------------------------------------------


def words(one: Subject) -> dict[str, tuple[str, ...]]:
    """All that is recorded of one symbol."""
    damages = [damage for damage in DAMAGES if one.only in ("", damage.key)]
    told: dict[str, list[str]] = {f"{damage.key} {decoder}": [] for damage in damages for decoder in DECODERS}
    for damage in damages:
        going = list(DECODERS)
        for step in damage.steps:
            views = Views(one, damage, step)
            for decoder in going:
                told[f"{damage.key} {decoder}"].append(views.word(decoder))
            going = [decoder for decoder in going if _goes_on(damage, told[f"{damage.key} {decoder}"][-1])]
    return {name: tuple(tried) for name, tried in told.items()}


def _goes_on(damage: Damage, word: str) -> bool:
    return "1" in word if damage.key == BY_LOOK else is_read(word)


def is_read(word: str) -> bool:
    """Whether the right text was read in most looks."""
    return word.count("1") >= MOST


class Views:
    """One step of one damage to a symbol, in every look; a look is drawn when it is asked for the first time."""

    def __init__(self, one: Subject, damage: Damage, step: int) -> None:
        self._one, self._whole = one, damage.key == BY_LOOK
        self._picture = damage.done(one.target, step)
        self._look = cache(self._drawn)

    def _drawn(self, number: int) -> Image.Image:
        return seen(self._picture, self._one.dpi, LOOKS[number])

    def word(self, decoder: str) -> str:
        """What a decoder reads, a letter for each look that was asked.

        Raises:
            AssertionError: it read another text than there is.
        """
        word = ""
        while len(word) < len(LOOKS) and (self._whole or not _settled(word)):
            texts = DECODERS[decoder](self._look(len(word)))
            assert texts in ([], [self._one.link]), f"{decoder} misread {self._one.link} as {texts}"
            word += str(len(texts))
        return word


def _settled(word: str) -> bool:
    return is_read(word) or word.count("0") > len(LOOKS) - MOST


def record(subjects: Iterable[Subject]) -> Iterator[str]:
    """Bring the file to these symbols and no others, two at a time; tells each that was measured, by its key. What is
    recorded is not measured again unless decoders, looks or steps are others."""
    each = {one.key: one for one in subjects}
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    old = _split(kept["symbols"]) if kept.get("made_with") == made_with() else {}
    done = {key: old[key] for key in each if key in old}
    save(done)
    with ProcessPoolExecutor(2) as pool:
        asked = {pool.submit(words, one): key for key, one in each.items() if key not in done}
        for answer in as_completed(asked):
            done[asked[answer]] = answer.result()
            save(done)
            yield asked[answer]


# --- the file ---------------------------------------------------------------------------------------------------------


def made_with() -> dict[str, Any]:
    """What the figures hang on beside the symbols: a record made with anything else has to be made again."""
    lock = json.loads((SCRIPT.parent / "package-lock.json").read_bytes())["packages"]
    pinned = {name.removeprefix("node_modules/"): facts["version"] for name, facts in lock.items() if name}
    return {
        "decoders": {"zxing-cpp": version("zxing-cpp"), **pinned},
        "looks": [str(look or "exact dots") for look in LOOKS],
        "steps": {damage.key: " ".join(map(str, damage.steps)) for damage in DAMAGES},
    }


def save(symbols: Mapping[str, Words]) -> None:
    """Write the file, a line for each damage and decoder."""
    told = {key: {name: " ".join(tried) for name, tried in symbols[key].items()} for key in sorted(symbols)}
    text = json.dumps({"made_with": made_with(), "symbols": told}, indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8", newline="\n")


@cache
def recorded() -> Mapping[str, Words]:
    """The words of each symbol by its key.

    Raises:
        LookupError: they were made with other decoders, looks or steps.
    """
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    if kept["made_with"] != made_with():
        raise LookupError(f"{FILE.name}: expected a record made with {made_with()}, got {kept['made_with']}; {REMEDY}")
    return _split(kept["symbols"])


def _split(symbols: Mapping[str, Mapping[str, str]]) -> dict[str, Words]:
    return {key: {name: tuple(told.split()) for name, told in one.items()} for key, one in symbols.items()}


def words_of(one: Subject, name: str) -> Words:
    """What was recorded of a symbol; `name` says whose it is.

    Raises:
        LookupError: nothing was.
    """
    if one.key not in recorded():
        raise LookupError(f"{FILE.name}: expected the code of {name} ({one.key}), got no such symbol; {REMEDY}")
    return recorded()[one.key]


# --- figures ----------------------------------------------------------------------------------------------------------


def borne(told: Words, damage: Damage, decoder: str) -> int | None:
    """The last step before the first that a decoder does not read; None if it is the first."""
    return _last(damage, map(is_read, told[f"{damage.key} {decoder}"]))


def weakest(told: Words, damage: Damage) -> int | None:
    """The least of what all decoders bear."""
    steps = [borne(told, damage, decoder) for decoder in DECODERS]
    return None if None in steps else min(step for step in steps if step is not None)


def borne_in_look(told: Words, damage: Damage, decoder: str, number: int) -> int | None:
    """The same in one look alone; known of `BY_LOOK`."""
    return _last(damage, (word[number] == "1" for word in told[f"{damage.key} {decoder}"]))


def _last(damage: Damage, read: Iterable[bool]) -> int | None:
    count = len(list(takewhile(bool, read)))
    return damage.steps[count - 1] if count else None
