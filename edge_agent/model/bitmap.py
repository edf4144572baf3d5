"""1-bit pictures: one bit per dot, 1 = black, most significant bit leftmost, rows padded to whole bytes with 0."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A 1-bit picture: `rows` is `height_dots * stride` bytes, 1 = black, MSB leftmost, pad bits 0."""

    width_dots: int
    height_dots: int
    rows: bytes

    @property
    def stride(self) -> int:
        """Bytes per row."""
        return (self.width_dots + 7) // 8

    def __post_init__(self) -> None:
        """Raises ValueError: `rows` is not as long as width and height say."""
        if len(self.rows) != self.stride * self.height_dots:
            raise ValueError(
                f"bitmap {self.width_dots}×{self.height_dots}: expected {self.stride * self.height_dots} bytes, "
                f"got {len(self.rows)}"
            )


@dataclass(frozen=True, slots=True)
class Patch:
    """What differs from label to label: laid over the background at (`x_dots`, `y_dots`), black on white."""

    x_dots: int
    y_dots: int
    bitmap: Bitmap
