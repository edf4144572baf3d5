"""A site's authority is good for one agent's names and addresses, and for nothing else: told by others' verifiers."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from edge_agent.access.tls import authority
from edge_agent.access.tls.authority import Pair, fingerprint, is_due, make_authority, make_page, names_of
from edge_agent.access.tls.terms import Names
from edge_agent.access.tls.this_computer import names_of as names_here

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
OWN = Names(("factory-pc", "localhost"), (ipaddress.ip_address("192.168.1.50"), ipaddress.ip_address("127.0.0.1")))
OTHERS = [
    Names(("example.com",), ()),
    Names(("factory-pc2",), ()),
    Names((), (ipaddress.ip_address("192.168.1.51"),)),
    Names((), (ipaddress.ip_address("::1"),)),
]


@pytest.fixture(scope="module")
def site() -> Pair:
    return make_authority(OWN, "示例服饰", NOW)


def verified_by_cryptography(site: Pair, page: Pair, name: str, at: datetime = NOW) -> None:
    address = names_here([name], []).addresses[0] if name[0].isdigit() or ":" in name else None
    subject = x509.IPAddress(address) if address else x509.DNSName(name)
    builder = PolicyBuilder().store(Store([site.certificate])).time(at.replace(tzinfo=None))
    builder.build_server_verifier(subject).verify(page.certificate, [])


def verified_by_python(folder: Path, site: Pair, page: Pair, name: str) -> None:
    """A handshake of Python's ssl on both sides, over memory."""
    (folder / "page.pem").write_bytes(page.pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "page.pem")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=site.certificate.public_bytes(Encoding.PEM).decode())
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname=name)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (here, there, here, there):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("name", OWN.told)
def test_every_own_name_and_address_is_taken(tmp_path: Path, site: Pair, name: str) -> None:
    page = make_page(site, datetime.now(UTC))
    verified_by_python(tmp_path, site, page, name)
    verified_by_cryptography(site, make_page(site, NOW), name)


@pytest.mark.parametrize("other", OTHERS, ids=lambda names: names.first)
def test_another_name_under_this_authority_is_refused(tmp_path: Path, site: Pair, other: Names) -> None:
    page = make_page(site, datetime.now(UTC), other)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        verified_by_python(tmp_path, site, page, other.first)
    with pytest.raises(VerificationError):
        verified_by_cryptography(site, make_page(site, NOW, other), other.first)


def test_nobody_signs_further_under_it(tmp_path: Path, site: Pair) -> None:
    page = make_page(site, datetime.now(UTC))
    below = make_page(Pair(page.certificate, page.key), datetime.now(UTC), OWN)
    with pytest.raises(ssl.SSLCertVerificationError):
        verified_by_python(tmp_path, site, Pair(below.certificate, below.key), "factory-pc")
    limits = site.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert limits.critical and limits.value.ca and limits.value.path_length == 0


def test_it_says_so_in_a_way_that_nobody_may_overlook(site: Pair) -> None:
    found = site.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert found.critical
    permitted = found.value.permitted_subtrees or []
    assert [str(one.value) for one in permitted] == ["factory-pc", "localhost", "192.168.1.50/32", "127.0.0.1/32"]
    usage = site.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [one.dotted_string for one in usage] == ["1.3.6.1.5.5.7.3.1"]  # id-kp-serverAuth, RFC 5280 4.2.1.12


def test_no_certificate_is_longer_than_apple_takes(site: Pair) -> None:
    """825 days: support.apple.com/103769. Its authority may be."""
    page = make_page(site, NOW).certificate
    assert page.not_valid_after_utc - page.not_valid_before_utc < timedelta(days=825)
    assert page.not_valid_before_utc < NOW - timedelta(hours=12), "a tablet whose clock is behind"


@pytest.mark.parametrize(("days", "due"), [(0, False), (119, False), (121, True), (500, True)])
def test_it_is_due_before_its_end(site: Pair, days: int, due: bool) -> None:
    page = make_page(site, NOW).certificate
    assert is_due(page, site.certificate, NOW + timedelta(days=days)) is due


def test_the_page_of_another_authority_is_due_and_one_that_ends_with_its_own_is_not(site: Pair) -> None:
    other = make_authority(OWN, "示例服饰", NOW)
    assert is_due(make_page(other, NOW).certificate, site.certificate, NOW)
    late = NOW + timedelta(days=authority.AUTHORITY_DAYS - 30)
    last = make_page(site, late).certificate
    assert last.not_valid_after_utc == site.certificate.not_valid_after_utc
    assert not is_due(last, site.certificate, late)


def test_what_it_is_good_for_is_read_back(site: Pair) -> None:
    assert names_of(site.certificate) == OWN
    assert names_of(make_page(site, NOW).certificate) == OWN


def test_a_pair_is_read_back_and_halves_of_two_are_none(site: Pair) -> None:
    assert Pair.read(site.pem).certificate == site.certificate
    other = make_authority(OWN, "示例服饰", NOW)
    halves = other.pem[: other.pem.index(b"-----BEGIN CERTIFICATE")] + site.certificate.public_bytes(Encoding.PEM)
    for flawed in (halves, b"", site.pem[:200], site.certificate.public_bytes(Encoding.PEM)):
        with pytest.raises(ValueError):
            Pair.read(flawed)


def test_a_fingerprint_is_written_as_devices_show_it(site: Pair) -> None:
    assert len(fingerprint(site.certificate)) == 95 and fingerprint(site.certificate)[2] == ":"


def test_what_a_computer_is_reached_by() -> None:
    given = ["labels.example.cn", "0.0.0.0", "fe80::1", "224.0.0.1", "[fd00::5]", "车间一号", "under_score", "PC-1"]
    found = names_here(given, ["192.168.1.50", "169.254.3.4", "127.0.0.1"])
    assert found.dns[:2] == ("labels.example.cn", "pc-1") and found.dns[-1] == "localhost"
    assert [str(one) for one in found.addresses] == ["fd00::5", "192.168.1.50", "127.0.0.1", "::1"]
    assert found.for_others == "fd00::5" and names_here(["pc-1"], []).for_others == "pc-1"
    assert not {"车间一号", "under_score"} & set(found.dns)
