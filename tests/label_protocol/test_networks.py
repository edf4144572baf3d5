"""By what limits count an address: who has one of IPv6 has as many as they like."""

from __future__ import annotations

import pytest

from label_protocol.networks import counted_as, plain_address


@pytest.mark.parametrize(
    ("address", "plain", "counted"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7"),
        ("::ffff:cb00:7107", "203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::FFFF", "2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("::ffff:127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("::1", "::1", "::/64"),
        ("", "", ""),
        ("unix:", "unix:", "unix:"),
    ],
)
def test_an_address_and_what_it_is_counted_as(address: str, plain: str, counted: str) -> None:
    assert (plain_address(address), counted_as(address)) == (plain, counted)


def test_two_homes_are_two() -> None:
    assert counted_as("2001:db8:0:1::1") != counted_as("2001:db8:0:2::1")
    assert counted_as("203.0.113.7") != counted_as("203.0.113.8")
