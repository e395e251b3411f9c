"""How bad is bad: from which range every number of a healthy and of a faulty headset is drawn. The one table.

A fault begins where a person who listens would call it one; between what is healthy and what is a fault lies
a gap that nothing is drawn from, because there people would disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from labcheck.headset.causes import Cause


@dataclass(frozen=True, slots=True)
class Range:
    """Where a number is drawn from."""

    low: float
    high: float
    unit: str
    why: str
    shape: Literal["even", "middle", "third", "log"] = "even"
    """Evenly; triangular, with most of them in the middle or a third from below; evenly in the logarithm."""

    def draw(self, chance: np.random.Generator) -> float:
        """One value."""
        if self.shape == "log":
            return float(np.exp(chance.uniform(np.log(self.low), np.log(self.high))))
        if self.shape in {"middle", "third"}:
            part = 1 / 2 if self.shape == "middle" else 1 / 3
            return float(chance.triangular(self.low, self.low + part * (self.high - self.low), self.high))
        return float(chance.uniform(self.low, self.high))


HEALTHY: dict[str, Range] = {
    "model coupling": Range(-60, -30, "dB", "earcup to own microphone, a model's nominal", "middle"),
    "weak coupling": Range(-65, -60, "dB", "one model of twelve: closed, with a long boom"),
    "coupling spread": Range(-2, 2, "dB", "from headset to headset, position of boom and cups", "middle"),
    "ear difference": Range(0.5, 8, "dB", "the boom is on one side"),
    "cup resonance": Range(1500, 5000, "Hz", "two to four of them", "log"),
    "cup Q": Range(1.5, 8, "", "", "log"),
    "cup gain": Range(-8, 10, "dB", "of a resonance"),
    "leak": Range(70, 350, "Hz", "second-order roll-off below it, lying on a desk or worn", "log"),
    "cup top": Range(9_000, 18_000, "Hz", "the driver's end"),
    "near path": Range(0.08, 0.15, "m", "cup to boom, on its side"),
    "far path": Range(0.17, 0.27, "m", "round the head, or what lies between"),
    "farther": Range(0.02, 0.19, "m", "the far path of a headset against its near one, as both ranges say"),
    "room reverb": Range(0.4, 0.9, "s", "RT60 of a furnished classroom"),
    "reverb level": Range(-35, -16, "dB", "the room's tail below the direct sound"),
    "neighbour": Range(10, 25, "dB", "the next seat's earcups below one's own; the farthest -45"),
    "noise": Range(-75, -50, "dBFS", "the microphone's own, RMS", "third"),
    "pink": Range(0.05, 0.5, "", "share of its power"),
    "brown": Range(0.0, 0.35, "", "likewise: rumble, breath of the ventilation"),
    "hum": Range(-88, -66, "dBFS", "of the 50 Hz family, in one of two"),
    "dc": Range(-0.003, 0.003, "FS", ""),
    "low cut": Range(30, 110, "Hz", "second order", "log"),
    "latency out": Range(0.005, 0.2, "s", "USB and sound server", "log"),
    "latency in": Range(0.005, 0.1, "s", "likewise", "log"),
    "clock": Range(-75, 75, "ppm", "of either converter; up to 150 between them"),
    "offset error": Range(-0.02, 0.02, "s", "what the agent's clock does not know"),
    "swallowed": Range(0.05, 0.5, "s", "in one device of three"),
    "second harmonic": Range(0.0005, 0.01, "", "of a sound driver", "log"),
    "third harmonic": Range(0.0003, 0.007, "", "", "log"),
    "chatter": Range(-78, -52, "dBFS", "pupils in the corridor, in one room of three"),
    "traffic": Range(-85, -60, "dBFS", "in one room of three"),
    "clicks": Range(-50, -20, "dBFS", "peak; chairs and keys, none to four"),
}
FAULT: dict[Cause, Range] = {
    Cause.SILENT: Range(0, 0, "", "exact zeros; or a constant; or below -110 dBFS"),
    Cause.NOTHING_HEARD: Range(-130, -105, "dB", "coupling of both ears: plug out, volume wheel at nothing"),
    Cause.DEAD_LEFT: Range(40, 70, "dB", "below the other ear, or nothing at all (7 of 10)"),
    Cause.DEAD_RIGHT: Range(40, 70, "dB", "below the other ear, or nothing at all (7 of 10)"),
    Cause.SWAPPED: Range(3, 8, "dB", "the ears' difference of such models; with a calibration or known boom"),
    Cause.MONO: Range(0, 0, "", "both ears get the mean of both channels"),
    Cause.POLARITY: Range(0, 0, "", "one ear's wires are crossed"),
    Cause.TOO_QUIET: Range(
        -90, -76, "dB", "coupling with the microphone's volume turned down, noise with it"
    ),
    Cause.TOO_LOUD: Range(-22, -10, "dB", "coupling with the microphone boosted, noise with it"),
    Cause.CLIPPING: Range(0.2, 0.7, "", "of the probe's RMS times three: where the preamplifier cuts"),
    Cause.NOISE: Range(-43, -25, "dBFS", "RMS: a defective capsule, an open shield"),
    Cause.HUM: Range(-50, -28, "dBFS", "a ground loop, a bad charger"),
    Cause.DC_OFFSET: Range(0.03, 0.3, "FS", "a leaking capacitor"),
    Cause.NARROW: Range(3_000, 3_800, "Hz", "telephone profile; order 10"),
    Cause.DISTORTION: Range(0.10, 0.4, "", "THD of the tone: a torn or touching membrane"),
    Cause.DROPOUTS: Range(0.010, 0.2, "s", "1 to 12 gaps while something is played", "log"),
    Cause.WRONG_RATE: Range(0, 0, "", "44.1 as 48, 48 as 44.1, 32, 16 or 96 as 48; input or output"),
    Cause.DRIFT: Range(500, 3000, "ppm", "a broken crystal, a resampler out of step", "log"),
    Cause.GAIN_CONTROL: Range(8, 18, "dB", "less gain for the probe than for quiet; release 0.08 to 0.6 s"),
    Cause.SUPPRESSION: Range(-30, -14, "dB", "floor of the gate; learns within 0.15 to 0.6 s"),
    Cause.LOOPBACK: Range(-20, 0, "dB", "a monitor of the sound server, or a cable"),
    Cause.WRONG_DEVICE: Range(
        -22, -10, "dB", "one's own, below a microphone of its own; others -6 to +3 of that"
    ),
    Cause.OTHER_SEATS_PLUG: Range(0, 0, "", "two seats' outputs, or two seats' inputs, exchanged"),
    Cause.LOUD_NEIGHBOUR: Range(-3, 4, "dB", "another seat's signal relative to one's own"),
    Cause.DEVICE_CHANGED: Range(
        1.5, 6.5, "s", "into the recording the source goes away: ends, zeros, another"
    ),
}
RATES = (44.1 / 48, 48 / 44.1, 32 / 48, 16 / 48, 96 / 48)
"""True rate over said rate."""
MURKY_DB = -6.0
"""Own tone over all noise of the band, both RMS, below which 10 % of distortion are no more than 10 dB over
the noise of the tone's harmonic (0.9 s: 38.5 dB of gain), so that not checked is right, too."""
