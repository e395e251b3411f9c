"""What a recording says of a headset: numbers only, no limits. Pure numpy and scipy.

Levels are dBFS: decibels relative to full scale, a sine of full scale has -3.01 dBFS RMS. ``nan`` and None
mean that it could not be measured, never that it is well.
"""

from labcheck.headset.acoustics.measures import CENTRES_HZ, Ear, Measures
from labcheck.headset.acoustics.measuring import measure, prepare

__all__ = ["CENTRES_HZ", "Ear", "Measures", "measure", "prepare"]
