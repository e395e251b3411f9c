"""Where a headset's measures turn from good to bad, and why there.

Levels are of full scale, gains from the samples played to the samples recorded, at the volumes that the test
sets. docs/headsets.md explains how a profile changes them. "Simulated" means: chosen in the middle of the gap
between what bench/headset.py draws for good and for faulty headsets, where nothing else says more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from labcheck.headset.acoustics import Measures


@dataclass(frozen=True, slots=True)
class Limits:
    """Each with the source of its default."""

    least_gain_db: float = -71.0
    """Louder ear. Healthy couplings were seen down to -65 dB; an ear that leaks less cannot be told from a
    muted one in a room (simulated)."""
    most_gain_db: float = -25.0
    """Louder ear. A voice at the boom is some 20 dB above what leaks from a cup: from -25 dB on it clips."""
    ear_difference_db: float = 22.0
    """One ear below the other: a boom makes up to 10 dB, a dead ear's crosstalk is 40 dB down (simulated)."""
    boom: Literal["", "left", "right"] = ""
    """The side of the boom, where the profile knows it: that ear is the louder one."""
    swap_sigmas: float = 3.0
    """So sure must a difference of ears be to be called swapped, in standard errors of 0.8 dB."""
    noise_dbfs: float = -46.5
    """RMS of a still microphone; speech of -20 to -26 dBFS stands 20 dB over it (simulated)."""
    noise_step_db: float = 5.0
    """Noise after the stimulus against that before, all bands from 2 to 8 kHz: at most 1.8 dB louder or 3.3
    dB quieter in 1966 good headsets, half of them beside voices; more is another device (simulated)."""
    hum_dbfs: float = -58.0
    """RMS of the mains family: 12 dB below the noise limit, because it is heard through noise (simulated)."""
    dc: float = 0.01
    """1 % of full scale costs no headroom and makes no click."""
    thd_db: float = -26.0
    """5 %: good drivers stay below 1 to 2 %, torn ones begin at 10 % (simulated)."""
    thd_floor_db: float = -20.0
    """When noise makes more of it, 10 % may hide in it ..."""
    torn: float = 0.1
    """... unless the probes are surely less bent than so: 10 % of third harmonic bend them by 18 %."""
    high_cut_db: float = -32.0
    """The better third octave of 6.3 and 8 kHz against the best from 1 to 2.5 kHz: a telephone's band ends at
    3.4 kHz; good headsets lose up to 20 dB to a resonance (simulated)."""
    drift_ppm: float = 300.0
    """Crystals keep 50 to 100 ppm; two of them, and some room."""
    gap_error: float = 0.26
    """With a larger standard error a gap of 10 ms may be missed."""
    part_error: float = 1 / 15
    """Of an eighth of a probe: five times as much for 10 ms, a third of what a gap takes away. With less,
    gaps show in the probes, two thirds of all, and the tones, a third, may be covered by a voice, as far
    as ..."""
    tone_gap_error: float = 0.6
    """... this; of 764 good headsets one had more than 0.26 (simulated)."""
    edge_ms: float = 9.5
    """The last tone may end so much too early, a gap of 10 ms being the shortest that counts: of 1507 good
    headsets one was beyond it, beside voices; of 600 that lost 10 to 30 ms within the tones 17 were not, in
    voices as loud as the tone (simulated) ..."""
    both_edges_ms: float = 5.0
    """... and half as much, together with the ears' change: of 694 good ones 3.0 at the most ..."""
    clear_edge_ms: float = 7.0
    """... but so much, either way, where nothing is as loud: of 182 good ones 2.7 at the most, of those that
    lost something 7.5 and more."""
    edge_error_ms: float = 8.0
    """With a larger standard error that is not known."""
    jump_ms: float = 3.0
    """Ways in a headset differ by less than 1 ms; drivers lose 5 ms and more."""
    lost_ms: float = 6.0
    """Blocks come with a jitter of 1 to 2 ms."""
    spread: float = 1.45
    onset_db: float = 1.0
    """Gain that moves although the same is played: gain control."""
    noise_turned_db: float = 0.9
    """Noise louder in pauses than under the probe by so much: gain control."""
    spread_too: float = 1.2
    noise_turned_too_db: float = 0.5
    """Less of both, together, is gain control, too (good headsets: at most 1.1 and 0.3 dB; simulated)."""
    sinks_db: float = 1.5
    onset_sinks_db: float = 3.0
    """A steady signal that sinks by so much, slowly or at once: suppression."""
    suppressed_noise_dbfs: float = -60.0
    """What suppresses leaves no more noise than that in pauses; in more it may be gain control."""
    neighbour_db: float = -5.5
    """Loudest other seat against one's own signal: a metre of air takes 10 dB and more, 7 where the low
    frequencies that are compared are not one's own best (simulated)."""
    plug_db: float = 9.0
    """From here on it is no neighbour but the other seat's plug."""
    far_seats: int = 3
    """A microphone that hears so many seats almost as well as its own is not at a headset ..."""
    far_db: float = -8.5
    """... almost: by so much less."""
    loopback_db: float = -40.0
    """Gain from which a wire or a monitor must be thought of."""
    flat_db: float = 0.4
    """Third octaves of a wire differ by less; of hardly an earcup (resonances make 6 dB and more)."""
    model_db: float = 10.0
    """With a calibration: the louder ear may differ so much from the model's. Boom and cups moved: 4 dB."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a known-good headset of the model gave; it narrows the limits for that model."""

    model: str
    left_db: float
    right_db: float
    low_sign: float
    """See Measures: the sign that two good ears of this model have."""
    noise_dbfs: float

    @property
    def difference_db(self) -> float:
        """Left over right."""
        return self.left_db - self.right_db

    @property
    def louder_db(self) -> float:
        """The louder ear's gain."""
        return max(self.left_db, self.right_db)


def calibrate(model: str, measured: Sequence[Measures]) -> Calibration:
    """From one good headset's runs: their medians. Raises ValueError when none heard both ears."""
    good = [one for one in measured if one.left.heard and one.right.heard]
    if not good:
        raise ValueError("no run heard both ears")
    return Calibration(
        model,
        _median([one.left.gain_db for one in good]),
        _median([one.right.gain_db for one in good]),
        _median([one.low_sign for one in good]),
        _median([one.noise_dbfs for one in good]),
    )


def _median(values: Sequence[float]) -> float:
    known = sorted(value for value in values if not math.isnan(value))
    if not known:
        return math.nan
    half = len(known) // 2
    return known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
