"""Says a thing in both languages: Chinese first, English beside it and smaller. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One sentence or name in both; English may be empty, Chinese never is."""

    zh: str
    en: str = ""


def of_sentence(sentence: str) -> Words:
    """Both languages of a sentence as errors hold it, `中文 · English`; one without Chinese stands in English alone."""
    zh, _, en = sentence.partition(" · ")
    return Words(zh, en)
