"""What a simulated headset is: every number that its recording is made from. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from labcheck.headset.causes import Cause

GapKind = Literal["zeros", "repeat", "hold", "lost"]
"""What stands in place of the frames that did not come: zeros, the block before again, the last frame, or
nothing (what follows comes too early)."""


@dataclass(frozen=True, slots=True)
class Cup:
    """An earcup as heard by the microphone of its own headset."""

    coupling_db: float
    """RMS of the recorded probe over RMS of the played one, full scale to full scale; -inf: dead."""
    delay_s: float
    resonances: tuple[tuple[float, float, float], ...]
    """(Hz, Q, dB) each."""
    leak_hz: float
    """Below it the cup's seal leaks: second-order roll-off."""
    top_hz: float
    reverb_db: float
    """The room's diffuse tail, relative to the direct sound."""
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Clocks:
    """When things happen, in seconds, and how fast the converters run, in ppm of what they should."""

    start_s: float
    """After the room's common moment."""
    out_s: float
    in_s: float
    offset_error_s: float
    """What the agent's clock does not know of the offset."""
    swallowed_s: float
    """So much of the beginning is not played."""
    out_ppm: float
    in_ppm: float
    before_s: float
    """The recording begins so long before playing."""


@dataclass(frozen=True, slots=True)
class GainControl:
    """An automatic gain control: target level (RMS, dBFS), most gain (dB), times of attack and release."""

    target_db: float
    most_db: float
    attack_s: float
    release_s: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Noise suppression: a spectral gate that takes away what stays the same for ``learn_s``."""

    floor_db: float
    learn_s: float
    over: float


@dataclass(frozen=True, slots=True)
class Microphone:
    """From air to PCM. Levels in dBFS RMS."""

    gain_db: float = 0.0
    """On top of all that is heard, its own noise included; 0: as the couplings say."""
    noise_db: float = -65.0
    pink: float = 0.3
    brown: float = 0.1
    """Shares of the noise's power; the rest is white."""
    hum_db: float = -90.0
    hum_hz: float = 50.0
    hum_tilt: float = 6.0
    """dB per doubling that the harmonics fall."""
    dc: float = 0.0
    """Full scale = 1."""
    low_hz: float = 60.0
    high_hz: float = 16_000.0
    """Of the capsule: what is heard, not its noise."""
    codec_hz: float = 0.0
    """Of what carries the sound on, its noise included; 0: it carries all."""
    agc: GainControl | None = None
    gate: Gate | None = None
    clip: float = 1.0
    """What the preamplifier or the converter cuts at."""
    bits: int = 16


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else is heard: dBFS RMS while it sounds; clicks are a number in the whole recording."""

    chatter_db: float = -90.0
    chatter_share: float = 0.5
    """Of the time."""
    traffic_db: float = -90.0
    clicks: int = 0
    clicks_db: float = -40.0
    """Peak."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames that did not come; ``at_s`` is in the stimulus's time."""

    side: Literal["in", "out"]
    kind: GapKind
    at_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Removed:
    """The device went away at this second of the recording; what comes then."""

    at_s: float
    then: Literal["ends", "zeros", "monitor", "other"]


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat's headset and computer."""

    number: int
    left: Cup
    right: Cup
    clocks: Clocks
    microphone: Microphone
    around: Surroundings
    second: float = 0.003
    third: float = 0.002
    """Harmonics of the tone, relative to it: the driver's distortion."""
    rattle: float = 0.0
    """Share of the peak level above which the membrane hits something; 0: never."""
    swapped: bool = False
    mono: bool = False
    gaps: tuple[Gap, ...] = ()
    muted: Literal["", "zeros", "constant", "sparse"] = ""
    """Nothing comes from the microphone but so much; sparse: a bit that flips now and then."""
    rate_in: float = 1.0
    """True rate of the converter over the rate that is said."""
    rate_out: float = 1.0
    loopback: Literal["", "monitor", "wire"] = ""
    loopback_db: float = 0.0
    plays_at: int = -1
    """The seat whose earcups get this one's signal; -1: its own."""
    records_at: int = -1
    far_db: float | None = None
    """Not its own microphone but one far away: its own earcups reach it with this coupling, and everybody
    else's about as loudly."""
    loud: tuple[int, float] | None = None
    """(another seat, dB of its signal relative to one's own)."""
    removed: Removed | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What is true of a seat."""

    seat: int
    causes: tuple[Cause, ...]
    """What is wrong with it, the order means nothing; (): healthy."""
    also: tuple[Cause, ...] = field(default=(), kw_only=True)
    """What follows from that, so that it is no mistake to say so: see draw.also."""
    murky: bool
    """So weak in so much noise that nobody could tell it from a faulty one: not checked is right, too."""


@dataclass(frozen=True, slots=True)
class Room:
    """Seats that are tested together."""

    number: int
    seats: tuple[Seat, ...]
    truth: tuple[Case, ...]
    paths_db: tuple[tuple[float, ...], ...]
    """[microphone][earcups]: what another seat's earcups are heard at, relative to one's own; 0 on the
    diagonal."""
    delays_s: tuple[tuple[float, ...], ...]
    reverb_s: float
    """RT60."""
    calibrated: bool
    """A good headset of this model was measured before: ``sample`` is it."""
    sample: Seat
