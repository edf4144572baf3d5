"""Fixtures and options that any test may take."""

import pytest

from tests.zpl_eyes import zpl_eyes

__all__ = ["zpl_eyes"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How hard the crash test tries; `make soak` asks for 500 kills."""
    parser.addoption("--crash-kills", type=int, default=10, help="how often the agent is killed")
    parser.addoption("--crash-seed", type=int, default=20261120, help="seed of the random moments")
