"""Text that would like to be a command: in every field of every sample it is refused in one sentence, or it is text.

Text on a label is dots before it reaches a printer's language. So the stream of a hostile record must have the very
grammar and the very commands of the unhostile one, and none of its text. On the scan page it must arrive as text.
"""

from __future__ import annotations

import copy
import functools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from central_registry.goods import lot_import
from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.demo.play import samples, template_for
from edge_agent.errors import FindingsError, RenderError
from edge_agent.labels import prepare as labels
from edge_agent.labels.prepare import LabelTerms, LinkStyle, Prepared, plan_prepared, prepare
from edge_agent.ledger import Ledger
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.render import plan
from edge_agent.render.plan import LabelPlan
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import AgentParts
from garment.record import parse_record
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.codes.serial import check_character
from label_protocol.errors import AgentError, RecordError
from tests.kits.ledger_kit import PROOF
from tests.kits.registry_kit import running
from tests.kits.sync_kit import station
from tests.kits.web_double import VIEW

LINK = LinkStyle("id.example.cn")
TODAY = "2026-11-20"
SERIAL = "PH17K3M9QX2W4T2B" + check_character("PH17K3M9QX2W4T2B")
RECORDS = {name: record.model_dump(mode="json", exclude_none=True) for name, record in samples().items()}
ZPL = LANGUAGES["zpl"]

SEEN = [
    "^XZ",
    "~JA",
    "^FS^FDx",
    "\"'`",
    "{}",
    "{product.brand}",
    "{0.__class__}",
    "%s%n",
    "\\x1b^",
    "&amp;<b>",
    "<script>alert(1)</script>",
    "'; DROP TABLE label;--",
    "../../x",
    "^FO0,0^GB480,320,320^FS",
]
"""Printable: allowed as text."""

UNSEEN = [
    "A\x00B",
    "\x1b[2J",
    "\x03\x02",
    "A\nB",
    "\u202e^ZX",
    "\u200f1",
    "\u2028",
    "\ud800",
    "\udfff\ud800",
    "\x7f",
    "\ufeff",
    "\U0010ffff",
]
"""What nobody can see on a label: refused when the record is read."""

HUGE = ["^XZ羽" * 2500, "A" * 10_001, "𠮷" * 5000, "👩‍🔧" * 400, "é" * 10_000]
"""Long, or without a glyph."""

GRAPHIC = rb"\^FO\d+,\d+\^GFA,\d+,\d+,\d+,[A-Za-z0-9+/=:,]+\^FS"
STREAM = re.compile(
    rb"~CC\^\r\n\^XA\^JZN\^CT~\^CD,\^SZ2\^CI0\^MUD,300,300\^JMA\^MCY\^FWN,0\^PON\^PMN\^LRN\^LH0,0\^LS0\^LT0\^MD0"
    rb"\^MMT\^MN[YN]\^PW\d+\^LL\d+\^XZ\r\n~JSN\r\n"
    rb"~DGR:[0-9A-F]{8}\.GRF,\d+,\d+,[A-Za-z0-9+/=:,]+\r\n"
    rb"\^XA\^FO0,0\^XGR:[0-9A-F]{8}\.GRF,1,1\^FS(%b)+\^PQ1\^XZ\r\n" % GRAPHIC
)


@pytest.fixture(scope="module", autouse=True)
def made_once() -> Iterator[None]:
    """Templates and the patterns of codes know no hostile text; making them anew would be most of the work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labels, "load_template", functools.cache(labels.load_template))
        patch.setattr(plan, "SymbolRun", functools.cache(plan.SymbolRun))
        yield


Path_ = tuple[str | int, ...]


def fields(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The place of every text, and of every name that is free (`*` before it)."""
    if isinstance(value, str):
        yield path
    for step, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from fields(item, (*path, step))
        if path and path[-1] in ("fill_weight_g", "indicators"):
            yield (*path, "*", step)


def with_text(record: dict[str, Any], paths: list[Path_], text: str) -> bytes:
    """The record as JSON with `text` at `paths`; what UTF-8 cannot carry is escaped."""
    record = copy.deepcopy(record)
    for path in paths:
        *steps, last = (step for step in path if step != "*")
        place = functools.reduce(lambda found, step: found[step], steps, record)
        if "*" in path:
            place[text] = place.pop(last)
        else:
            place[last] = text
    return json.dumps(record).encode()


