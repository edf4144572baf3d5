"""Digital Links: order, escaping, both cases, strict reading, and the round trip."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from label_protocol.codes import gs1
from label_protocol.codes.digital_link import DigitalLink, parse_link
from label_protocol.errors import CodeError

GTIN = "06901234567892"
SERIAL = "7K3M9QX2W4T8VBN5C"
LINK = f"https://ID.EXAMPLE.CN/01/{GTIN}/10/L20261118A/21/{SERIAL}"
OLD = LINK.replace("https", "HTTPS")

values = st.text(sorted(gs1.CSET82), min_size=1, max_size=20).filter(lambda text: text not in (".", ".."))
gtins = st.integers(0, 10**13 - 1).map(lambda n: f"{n:013d}" + gs1.check_digit(f"{n:013d}"))
links = st.builds(DigitalLink, gtins, values, st.none() | values, st.none() | values)


def test_the_link_of_a_label() -> None:
    link = DigitalLink("6901234567892", SERIAL, "L20261118A")
    assert link.uri("id.example.cn") == LINK
    assert link.uri("ID.example.cn", upper=False) == LINK.replace("ID.EXAMPLE.CN", "id.example.cn")
    assert link.uri("id.example.cn", scheme="HTTPS") == OLD, "as labels were printed before"
    assert parse_link(OLD, host="id.example.cn") == parse_link(LINK, host="id.example.cn") == link
    assert link.path() == f"/01/{GTIN}/10/L20261118A/21/{SERIAL}"


def test_order_is_variant_lot_serial() -> None:
    assert DigitalLink(GTIN, "S", "L", "V").path() == f"/01/{GTIN}/22/V/10/L/21/S"


def test_what_a_path_cannot_carry_is_escaped() -> None:
    """GS1 Digital Link: URI Syntax, percent-encoding of reserved characters: `/` is %2F, `%` is %25."""
    assert DigitalLink(GTIN, "a/b%c?d").path() == f"/01/{GTIN}/21/a%2Fb%25c%3Fd"


@settings(deadline=None)
@given(links, st.sampled_from(["id.example.cn", "127.0.0.1:8443", "xn--fiqs8s.cn"]), st.booleans())
def test_round_trip(link: DigitalLink, host: str, upper: bool) -> None:
    uri = link.uri(host, upper)
    assert parse_link(uri) == link
    assert parse_link(uri, host=host.upper()) == link
    assert uri.isascii()
    assert not set(uri) & set(' "<>\\^`{|}')


def test_all_behind_the_scheme_stays_alphanumeric() -> None:
    assert LINK.startswith("https://")
    assert set(LINK.removeprefix("https://")) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


@settings(deadline=None)
@given(links, st.integers(0, 200), st.sampled_from("/%?#&=;.1٧ \x00A"))
def test_a_damaged_link_is_another_link_or_refused(link: DigitalLink, place: int, other: str) -> None:
    uri = link.uri("id.example.cn")
    place %= len(uri)
    damaged = uri[:place] + other + uri[place + 1 :]
    try:
        again = parse_link(damaged, host="id.example.cn")
    except CodeError:
        return
    assert parse_link(again.uri("id.example.cn")) == again


REFUSED = {
    "another scheme": LINK.replace("https", "http"),
    "no scheme": LINK.removeprefix("https://"),
    "a bare serial": SERIAL,
    "no serial": f"https://id.example.cn/01/{GTIN}/10/L1",
    "no GTIN": f"https://id.example.cn/10/L1/21/{SERIAL}",
    "wrong order": f"https://id.example.cn/01/{GTIN}/21/{SERIAL}/10/L1",
    "variant after lot": f"https://id.example.cn/01/{GTIN}/10/L1/22/V/21/{SERIAL}",
    "twice the lot": f"https://id.example.cn/01/{GTIN}/10/L1/10/L1/21/{SERIAL}",
    "twice the serial": f"https://id.example.cn/01/{GTIN}/21/{SERIAL}/21/{SERIAL}",
    "an unknown AI": f"https://id.example.cn/01/{GTIN}/17/261118/21/{SERIAL}",
    "names of AIs": f"https://id.example.cn/gtin/{GTIN}/ser/{SERIAL}",
    "serial as attribute": f"https://id.example.cn/01/{GTIN}?21={SERIAL}",
    "lot as attribute": f"https://id.example.cn/01/{GTIN}/21/{SERIAL}?10=L1",
    "a fragment": LINK + "#x",
    "a slash at the end": LINK + "/",
    "an empty value": f"https://id.example.cn/01/{GTIN}/10//21/{SERIAL}",
    "half an escape": f"https://id.example.cn/01/{GTIN}/10/A%2/21/{SERIAL}",
    "no escape": f"https://id.example.cn/01/{GTIN}/10/A%ZZ/21/{SERIAL}",
    "an escaped control byte": f"https://id.example.cn/01/{GTIN}/10/A%00/21/{SERIAL}",
    "an escaped blank": f"https://id.example.cn/01/{GTIN}/10/A%20B/21/{SERIAL}",
    "an escaped high byte": f"https://id.example.cn/01/{GTIN}/10/A%E6/21/{SERIAL}",
    "a dot segment": f"https://id.example.cn/01/{GTIN}/10/%2E%2E/21/{SERIAL}",
    "a raw quote": f'https://id.example.cn/01/{GTIN}/10/A"B/21/{SERIAL}',
    "a wrong check digit": LINK.replace("892/", "893/"),
    "a GTIN-13": LINK.replace(GTIN, GTIN[1:]),
    "foreign digits": LINK.replace("0690", "٠690"),
    "a lot that is too long": LINK.replace("L20261118A", "L" * 21),
    "user and password": LINK.replace("ID.", "a:b@ID."),
    "no host": LINK.replace("ID.EXAMPLE.CN", ""),
    "a line end": LINK + "\n",
    "a blank before": " " + LINK,
    "garbage": "x" * 100_000,
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_is_not_our_link_is_refused(text: str) -> None:
    with pytest.raises(CodeError, match="expected"):
        parse_link(text)


def test_another_host_is_refused() -> None:
    with pytest.raises(CodeError, match=r"host id\.other\.cn"):
        parse_link(LINK, host="id.other.cn")


@pytest.mark.parametrize(
    "host", ["", "a b", "例.cn", "a/b", "a..b", "-a.cn", "a.cn:", "a.cn:x", "a" * 254, "\u212a.cn"]
)
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(CodeError, match="host name"):
        DigitalLink(GTIN, SERIAL).uri(host)


@pytest.mark.parametrize("value", [".", ".."])
def test_dot_segments_cannot_be_values(value: str) -> None:
    with pytest.raises(CodeError, match="AI 10"):
        DigitalLink(GTIN, SERIAL, value)
