"""The book's file: durable, whole or not at all, held to its version; a damaged one is refused in a sentence."""

from __future__ import annotations

import sqlite3
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge_agent.errors import IdempotencyError, NotFoundError, OrderBookError
from edge_agent.model.work_order import OrderLine, Outcome, Part, ReadRow, job_key
from edge_agent.work_orders.book import OrderBook

LINE = OrderLine("erp", "MO-1", "1", "F1", "M", 10)
PART = Part(LINE.order_id, 1, 4, "p1", "auto", "A01", "", '{"quantity": 4}', "2026-11-20T09:15:03.120Z")


def take(book: OrderBook, *lines: OrderLine, file_id: str = "f1") -> object:
    rows = [ReadRow(f"row {at}", one.order_no, one) for at, one in enumerate(lines)]
    return book.take(file_id, "a.csv", "erp", rows, limit=1_000_000, day="2026-11-20", answer=told)


def told(found: object) -> dict[str, object]:
    return {"outcomes": [one.outcome.value for one in found if isinstance(one, Outcome)]}  # type: ignore[attr-defined]


def test_what_was_taken_is_there_after_the_file_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "work-orders.db"
    book = OrderBook(path)
    answer = take(book, LINE)
    book.intend(PART, "2026-11-20")
    book.close()
    again = OrderBook(path)
    assert again.order(LINE.order_id).asked == LINE
    assert again.answer("f1") == answer == {"outcomes": ["taken"]}
    assert [(one.part, one.job_id) for one in again.intents()] == [(1, None)]
    assert again._store.one("PRAGMA synchronous")[0] == 2  # type: ignore[index]  # FULL
    assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o600
    again.close()


def test_a_file_is_taken_whole_or_not_at_all() -> None:
    book = OrderBook()

    def torn(_: object) -> dict[str, object]:
        raise KeyboardInterrupt

    rows = [ReadRow("row 1", "MO-1", LINE)]
    with pytest.raises(KeyboardInterrupt):
        book.take("f1", "a.csv", "erp", rows, limit=100, day="2026-11-20", answer=torn)
    assert (book.answer("f1"), book.count_open(), book.taken_on("erp", "2026-11-20")) == (None, 0, 0)
    assert take(book, LINE) == {"outcomes": ["taken"]}
    assert take(book, LINE, LINE) == {"outcomes": ["taken"]}, "the answer of this file, whatever it holds now"


def test_a_part_is_one_part_and_another_content_is_refused() -> None:
    book = OrderBook()
    take(book, LINE)
    assert book.intend(PART, "2026-11-20") == PART == book.intend(PART, "2026-11-21")
    other = Part(LINE.order_id, 1, 5, "p1", "auto", "A01", "", '{"quantity": 5}', "x")
    with pytest.raises(IdempotencyError, match="expected part 1 as it was ordered"):
        book.intend(other, "2026-11-20")
    book.opened(LINE.order_id, 1, "j1")
    book.take_back(LINE.order_id, 1)  # not of a part whose job was opened
    assert book.order(LINE.order_id).order_parts[0].job_id == "j1"
    with pytest.raises(NotFoundError):
        book.order("nobody")


def test_threads_take_turns() -> None:
    book = OrderBook()
    lines = [OrderLine("erp", f"MO-{at}", "1", "F1", "M", 1) for at in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: take(book, one, file_id=one.order_no), lines))
    assert (book.count_open(), book.taken_on("erp", "2026-11-20")) == (40, 40)


@pytest.mark.parametrize("content", [b"not a database " * 100, b"\0" * 4096])
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "work-orders.db"
    path.write_bytes(content)
    with pytest.raises(OrderBookError, match="restore it from a backup"):
        OrderBook(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("pragma", ["user_version = 99", "application_id = 7"])
def test_a_file_of_a_newer_or_another_program_is_refused_and_left(tmp_path: Path, pragma: str) -> None:
    path = tmp_path / "work-orders.db"
    OrderBook(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA {pragma}")
    db.close()
    with pytest.raises(OrderBookError, match="newer agent"):
        OrderBook(path)


def test_a_key_is_what_the_ledger_takes_whatever_the_order_is_called() -> None:
    for name in ("MO-1", "生产/单 7%", "x" * 64, "\U00020000" * 64):
        key = job_key(OrderLine("s" * 32, name, name, "F1", "M", 1), 1_000_000)
        assert len(key) <= 200 and key.isascii() and key.isprintable()
    one, two = (job_key(OrderLine("s", "x" * 60 + end, "1", "F", "M", 1), 1) for end in "ab")
    assert one != two and one != job_key(OrderLine("s", "x" * 60 + "a", "1", "F", "M", 1), 2)
