"""The site's own authority on disk: private, never half, never replaced by accident, renewed in time."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_agent.access.tls import site_folder
from edge_agent.access.tls.authority import Pair, make_authority, make_page
from edge_agent.access.tls.site_folder import SiteFolder
from edge_agent.access.tls.terms import Names
from label_protocol.errors import ConfigError, ConflictError

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
OWN = Names(("factory-pc", "localhost"), ())


@pytest.fixture
def folder(tmp_path: Path) -> SiteFolder:
    made = SiteFolder(tmp_path / "tls")
    made.make(OWN, "示例服饰", NOW)
    return made


def page_of(folder: SiteFolder) -> Pair:
    return Pair.read(folder.page_path.read_bytes())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes: the folder is the user's")
def test_nobody_else_reads_the_keys(folder: SiteFolder) -> None:
    found = [folder.authority_path, folder.page_path, folder.page_path.parent]
    assert [one.stat().st_mode & 0o077 for one in found] == [0, 0, 0]


def test_a_second_one_is_made_only_where_somebody_says_so(folder: SiteFolder) -> None:
    before = folder.authority_path.read_bytes()
    with pytest.raises(ConflictError, match="--again"):
        folder.make(OWN, "示例服饰", NOW)
    assert folder.authority_path.read_bytes() == before
    folder.make(OWN, "示例服饰", NOW, again=True)
    assert folder.authority_path.read_bytes() != before


def test_it_renews_itself_before_its_end_and_devices_need_nothing(folder: SiteFolder) -> None:
    authority, first = folder.authority().certificate, page_of(folder).certificate
    assert not folder.renew_if_due(NOW + timedelta(days=100))
    assert folder.renew_if_due(NOW + timedelta(days=130))
    renewed = page_of(folder).certificate
    assert renewed.not_valid_after_utc > first.not_valid_after_utc
    renewed.verify_directly_issued_by(authority)
    assert not folder.renew_if_due(NOW + timedelta(days=130))


@pytest.mark.parametrize("flaw", ["gone", "empty", "torn", "of another authority"])
def test_whatever_is_wrong_with_the_pages_is_mended_by_a_new_one(folder: SiteFolder, flaw: str) -> None:
    whole = folder.page_path.read_bytes()
    other = make_page(make_authority(OWN, "示例服饰", NOW), NOW).pem
    folder.page_path.write_bytes({"empty": b"", "torn": whole[: len(whole) // 2]}.get(flaw, other))
    if flaw == "gone":
        folder.page_path.unlink()
    assert folder.renew_if_due(NOW)
    page_of(folder).certificate.verify_directly_issued_by(folder.authority().certificate)


@pytest.mark.parametrize(("damage", "todo"), [(None, "edge-agent tls init --config F"), (b"?", "tls init --again")])
def test_an_authority_that_is_not_there_says_what_to_do(folder: SiteFolder, damage: bytes | None, todo: str) -> None:
    folder.authority_path.unlink()
    if damage is not None:
        folder.authority_path.write_bytes(damage)
    with pytest.raises(ConfigError, match=todo):
        folder.renew_if_due(NOW)


def test_a_kill_between_the_two_files_leaves_what_the_next_start_mends(
    folder: SiteFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = site_folder._put

    def killed_at_the_page(path: Path, data: bytes) -> None:
        if path == folder.page_path:
            raise KeyboardInterrupt
        put(path, data)

    monkeypatch.setattr(site_folder, "_put", killed_at_the_page)
    with pytest.raises(KeyboardInterrupt):
        folder.make(OWN, "示例服饰", NOW, again=True)
    monkeypatch.undo()
    assert folder.renew_if_due(NOW)
    page_of(folder).certificate.verify_directly_issued_by(folder.authority().certificate)


def test_a_clock_that_was_ahead_does_no_lasting_harm(folder: SiteFolder) -> None:
    """A PC whose battery is empty may say 2040 for a while; tablets take nothing that begins later than now."""
    authority, kept = folder.authority(), folder.page_path.read_bytes()
    assert not folder.renew_if_due(NOW + timedelta(days=5000)), "after the authority's own end none can be made"
    assert folder.page_path.read_bytes() == kept
    assert folder.renew_if_due(NOW + timedelta(days=1800))
    assert page_of(folder).certificate.not_valid_before_utc > NOW
    assert folder.renew_if_due(NOW), "the clock is right again"
    assert page_of(folder).certificate.not_valid_before_utc < NOW
    page_of(folder).certificate.verify_directly_issued_by(authority.certificate)


def test_an_authority_that_has_ended_says_what_to_do_where_nothing_can_be_shown(folder: SiteFolder) -> None:
    folder.page_path.unlink()
    with pytest.raises(ConfigError, match="tls init --again"):
        folder.renew_if_due(NOW + timedelta(days=3651))
