"""Fixtures that any test may take."""

from tests.zpl_eyes import zpl_eyes

__all__ = ["zpl_eyes"]
