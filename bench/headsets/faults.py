"""How each fault changes a headset. One function for each cause, drawn from severity.FAULT."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bench.headsets import severity
from bench.headsets.kinds import Cup, GainControl, Gap, GapKind, Gate, Removed, Seat
from labcheck.headset.causes import Cause
from labcheck.headset.recording import RATE
from labcheck.headset.signals import LEVEL, stimulus

Chance = np.random.Generator
Fault = Callable[[Seat, Chance, float], Seat]
"""(seat, chance, severity drawn)."""
GAP_KINDS: tuple[GapKind, ...] = ("zeros", "repeat", "hold", "lost")
EDGE_S = 0.1
"""Gaps begin and end so far within what is played: a gap in silence is none."""


def nominal_db(seat: Seat) -> float:
    """The louder ear's coupling."""
    return max(seat.left.coupling_db, seat.right.coupling_db)


def _silent(seat: Seat, chance: Chance, _drawn: float) -> Seat:
    kinds = ("zeros", "zeros", "zeros", "constant", "sparse")
    return replace(seat, muted=kinds[chance.integers(len(kinds))])  # type: ignore[arg-type]


def _ears(seat: Seat, left_db: float, right_db: float) -> Seat:
    return replace(
        seat, left=replace(seat.left, coupling_db=left_db), right=replace(seat.right, coupling_db=right_db)
    )


def _nothing_heard(seat: Seat, chance: Chance, drawn: float) -> Seat:
    gone = -np.inf if chance.random() < 0.5 else drawn
    return _ears(seat, gone, gone)


def _dead(cup: Cup, chance: Chance, drawn: float) -> Cup:
    return replace(cup, coupling_db=-np.inf if chance.random() < 0.7 else cup.coupling_db - drawn)


def _dead_left(seat: Seat, chance: Chance, drawn: float) -> Seat:
    return replace(seat, left=_dead(seat.left, chance, drawn))


def _dead_right(seat: Seat, chance: Chance, drawn: float) -> Seat:
    return replace(seat, right=_dead(seat.right, chance, drawn))


def _swapped(seat: Seat, _chance: Chance, _drawn: float) -> Seat:
    return replace(seat, swapped=True)


def _mono(seat: Seat, _chance: Chance, _drawn: float) -> Seat:
    return replace(seat, mono=True)


def _polarity(seat: Seat, chance: Chance, _drawn: float) -> Seat:
    if chance.random() < 0.5:
        return replace(seat, left=replace(seat.left, inverted=True))
    return replace(seat, right=replace(seat.right, inverted=True))


def _volume(seat: Seat, _chance: Chance, drawn: float) -> Seat:
    """The microphone's volume, so that the louder ear's coupling becomes what was drawn."""
    return replace(seat, microphone=replace(seat.microphone, gain_db=drawn - nominal_db(seat), bits=16))


def _clipping(seat: Seat, chance: Chance, drawn: float) -> Seat:
    """A preamplifier that cuts the probe: boosted, and cut at a part of full scale or at it."""
    ceiling = chance.choice([1.0, 1.0, 0.8, 0.5])
    peak_db = 20 * np.log10(ceiling / drawn / 0.67)  # the probe's peaks are about three times its RMS of 0.22
    microphone = replace(seat.microphone, gain_db=peak_db - nominal_db(seat), clip=float(ceiling))
    return replace(seat, microphone=replace(microphone, noise_db=min(microphone.noise_db, -62.0)))


def _noise(seat: Seat, _chance: Chance, drawn: float) -> Seat:
    return replace(seat, microphone=replace(seat.microphone, noise_db=drawn))


def _hum(seat: Seat, chance: Chance, drawn: float) -> Seat:
    tilt = chance.uniform(1, 8)
    hertz = 50 + chance.uniform(-0.1, 0.1)
    return replace(seat, microphone=replace(seat.microphone, hum_db=drawn, hum_hz=hertz, hum_tilt=tilt))


def _dc(seat: Seat, chance: Chance, drawn: float) -> Seat:
    return replace(seat, microphone=replace(seat.microphone, dc=drawn * chance.choice([-1, 1])))


def _narrow(seat: Seat, chance: Chance, drawn: float) -> Seat:
    low = chance.uniform(150, 300)
    return replace(seat, microphone=replace(seat.microphone, codec_hz=drawn, low_hz=low))


def _distortion(seat: Seat, chance: Chance, drawn: float) -> Seat:
    if chance.random() < 0.4:  # the membrane touches: cut so low that about so much distortion comes of it
        return replace(seat, rattle=float(np.interp(drawn, (0.1, 0.4), (0.62, 0.2))))
    angle = chance.uniform(0, np.pi / 2)
    return replace(seat, second=drawn * float(np.cos(angle)), third=drawn * float(np.sin(angle)))


