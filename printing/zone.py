"""A place on a page, as its reader sees it: points, origin at the lower left corner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Zone:
    """A place for a stamp; ``x``, ``y`` is its lower left corner.

    ``turned``: the stamp is rotated by 90° counter-clockwise and runs up along the edge, so that the
    zone is as wide as the stamp is high.
    """

    x: float
    y: float
    turned: bool
