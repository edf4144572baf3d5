"""docs/verdicts.md tells each verdict with the words that a consumer reads."""

from __future__ import annotations

from pathlib import Path

from central_registry.consumer.garment_facts import WORDS
from central_registry.ingest.verdict import Against, codes_verdict, facts_verdict, reasons

PAGE = (Path(__file__).parents[3] / "docs" / "verdicts.md").read_text("utf-8")


def test_every_verdict_is_told_with_its_words() -> None:
    kinds = reasons(int(sum(Against)))
    assert {*kinds, "certificate_differs"} == WORDS["reason"].keys()
    words = [facts_verdict(one) for one in (None, 0, 1, 2)]
    assert {*words, "imported"} == WORDS["facts"].keys(), "imported: said of codes of a former platform alone"
    told = {codes_verdict(int(one)) for one in (Against(0), *Against)}
    missing = [name for name in (*kinds, *words, *told) if f"`{name}`" not in PAGE and name != "facts_differ"]
    assert missing == []
    shown = [text[0] for table in ("reason", "facts") for name, text in WORDS[table].items() if name != "differ"]
    shown += [text[0].partition("{day}")[2] for text in WORDS["certificate"].values()]
    assert [text for text in shown if text not in PAGE] == []


def test_a_code_has_one_word_and_the_gravest_wins() -> None:
    assert codes_verdict(int(Against.FACTS_DIFFER)) == "registered", "facts are another verdict"
    assert codes_verdict(int(Against.NOT_ALLOTTED | Against.OTHER_FIRM)) == "not_entitled"
    assert codes_verdict(int(Against.NOT_ENTITLED | Against.TOLD_AFTER_COPY)) == "told_after_revocation"
