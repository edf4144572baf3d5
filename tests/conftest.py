"""Fixtures and options that any test may take."""

import pytest

from tests.kits.zpl_eyes import zpl_eyes

__all__ = ["zpl_eyes"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How hard the crash test tries, and where; `make soak` asks for 500 kills."""
    parser.addoption("--crash-kills", type=int, default=18, help="how often the agent is killed")
    parser.addoption("--crash-seed", type=int, default=20261120, help="seed of the random moments")
    parser.addoption("--crash-line", choices=("tcp", "pty", "queue", "all"), default="all", help="on which line")
    parser.addoption(
        "--crash-language", choices=("zpl", "tspl", "epl2", "all"), default="all", help="in which language"
    )