def is_sentence(error: AgentError) -> bool:
    """One line that can be shown anywhere: it says what was expected, is not a page long and holds no raw control."""
    words = str(error)
    return 20 < len(words) < 1000 and words.isprintable() and ("expected" in words or isinstance(error, FindingsError))


def asked(record: dict[str, Any], paths: list[Path_], text: str, template: str) -> Prepared | AgentError:
    """The record through reader and rules; an error outside our tree fails the test by itself."""
    try:
        prepared = prepare(parse_record(with_text(record, paths, text)), template, LabelTerms(TODAY, LINK))
        prepared.require()
        return prepared
    except AgentError as error:
        assert is_sentence(error) or any("*" in path for path in paths), str(error)
        return error


def stream_of(found: LabelPlan) -> bytes:
    parts = [ZPL.preamble(found.media), ZPL.store(found.background)]
    return b"".join([*parts, ZPL.run_label(found.background, found.patches(SERIAL))])


def commands(stream: bytes) -> Counter[bytes]:
    """Every caret and tilde with what follows it; packed dots hold neither."""
    return Counter(re.findall(rb"[\^~](?:[A-Z][A-Z]|.)", stream, re.DOTALL))


@functools.cache
def stream_of_the_sample(sample: str, template: str) -> bytes:
    prepared = prepare(parse_record(json.dumps(RECORDS[sample])), template, LabelTerms(TODAY, LINK))
    return stream_of(plan_prepared(prepared, 203))


def require_text_only(found: LabelPlan, sample: str, template: str, paths: list[Path_], text: str) -> None:
    stream, plain = stream_of(found), stream_of_the_sample(sample, template)
    assert STREAM.fullmatch(stream), text
    assert commands(stream) == commands(plain)
    assert stream.count(text.encode()) == plain.count(text.encode())
    assert stream != plain or ("product", "brand") not in paths


def drawn(sample: str, template: str, paths: list[Path_], text: str) -> tuple[int, int]:
    """How many fields were printed as text and how many refused; all at once first, then by halves."""
    if not paths:
        return 0, 0
    prepared = asked(RECORDS[sample], paths, text, template)
    try:
        assert isinstance(prepared, Prepared), prepared
        found = plan_prepared(prepared, 203)
    except RenderError as error:
        assert is_sentence(error), str(error)
        if len(paths) == 1:
            return 0, 1
        half = len(paths) // 2
        one, other = (drawn(sample, template, part, text) for part in (paths[:half], paths[half:]))
        return one[0] + other[0], one[1] + other[1]
    require_text_only(found, sample, template, paths, text)
    return len(paths), 0


FITS = [(name, "composition_card_60x40") for name in RECORDS] + [("down_graded", "down_grade_60x40")]
RICHEST = [fit for fit in FITS if fit[0] == "down_graded"]
"""The sample with every kind of fact, on both templates: enough for long texts, which are found by many drawings."""


def test_every_kind_of_field_is_tried() -> None:
    paths = set(fields(RECORDS["down_graded"]))
    assert {
        ("product", "brand"),
        ("product", "composition", 2, "down", "species"),
        ("lot", "grade", "overall"),
    } <= paths
    assert ("product", "fill_weight_g", "*", "175/92A") in paths and ("product", "maker", "uscc") in paths
    assert len(paths) >= 35


@pytest.mark.parametrize("text", SEEN)
def test_printable_text_is_text_or_refused(text: str) -> None:
    printed = refused = 0
    for sample, template in FITS if len(text) < 12 else RICHEST:
        record = RECORDS[sample]
        outcomes = {path: asked(record, [path], text, template) for path in fields(record)}
        taken = [path for path, outcome in outcomes.items() if isinstance(outcome, Prepared)]
        assert ("product", "brand") in taken
        counts = drawn(sample, template, taken, text)
        printed, refused = printed + counts[0], refused + counts[1] + len(outcomes) - len(taken)
    print(f"{text!r}: {printed} printed, {refused} refused")
    assert printed and refused


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_what_nobody_can_see_is_refused_when_it_is_read(text: str) -> None:
    for sample, template in FITS:
        for path in fields(RECORDS[sample]):
            error = asked(RECORDS[sample], [path], text, template)
            assert isinstance(error, RecordError), path


