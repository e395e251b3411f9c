"""What one recording says: the numbers, their units, and which of them could not be had."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

NAN = float("nan")
CENTRES_HZ = (100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0, 630.0, 800.0, 1000.0, 1250.0, 1600.0,
              2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0)  # fmt: skip
"""Third octaves in which the response is told (IEC 61260-1, nominal)."""


def _none() -> NDArray[np.float64]:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Ear:
    """One earcup as its own microphone hears it."""

    heard: bool | None
    """Whether the probe stands out of the noise beyond chance; None: not measured."""
    gain_db: float = NAN
    """From the samples played to the samples recorded, over 100 to 8000 Hz; nan when not heard."""
    latency_ms: float = NAN
    """From the stimulus' first frame by the agent's clock until it is recorded; from the recording's first
    frame less 500 ms when that is not known."""
    peak_db: float = NAN
    """The correlation's peak over its median: how sure it is."""
    threshold_db: float = NAN
    """What ``peak_db`` must pass for ``heard``."""
    least_db: float = NAN
    """The gain that would just have been heard: what is not heard is quieter than this."""
    polarity: int = 0
    """1, -1; 0: cannot be told."""
    impulse: NDArray[np.float64] = field(default_factory=_none)
    """Impulse response, 24 kHz, (n,), the peak 3 ms after its begin; empty when not heard."""
    response_db: tuple[float, ...] = ()
    """Gain in each third octave of :data:`CENTRES_HZ`; nan where noise hides it; empty when not heard."""
    over_noise_db: tuple[float, ...] = ()
    """By how much each of them stands over the noise."""
    floor_db: tuple[float, ...] = ()
    """The gain that noise alone makes of each of them."""
    track_db: tuple[float, ...] = ()
    """Gain in each eighth of the probe, relative to the whole; -40 at the least."""
    track_error: float = NAN
    """Standard error of those gains that noise makes, as a share of the gain."""
    delays_ms: tuple[float, ...] = ()
    """By how much each eighth comes later than the whole; nan where it is not heard alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """All that one recording says."""

    seat: int
    """Number of the stimulus."""
    rate: int
    """Frames a second, as the device said."""
    seconds: float
    """Length of the recording by that rate."""
    left: Ear
    right: Ear
    similarity: float = NAN
    """Of the two impulse responses at their best lag, 0...1; 1 when both ears play the same; noise taken
    into account."""
    same_gain_db: float = NAN
    """Left over right, dB; 0 when both ears play the same."""
    low_sign: float = NAN
    """Correlation of both impulse responses below 800 Hz, -1...1: negative when one ear is inverted."""
    start: float = NAN
    """Frame of the recording (may be a fraction) at which the stimulus' first frame arrived."""
    drift_ppm: float = NAN
    """The recording's clock against the player's: positive when the recording came out longer."""
    rate_ratio: float = NAN
    """Length as recorded over length as played: 1; 1.0884 when 48 kHz was recorded as if it were 44.1."""
    digital_silence: float = NAN
    """Share of the recording that is the same sample value for 10 ms and more, 0...1."""
    peak_dbfs: float = NAN
    """The loudest sample."""
    noise_dbfs: float = NAN
    """RMS of what the microphone gives while nobody plays, 100 to 8000 Hz."""
    hum_dbfs: float = NAN
    """RMS of 50 Hz (or 60 Hz) and its multiples while nobody plays."""
    hum_over_noise_db: float = NAN
    """How far hum stands over what is around it."""
    dc: float = NAN
    """Mean, full scale = 1."""
    clipped: int | None = None
    """Runs of samples at the rail."""
    flat: float = NAN
    """Share of samples in tops cut off below full scale."""
    rms_dbfs: float = NAN
    """All of the recording without its mean."""
    tone_dbfs: float = NAN
    """The tone's level as recorded."""
    tone_over_noise_db: float = NAN
    """Over all else while it sounds."""
    thd_db: float = NAN
    """Harmonics over the fundamental; nan when noise hides them."""
    thd_floor_db: float = NAN
    """What noise alone makes of ``thd_db``: below this nothing can be said."""
    gaps: int | None = None
    """Stretches in which the probes or the tone are missing, or were put out of their time."""
    gap_ms: float = NAN
    """All of them together."""
    repeats: int | None = None
    """Places at which 10 ms and more are a copy of what was before, or stand still."""
    jump_ms: float = NAN
    """The largest displacement of a part of a probe, or of one probe against the other: frames were lost."""
    lost_ms: float = NAN
    """Time that passed between blocks without frames, by the agent's clock."""
    ends_early_s: float = NAN
    """By how much the recording ends before the stimulus does."""
    still_s: float = NAN
    """Seconds for which the recording ends in one and the same value."""
    first_dbfs: float = NAN
    """RMS without the mean of the first quarter of a second."""
    track_error: float = NAN
    """Standard error of the gain of 10 ms; above 0.15 a gap so short may be missed."""
    spread: float = NAN
    """How much more the gain varies than noise explains, over 50 ms; 1: nothing changes."""
    onset_db: float = NAN
    """The first 80 ms of a probe over the rest."""
    onset_error_db: float = NAN
    sinks_db: float = NAN
    """The first fifth of a probe over the second half, less two standard errors."""
    still_noise_dbfs: float = NAN
    """RMS, 500 to 8000 Hz, while nobody plays ..."""
    played_noise_dbfs: float = NAN
    """... and what is not one's own signal while the probes play: gain control turns noise down then."""
    one_ear: tuple[float, float] = (NAN, NAN)
    """How much both ears are one heard twice, however loud, 0...1, and its standard error."""
    late: tuple[float, float] = (NAN, NAN)
    """Energy of what comes 20 to 120 ms late over that of the direct sound, its standard error: ratios."""
    bent: tuple[float, float] = (NAN, NAN)
    """Square and cube of the probes over the probes, and the standard error: ratios of amplitudes."""
    held: int | None = None
    """Runs of one value for 1 ms and more while the stimulus plays; None: too quiet to tell."""
    copies: int | None = None
    """Blocks that came twice, bit for bit."""
    breaks: int | None = None
    """Holes and jumps in the tones; 0 where voices are louder than they are; None: there are some, and voices
    may have made them."""
    breathing_db: float = NAN
    """The microphone's noise beside the tones over that in pauses: gain control turns it down."""
    breathing_error_db: float = NAN
    patchy_db: float = NAN
    """How much more uneven the pauses are in time and frequency than noise: a gate leaves islands."""
    last_tone: tuple[float, float] = (NAN, NAN)
    """The end of the last ear's tone over what must come, and the standard error: 0 when it is missing."""
    tone_ends: tuple[float, float] = (NAN, NAN)
    """By how many ms the last ear's tone ends earlier than the probes say, and the standard error ..."""
    ears_change: tuple[float, float] = (NAN, NAN)
    """... and the left ear's tone gives way to the right one's."""
    noise_step_db: float = NAN
    """By how much the microphone's noise is louder after the last tone than before the stimulus, in all high
    bands; another microphone has another noise."""