def _dropouts(seat: Seat, chance: Chance, drawn: float) -> Seat:
    one = stimulus(0)  # all have one time line
    played = ((one.left_at, len(one.left)), (one.right_at, len(one.right)), (one.tone_at, one.tone_frames))
    gaps = []
    for _gap in range(int(chance.integers(1, 13))):
        first, frames = played[chance.integers(len(played))]
        begin, end = first / RATE + EDGE_S, (first + frames) / RATE - EDGE_S
        kind = GAP_KINDS[chance.integers(len(GAP_KINDS))]
        side = "in" if chance.random() < 0.6 else "out"
        gaps.append(Gap(side, kind, chance.uniform(begin, end - drawn), drawn))  # type: ignore[arg-type]
    return replace(seat, gaps=tuple(gaps))


def _wrong_rate(seat: Seat, chance: Chance, _drawn: float) -> Seat:
    ratio = severity.RATES[chance.integers(len(severity.RATES))]
    return replace(seat, rate_in=ratio) if chance.random() < 0.7 else replace(seat, rate_out=ratio)


def _drift(seat: Seat, chance: Chance, drawn: float) -> Seat:
    ppm = drawn * float(chance.choice([-1, 1]))
    if chance.random() < 0.5:
        return replace(seat, clocks=replace(seat.clocks, in_ppm=seat.clocks.out_ppm + ppm))
    return replace(seat, clocks=replace(seat.clocks, out_ppm=seat.clocks.in_ppm + ppm))


def _gain_control(seat: Seat, chance: Chance, drawn: float) -> Seat:
    """One that acts on the probe, for which the microphone must be quieter than that by as much as the gain
    moves: where it does not move, it is a volume and no more."""
    probe_db = 20 * np.log10(LEVEL) + nominal_db(seat)
    most = chance.uniform(14, 30)
    release = float(np.exp(chance.uniform(np.log(0.08), np.log(0.6))))
    control = GainControl(probe_db + most - drawn, most, chance.uniform(0.003, 0.02), release)
    quiet = max(probe_db - drawn, -95.0)
    microphone = replace(seat.microphone, agc=control, noise_db=min(seat.microphone.noise_db, quiet))
    return replace(seat, microphone=replace(microphone, hum_db=min(microphone.hum_db, quiet - 6)))


def _suppression(seat: Seat, chance: Chance, drawn: float) -> Seat:
    gate = Gate(drawn, chance.uniform(0.15, 0.6), chance.uniform(1.5, 3.0))
    return replace(seat, microphone=replace(seat.microphone, gate=gate))


def _loopback(seat: Seat, chance: Chance, drawn: float) -> Seat:
    wire = chance.random() < 0.5
    return replace(seat, loopback="wire" if wire else "monitor", loopback_db=drawn if wire else 0.0)


def _wrong_device(seat: Seat, chance: Chance, drawn: float) -> Seat:
    """A microphone in the lid of a computer: both ears alike, mostly the room."""
    far_db = nominal_db(seat) + drawn
    left = replace(
        seat.left, coupling_db=far_db, reverb_db=chance.uniform(-8, 0), delay_s=chance.uniform(0.0012, 0.003)
    )
    right = replace(left, coupling_db=far_db + chance.uniform(-1.5, 1.5))
    return replace(seat, left=left, right=right, far_db=far_db)


def _removed(seat: Seat, chance: Chance, drawn: float) -> Seat:
    kinds = ("ends", "zeros", "monitor", "other")
    return replace(seat, removed=Removed(drawn, kinds[chance.integers(len(kinds))]))  # type: ignore[arg-type]


FAULTS: dict[Cause, Fault] = {
    Cause.SILENT: _silent,
    Cause.NOTHING_HEARD: _nothing_heard,
    Cause.DEAD_LEFT: _dead_left,
    Cause.DEAD_RIGHT: _dead_right,
    Cause.SWAPPED: _swapped,
    Cause.MONO: _mono,
    Cause.POLARITY: _polarity,
    Cause.TOO_QUIET: _volume,
    Cause.TOO_LOUD: _volume,
    Cause.CLIPPING: _clipping,
    Cause.NOISE: _noise,
    Cause.HUM: _hum,
    Cause.DC_OFFSET: _dc,
    Cause.NARROW: _narrow,
    Cause.DISTORTION: _distortion,
    Cause.DROPOUTS: _dropouts,
    Cause.WRONG_RATE: _wrong_rate,
    Cause.DRIFT: _drift,
    Cause.GAIN_CONTROL: _gain_control,
    Cause.SUPPRESSION: _suppression,
    Cause.LOOPBACK: _loopback,
    Cause.WRONG_DEVICE: _wrong_device,
    Cause.DEVICE_CHANGED: _removed,
}
"""Those of one seat. Plugs exchanged between seats and loud neighbours are the room's, see draw.py."""


def break_seat(seat: Seat, cause: Cause, chance: Chance) -> Seat:
    """The same headset with this wrong with it."""
    return FAULTS[cause](seat, chance, severity.FAULT[cause].draw(chance))
