"""These rules say where a line of text may end: Chinese typesetting, with Latin words, numbers and units between.

A token is what should stay on one line: a Latin word, a number with its unit, a standard's number with its letters, a
fibre with its percent, a term of the law, a character with the signs that may not leave it. A token that no line can
hold is cut where it hurts least: between its words, then after the joints of a long word, then between characters, and
the signs hold out longest.

References:
    GB/T 15834-2011 (general rules for punctuation), 5.1: which signs stand at no line's start, which at no line's end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from edge_agent.render.type.fonts import Face

_CLOSING = frozenset("，。、；：！？）】》〉」』〕〗｝］﹞”’％‰℃℉°′″…·～—–，．,.;:!?)]}/%»々")
"""Signs that stand at no line's start: what closes, joins or follows a number."""
_OPENING = frozenset("（【《〈「『〔〖｛［﹝“‘([{«¥￥$＄€£№§＃#≥≤≈＞＜")
"""Signs that stand at no line's end: what opens, or leads a number."""

_SPACES = " \u2000-\u2006\u2008-\u200a\u205f\u3000"
"""Spaces that a line may end at; the no-break ones are part of a word."""
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
_WORD = r"[!-~\u00a0-\u02af\u0370-\u04ff\u1e00-\u1eff\u2007\u202f]"
_PERCENT = r"[0-9][0-9.]*[ ]?[%％]"
_TERM = r"婴幼儿用品|婴幼儿|羽绒服|[鹅鸭]绒|山?羊绒|绵?羊毛"
"""Words of the trade and of the law: half of one is another thing, or nothing."""
_ATOM = rf"(?:[,;:!?)\]}}]+|{_WORD}+|.)[{_SPACES}]*"
_ATOMS = re.compile(_ATOM, re.DOTALL)
_TOKENS = re.compile(
    rf"(?:{_HAN}{{1,8}}[ ]?[(（]?{_PERCENT}|{_PERCENT}[ ]?{_HAN}{{1,8}}(?!{_HAN})|{_TERM})[{_SPACES}]*|{_ATOM}",
    re.DOTALL,
)
"""A fibre and its percent, either first: 锦纶 70%, 70%锦纶. No fibre's name is longer than eight characters."""

_DIGITS = frozenset("0123456789")
_UNIT = re.compile(
    r"(?:[kmµμ]?g|[kcmµμn]?m[²³]?|m?[lL]|d?tex|[DNsS]|mm/s|[号室楼层栋幢座弄巷件条双只套片支克码岁年月日次])"
    r"(?![A-Za-z0-9])"
)
_DESIGNATION = re.compile(r"(?:^|[^A-Za-z0-9])[A-Z]{1,3}[0-9]{0,6}(?:/[A-Z0-9]{1,10})?$")
"""The letters of a standard, before its number: GB/T, DB33/T, Q/SL."""
_STANDARD = re.compile(r"[A-Z]{1,3}(?:/[A-Z0-9]{1,10})?[ ]?[0-9][0-9.]*-[0-9]{4}$")
_CLASS = re.compile(r"[A-C](?![A-Za-z0-9])")
_LETTER = re.compile(r"(?:^|[^A-Za-z])[A-Z]$")
_LETTERED = frozenset("类级型款区座栋")
_AFTER_JOINT = re.compile(r"[^-/_.@?&=,:~+]*[-/_.@?&=,:~+]+|[^-/_.@?&=,:~+]+")


_CHINESE = re.compile(_HAN)


def has_chinese(text: str) -> bool:
    """Whether one of its characters is a Chinese one; signs are not."""
    return _CHINESE.search(text) is not None


def tokens(text: str) -> tuple[str, ...]:
    """`text` cut where a line should end; joined again they are `text`."""
    return _glued(_TOKENS.findall(text), _sticks)


def joints(word: str) -> tuple[str, ...]:
    """A long word cut after its joints, as a line that cannot hold it cuts it: YR2026-, 0801."""
    return _glued(_AFTER_JOINT.findall(word), _signs_stick)


def wrap(words: Sequence[str], face_: Face, width_dots: int) -> list[str]:
    """Greedy lines of at most `width_dots`, without the spaces at their ends; a word that no line can hold is cut. Only
    a single character may be wider."""
    lines = [""]
    for word in words:
        for piece in _fitting(word, face_, width_dots):
            if face_.width_dots((lines[-1] + piece).rstrip()) <= width_dots:
                lines[-1] += piece
            else:
                lines.append(piece)
    return [stripped for line in lines if (stripped := line.strip())]


def wrap_evenly(words: Sequence[str], face_: Face, width_dots: int, lonely_dots: int | None = None) -> list[str]:
    """`wrap`, but a last line shorter than `lonely_dots` (a third of the width) takes some from the lines before."""
    lines = wrap(words, face_, width_dots)
    lonely_dots = width_dots // 3 if lonely_dots is None else lonely_dots
    narrower = width_dots - face_.height_dots
    while len(lines) > 1 and face_.width_dots(lines[-1]) < lonely_dots and narrower > width_dots // 2:
        if len(again := wrap(words, face_, narrower)) > len(lines):
            break
        lines, narrower = again, narrower - face_.height_dots
    return lines


def _sticks(before: str, after: str) -> bool:
    """Whether a line should not end between the two."""
    return (
        _sticks_hard(before, after)
        or bool(_DESIGNATION.search(before.rstrip()) and after[0] in _DIGITS)
        or bool(_STANDARD.search(before.rstrip()) and _CLASS.match(after))
    )


def _sticks_hard(before: str, after: str) -> bool:
    """Signs, numbers and their units, letters and what they name."""
    end = before.rstrip()
    return (
        _signs_stick(before, after)
        or bool(end[-1:] in _DIGITS and _UNIT.match(after))
        or bool(_LETTER.search(end) and after[0] in _LETTERED)
        or (end == "第" and after[0] in _DIGITS)
    )


def _signs_stick(before: str, after: str) -> bool:
    """Whether signs forbid that a line ends between the two."""
    return after[0] in _CLOSING or before.rstrip()[-1:] in _OPENING


def _glued(atoms: Iterable[str], sticks: Callable[[str, str], bool]) -> tuple[str, ...]:
    glued: list[str] = []
    for atom in atoms:
        if glued and sticks(glued[-1], atom):
            glued[-1] += atom
        else:
            glued.append(atom)
    return tuple(glued)


_Cut = Callable[[str], Iterable[str]]
_CUTS: tuple[_Cut, ...] = (
    lambda word: _glued(_ATOMS.findall(word), _sticks_hard),
    lambda word: _glued(_ATOMS.findall(word), _signs_stick),
    joints,
    lambda word: _glued(word, _signs_stick),
    lambda word: word,
)
"""Ways to cut a word that no line can hold, the mildest first."""


def _fitting(word: str, face_: Face, width_dots: int, cuts: Sequence[_Cut] = _CUTS) -> list[str]:
    """The word, or pieces of it that a line can hold."""
    if not cuts or face_.width_dots(word.strip()) <= width_dots:
        return [word]
    return [piece for part in cuts[0](word) for piece in _fitting(part, face_, width_dots, cuts[1:])]