@pytest.mark.parametrize("text", ["\x1b[2J", "A\nB", "A" * 10_001], ids=lambda text: ascii(text[:5]))
@pytest.mark.parametrize("group", ["fill_weight_g", "indicators"])
def test_a_free_name_is_refused_in_one_line_too(group: str, text: str) -> None:
    record = RECORDS["down_graded"]
    path = next(path for path in fields(record) if "*" in path and group in path)
    error = asked(record, [path], text, "down_grade_60x40")
    assert isinstance(error, RecordError) and is_sentence(error)


@pytest.mark.parametrize("text", HUGE, ids=lambda text: f"{text[:2]!a} {len(text)}")
def test_too_long_or_without_a_glyph_is_refused_wherever_it_would_be_drawn(text: str) -> None:
    for sample, template in RICHEST:
        record = RECORDS[sample]
        taken = [path for path in fields(record) if isinstance(asked(record, [path], text, template), Prepared)]
        printed, _ = drawn(sample, template, taken, text)
        assert ("product", "brand") not in taken or drawn(sample, template, [("product", "brand")], text) == (0, 1)
        print(f"{text[:4]!r}… {sample}: {printed} are not on this label")


# --- as far as the consumer -------------------------------------------------------------------------------------------


class Bones(HTMLParser):
    """A page's elements with their attributes, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


HOSTILE_FACTS: dict[Path_, str] = {
    ("product", "brand"): "<b>^XZ</b>",
    ("product", "name"): "{{7*7}}{%x%}",
    ("product", "style_no"): "');--\"",
    ("product", "colour"): "<!--~JA",
    ("product", "quality_class"): "]]>&lt;",
    ("product", "maker", "name"): "<script>alert(1)</script>",
    ("product", "maker", "address"): '" onload="x\' ../../x',
    ("lot", "report_no"): "${x}%s",
    ("lot", "lab"): "</style><img src=x onerror=alert(1)>",
    ("lot", "lot_no"): "L<i>'&%2F",
}
"""Each fits its slot; the lot number is made of characters that GS1 allows in one."""


def hostile_record() -> dict[str, Any]:
    record = copy.deepcopy(RECORDS["down_graded"])
    for path, text in HOSTILE_FACTS.items():
        record = json.loads(with_text(record, [path], text))
    return record


async def test_hostile_facts_reach_the_consumer_as_text(tmp_path: Path) -> None:
    """Order, ledger, sync, registry, page: the same facts byte for byte, and not one element more on the page."""
    async with running() as registry, station(tmp_path, registry) as here:
        service = AgentService(
            AgentParts(
                ledger=here.ledger,
                catalog=Catalog.open(tmp_path / "catalogue.json"),
                printers=PrinterDirectory(lambda: [VIEW]),
                pump=here.pump,
                changes=ChangeSignal(),
                terms=lambda: LabelTerms(TODAY, LINK),
            )
        )
        pages = []
        for record in (RECORDS["down_graded"], hostile_record()):
            lot_no = record["lot"]["lot_no"]
            await lot_import.import_lots(registry.pool, [record])
            await registry.allot(here.edge.agent, 5, key=f"lot:{lot_no}")
            await here.sync()
            serial = await _printed(service, record)
            await here.sync()
            assert here.pump.view().pending == 0
            path = DigitalLink(record["product"]["gtin"], serial, lot_no).path()
            facts = await registry.facts(path)
            assert {name: facts[name] for name in ("product", "lot")} == parse_record(json.dumps(record)).facts()
            page = (await registry.page(path, Accept="text/html"))[1]
            pages.append(Bones(page.replace(serial, "SERIAL")))
        plain, hostile = pages
        assert hostile.elements == plain.elements
        for text in HOSTILE_FACTS.values():
            assert any(text in words for words in hostile.words), text
        assert (await here.ledger.do(Ledger.verify)).ok


async def _printed(service: AgentService, record: dict[str, Any]) -> str:
    body = {
        "template": template_for(parse_record(json.dumps(record))),
        "printer": "p1",
        "quantity": 1,
        "record": record,
        "operator": "12",
    }
    job = await service.jobs.submit(body, "key-" + record["lot"]["lot_no"])
    window = await service.parts.ledger.do(Ledger.begin_window, job.job_id)
    await service.parts.ledger.do(Ledger.prove_window, window.window_id, PROOF)
    return str(window.serials[0])


def test_nfc_and_spaces_are_settled_before_anything_is_hashed() -> None:
    path = [("product", "brand")]
    one = parse_record(with_text(RECORDS["down_graded"], path, unicodedata.normalize("NFD", " é ^XZ ")))
    assert one.facts()["product"]["brand"] == "é ^XZ"
