"""A box is a rectangle in whole dots; everything on a label lies in one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in dots; `right_dots` and `bottom_dots` are the first dots outside."""

    left_dots: int
    top_dots: int
    right_dots: int
    bottom_dots: int

    @property
    def width_dots(self) -> int:
        return self.right_dots - self.left_dots

    @property
    def height_dots(self) -> int:
        return self.bottom_dots - self.top_dots

    def overlaps(self, other: Box) -> bool:
        """Whether the two share a dot."""
        return (
            self.left_dots < other.right_dots
            and other.left_dots < self.right_dots
            and self.top_dots < other.bottom_dots
            and other.top_dots < self.bottom_dots
        )
