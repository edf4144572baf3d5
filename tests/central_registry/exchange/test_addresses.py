"""Where the registry may be sent: by name, by https, to the public internet alone."""

from __future__ import annotations

import pytest

from central_registry.exchange.addresses import checked_url, is_public
from central_registry.problems import ProblemError

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::7f00:1",
    "64:ff9b::a00:1", "2002:a00:1::", "2001::1", "2001:db8::1", "192.0.2.1", "nonsense", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_everybody_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_what_is_of_everybody_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "http://shop.example.cn/", "ftp://shop.example.cn/", "https://", "https://localhost/",
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.0x1/", "https://0177.0.0.1/",
        "https://[::1]/", "https://shop.example.cn:22/", "https://shop.example.cn:x/", "https://u:p@shop.example.cn/",
        "https://shop.example.cn@127.0.0.1/", "https://shop.example.cn/#x", "https://shop.example.cn/ x",
        "https://shop.example.cn/\r\nX: y", "https://店.example.cn/", "https://shop.example.cn./", "https://a_b.example/",
        "https://[shop/", "https://shop.example.cn/" + "x" * 500,
    ],
)  # fmt: skip
def test_what_may_not_be_an_address(url: str) -> None:
    with pytest.raises(ProblemError, match="地址不能用"):
        checked_url(url)


@pytest.mark.parametrize("url", ["https://shop.example.cn", "https://SHOP.example.cn:8443/hooks?x=1"])
def test_what_may(url: str) -> None:
    assert checked_url(url) == url
