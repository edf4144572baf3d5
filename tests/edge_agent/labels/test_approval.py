"""What is approved, by what was said; and what a label of it says, and is drawn by, afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.demo.play import samples
from edge_agent.errors import NotFoundError, TemplateError
from edge_agent.labels.approval import RULES, InForce, in_force, standings
from edge_agent.labels.approving import Approving
from edge_agent.labels.from_snapshot import layout_of_copies, plan_of_job
from edge_agent.labels.kept_files import KeptFiles
from edge_agent.labels.prepare import LabelTerms, LinkStyle, Prepared, prepare
from edge_agent.model.actor import Known
from edge_agent.model.review import ApprovalMode, Review, Reviewable
from edge_agent.render.templates.template import read_template
from label_protocol.chain import address
from label_protocol.errors import ConfigError, ConflictError
from label_protocol.kinds import ReviewKind, ReviewVerdict

ONE, FOUR = ApprovalMode.ONE, ApprovalMode.FOUR_EYES
TERMS = LabelTerms("2026-11-20", LinkStyle("id.example.cn"))
STEP = b'[override."D2.step"]\nvalue = 4.5\nwho = "QC"\nwhy = "own copy"\n'


def word(sha: str, by: str, verdict: str = "approved", **more: str) -> Review:
    """`sha`: one letter that stands for a version."""
    of = Reviewable(more.pop("kind", ReviewKind.TEMPLATE), more.pop("name", "card"), sha * 64)
    known = more.pop("known_by", Known.BADGE_PIN)
    return Review(of, ReviewVerdict(verdict), by, known, more.pop("allowed_by", ""), "why", "2026-11-20T08:00:00.000Z")


def current(*words: Review, mode: ApprovalMode = ONE) -> str:
    """The letter of the version in force; empty: none."""
    found = in_force(words, mode).templates.get("card")
    return found.sha256[0] if found else ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), ""),
        ((word("a", "p1"),), "a"),
        ((word("a", "p1"), word("b", "p2")), "b"),
        ((word("a", "p1"), word("b", "p2"), word("a", "p1")), "a"),
        ((word("a", "p1"), word("a", "p2", "rejected")), ""),
        ((word("a", "p1"), word("b", "p2"), word("b", "p1", "rejected")), "a"),
        ((word("a", "p1"), word("b", "p2", "rejected")), "a"),
        ((word("a", "p1", "rejected"), word("a", "p1")), "a"),
        ((word("a", "p1", known_by="stated"),), "a"),
        ((word("a", "p1", name="other"), word("b", "p1", kind=ReviewKind.OVERRIDES)), ""),
    ],
    ids=["nothing", "one", "next", "again", "withdrawn", "back", "refused", "mended", "stated", "of another"],
)
def test_the_last_version_that_was_approved_is_in_force(words: tuple[Review, ...], expected: str) -> None:
    assert current(*words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((word("a", "p1"),), ""),
        ((word("a", "p1"), word("a", "p2")), "a"),
        ((word("a", "p1"), word("a", "p1")), ""),
        ((word("a", "p1"), word("b", "p2")), ""),
        ((word("a", "p1"), word("a", "p2", "rejected"), word("a", "p1")), ""),
        ((word("a", "王芳", known_by="stated"), word("a", "李明", known_by="stated")), ""),
        ((word("a", "p1"), word("a", "t1", known_by="token")), ""),
        ((word("a", "p1", allowed_by="p2"), word("a", "p2")), ""),
        ((word("a", "p1", allowed_by="p2"), word("a", "p3")), "a"),
        ((word("a", "p1"), word("a", "p2"), word("b", "p1")), "a"),
    ],
    ids=["half", "two", "same", "split", "reset", "names", "program", "lead", "lead+1", "next"],
)
def test_four_eyes_are_those_of_two_people_who_showed_a_badge(words: tuple[Review, ...], expected: str) -> None:
    assert current(*words, mode=FOUR) == expected


def test_what_waits_for_a_second_word_says_whose_the_first_was() -> None:
    found = standings([word("a", "p1")], FOUR)[ReviewKind.TEMPLATE, "card"]
    assert [one.by for one in found.words["a" * 64]] == ["p1"] and found.in_force is None


# --- what a label says ------------------------------------------------------------------------------------------------


def a_card(folder: Path, name: str = "own_card.toml", more: bytes = b"") -> Path:
    path = folder / name
    path.write_bytes(read_template("composition_card_60x40")[0] + more)
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def approved(path: Path, who: str = "p1") -> InForce:
    of = Reviewable(ReviewKind.TEMPLATE, path.stem, sha256(path))
    return in_force([replace(word("a", who), of=of)], ONE)


def of_card(path: Path, terms: LabelTerms = TERMS) -> Prepared:
    return prepare(samples()["down_graded"], str(path), terms)


def test_a_draft_is_prepared_to_be_looked_at_and_never_to_be_printed(tmp_path: Path) -> None:
    path = a_card(tmp_path)
    found = of_card(path, replace(TERMS, in_force=InForce()))
    assert found.draft and found.require()
    with pytest.raises(ConflictError, match=r"草稿.*expected the version that a lead approved"):
        found.require_approved()
    terms = replace(TERMS, in_force=approved(path))
    assert of_card(path, terms).require_approved()
    a_card(tmp_path, more=b"\n# changed\n")
    assert of_card(path, terms).draft, "a changed file is a draft again"


def test_built_in_labels_and_sites_that_approve_nothing_need_no_word(tmp_path: Path) -> None:
    for template, terms in (("composition_card_60x40", replace(TERMS, in_force=InForce())), (a_card(tmp_path), TERMS)):
        found = prepare(samples()["down_graded"], str(template), terms)
        assert not found.draft and "approvals" not in found.require_approved()


def test_the_snapshot_names_who_approved_what_had_a_say(tmp_path: Path) -> None:
    path = a_card(tmp_path)
    rows = Approving(ONE, KeptFiles(tmp_path / "kept"), tmp_path / "rules.toml")
    digest = rows.kept.keep(STEP) if rows.kept else ""
    words = [
        replace(word("a", "p1"), of=Reviewable(ReviewKind.TEMPLATE, path.stem, sha256(path))),
        replace(word("a", "p2"), of=Reviewable(ReviewKind.OVERRIDES, RULES, digest)),
    ]
    found = of_card(path, rows.terms(TERMS, words)).require_approved()
    at = "2026-11-20T08:00:00.000Z"
    assert found["approvals"] == {
        "template": {"sha256": sha256(path), "by": [{"who": "p1", "known_by": "badge_pin", "at": at}]},
        "overrides": {"sha256": digest, "by": [{"who": "p2", "known_by": "badge_pin", "at": at}]},
    }
    assert found["template"]["version"] == sha256(path)[:16] and found["overrides"][0]["rule"] == "D2.step"
    assert address(dict(found)), "canonical"
    plain = prepare(samples()["knit_blend"], "composition_card_60x40", rows.terms(TERMS, words)).require()
    assert "approvals" not in plain, "no row of the site had a say, and the template is built in"


def test_rows_of_the_rules_are_those_that_were_approved_whatever_the_file_says(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_bytes(STEP)
    kept = KeptFiles(tmp_path / "kept")
    approving = Approving(ONE, kept, rules)
    assert approving.terms(TERMS, []).overrides == ()
    word_ = replace(word("a", "p1"), of=Reviewable(ReviewKind.OVERRIDES, RULES, kept.keep(STEP)))
    rules.write_bytes(STEP.replace(b"4.5", b"9.5"))
    assert [str(one.value) for one in approving.terms(TERMS, [word_]).overrides] == ["4.5"]
    kept.path(word_.of.sha256).write_bytes(STEP.replace(b"4.5", b"8.5"))
    with pytest.raises(ConflictError, match=r"不在本机.*copy it back from a backup"):
        approving.terms(TERMS, [word_])
    assert kept.keep(STEP) == word_.of.sha256 and approving.terms(TERMS, [word_]).overrides, "approved anew"


# --- and what it is drawn by ------------------------------------------------------------------------------------------


def test_an_older_version_is_drawn_as_it_was_approved(tmp_path: Path) -> None:
    path, kept = a_card(tmp_path), KeptFiles(tmp_path / "kept")
    kept.keep(path.read_bytes())
    snapshot = of_card(path, replace(TERMS, in_force=approved(path))).require_approved()
    then = plan_of_job(str(path), snapshot, 203, kept=kept)
    changed = path.read_bytes().replace("号型".encode(), "尺码".encode())
    path.write_bytes(changed)
    assert plan_of_job(str(path), snapshot, 203, kept=kept).background == then.background
    path.unlink()
    assert plan_of_job(str(path), snapshot, 203, kept=kept).background == then.background
    with pytest.raises(TemplateError):
        plan_of_job(str(path), snapshot, 203)
    path.write_bytes(changed)
    kept.path(snapshot["approvals"]["template"]["sha256"]).write_bytes(changed)
    with pytest.raises(NotFoundError, match="下单以后改过"):
        plan_of_job(str(path), snapshot, 203, kept=kept)


def test_copies_too(tmp_path: Path) -> None:
    path, kept = tmp_path / "own_wash.toml", KeptFiles(tmp_path / "kept")
    path.write_bytes(read_template("wash_care_30")[0])
    kept.keep(path.read_bytes())
    snapshot = of_card(path, replace(TERMS, in_force=approved(path))).require_approved()
    then = layout_of_copies(str(path), snapshot, 203).bare
    path.write_bytes(read_template("code_sticker_30x20")[0])
    assert layout_of_copies(str(path), snapshot, 203, kept=kept).bare == then


def test_a_folder_that_takes_nothing_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file in its place")
    with pytest.raises(ConfigError, match=r"approved: .*kept"):
        KeptFiles(tmp_path / "kept").keep(STEP)
    assert KeptFiles(tmp_path)("../" * 20) is None
