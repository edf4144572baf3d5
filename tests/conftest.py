"""Fixtures and options that any test may take."""

from collections.abc import Iterator

import pytest
import structlog

from tests.kits.decoders import read_by_two_, texts_by_two_
from tests.kits.fast import Refusal
from tests.kits.zpl_eyes import zpl_eyes

__all__ = ["read_by_two_", "texts_by_two_", "zpl_eyes"]

LONGEST_FIRST = (
    "tests/promises/crash/test_crash",
    "tests/promises/test_adversary",
    "tests/promises/",
    "tests/product/",
    "tests/edge_agent/printers/test_queue",
    "tests/edge_agent/web/",
)
"""Where the tests lie that wait the longest; a file begun last keeps one worker busy when all others are done."""


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A test that sets up the program's log leaves none to the next: its lines would stand among a command's words."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much is tried: `make fast` next to nothing, `make soak` 500 kills."""
    parser.addoption("--fast", action="store_true", help="only tests that start, open and wait for nothing")
    parser.addoption("--crash-kills", type=int, default=18, help="how often the agent is killed")
    parser.addoption("--crash-seed", type=int, default=20261120, help="seed of the random moments")
    parser.addoption("--crash-line", choices=("tcp", "pty", "queue", "all"), default="all", help="on which line")
    parser.addoption(
        "--crash-language", choices=("zpl", "tspl", "epl2", "all"), default="all", help="in which language"
    )


def pytest_configure(config: pytest.Config) -> None:
    """A run with `--fast` chooses its tests and holds them to it."""
    if config.getoption("--fast"):
        config.pluginmanager.register(Refusal(), "fast")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files keep their order but for `LONGEST_FIRST`."""
    items.sort(
        key=lambda item: next((at for at, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start)), 99)
    )
