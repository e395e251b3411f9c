"""The sample rates: whether sound was played or recorded at another than the device says."""

from __future__ import annotations

RATIOS = (48 / 44.1, 44.1 / 48, 2.0, 0.5, 3.0, 1 / 3, 1.5, 2 / 3)
"""Length as recorded over length as played, where it is not 1: 44.1 kHz taken for 48 and the other way, and
the rates of telephones (8, 16, 24, 32 kHz) taken for it. Anything else that devices do is within
:data:`labcheck.headset.acoustics.coupling.CLOCKS_PPM`."""
OFF = tuple(1 + step * 480e-6 for step in (-1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6, 6, -7, 7))
"""Clocks that are further off than two good crystals: up to 3600 ppm."""
