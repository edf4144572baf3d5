"""Each way to write a GS1 key comes to one."""

from __future__ import annotations

import pytest

from central_registry.exchange.epcis.identifiers import canonical

ROWS = [
    ("urn:epc:id:sgtin:6901234.056789.A%2FB", "/01/06901234567892/21/A%2FB"),
    ("urn:epc:id:sgtin:6901234.056789.A+B", "/01/06901234567892/21/A%2BB"),
    ("urn:epc:id:sscc:6901234.0000000012", "/00/069012340000000122"),
    ("urn:epc:id:sgln:6901234.00001.0", "/414/6901234000016"),
    ("urn:epc:id:sgln:6901234.00001.gate2", "/414/6901234000016/254/gate2"),
    ("urn:epc:id:grai:6901234.00001.7", "/8003/069012340000167"),
    ("urn:epc:id:giai:6901234.tag1", "/8004/6901234tag1"),
    ("urn:epc:id:gsrn:6901234.0000000001", "/8018/690123400000000018"),
    ("urn:epc:id:gsrnp:6901234.0000000001", "/8017/690123400000000018"),
    ("urn:epc:id:gdti:6901234.00001.5", "/253/69012340000165"),
    ("urn:epc:id:cpi:6901234.AB-1.9", "/8010/6901234AB-1/8011/9"),
    ("urn:epc:id:sgcn:6901234.00001.12", "/255/690123400001612"),
    ("urn:epc:id:ginc:6901234.xyz", "/401/6901234xyz"),
    ("urn:epc:id:gsin:6901234.000000001", "/402/69012340000000016"),
    ("urn:epc:id:itip:6901234.056789.01.02.S", "/8006/069012345678920102/21/S"),
    ("urn:epc:id:upui:6901234.056789.S", "/01/06901234567892/235/S"),
    ("urn:epc:id:pgln:6901234.00001", "/417/6901234000016"),
    ("urn:epc:class:lgtin:6901234.056789.L1", "/01/06901234567892/10/L1"),
    ("urn:epc:idpat:sgtin:6901234.056789.*", "/01/06901234567892"),
    ("urn:epc:idpat:grai:6901234.00001.*", "/8003/06901234000016"),
    ("https://id.gs1.org/01/06901234567892/22/RED/10/L1/21/S", "/01/06901234567892/21/S"),
    ("https://id.gs1.org/01/06901234567892/22/RED/10/L1", "/01/06901234567892/10/L1"),
    ("https://id.gs1.org/01/6901234567892", "/01/06901234567892"),
    ("https://id.gs1.org/01/12345670", "/01/00000012345670"),
    ("HTTPS://ID.EXAMPLE.CN/01/06901234567892/21/S%2f1", "/01/06901234567892/21/S%2F1"),
    ("https://shop.example/a/b/gtin/06901234567892/ser/S?x=1", "/01/06901234567892/21/S"),
    ("https://id.gs1.org/414/6901234000016/254/7", "/414/6901234000016/254/7"),
]


@pytest.mark.parametrize(("text", "path"), ROWS)
def test_each_way_comes_to_one(text: str, path: str) -> None:
    assert canonical(text) == "https://id.gs1.org" + path
    assert canonical("https://id.gs1.org" + path) == "https://id.gs1.org" + path


@pytest.mark.parametrize(
    "text",
    [
        "urn:epc:id:sgtin:690123.056789.A",
        "urn:epc:id:sgtin:6901234.056789.",
        "urn:epc:id:sgtin:６901234.056789.A",
        "urn:epc:id:other:1.2",
        "https://example.com/",
        "https://example.com/01/123/21/S",
        "https://id.gs1.org/01/06901234567892/99/x",
        "https://[::1",
        "ftp://id.gs1.org/01/06901234567892",
        "01/06901234567892",
        "",
    ],
)
def test_what_is_no_key_stays_what_it_is(text: str) -> None:
    assert canonical(text) is None
