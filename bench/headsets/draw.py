"""Draws rooms of headsets: how many seats, of which model, what is wrong with which."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bench.headsets import consequences, faults
from bench.headsets.kinds import Case, Clocks, Cup, Microphone, Room, Seat, Surroundings
from bench.headsets.severity import FAULT, HEALTHY, MURKY_DB
from labcheck.headset.causes import Cause
from labcheck.headset.recording import BEFORE_SECONDS, START_SECONDS, WORST_START_SECONDS
from labcheck.headset.signals import LEVEL

Chance = np.random.Generator
SEATS = 30
AIR = 343.0
"""m/s."""
CALIBRATED = 0.5
"""Of the rooms."""
SHARES = (0.0, 0.15, 0.4, 0.9)
"""Of the seats of a room that are faulty: from a good room to one where somebody pulled everything."""
PAIRS = 0.25
"""Of the faulty ones, have two faults."""
MODEL = (Cause.WRONG_DEVICE, Cause.OTHER_SEATS_PLUG, Cause.LOUD_NEIGHBOUR)
"""These need other seats."""
FEWEST = 4
"""Seats in a room where a far microphone can be told from a weak one."""
EXCLUSIVE = (
    {Cause.DEAD_LEFT, Cause.DEAD_RIGHT, Cause.NOTHING_HEARD, Cause.SWAPPED},
    {Cause.TOO_QUIET, Cause.TOO_LOUD, Cause.CLIPPING, Cause.GAIN_CONTROL},
    {Cause.NOTHING_HEARD, Cause.TOO_QUIET},
    {Cause.NOTHING_HEARD, Cause.TOO_LOUD},
    {Cause.NOTHING_HEARD, Cause.CLIPPING},
    {Cause.NOTHING_HEARD, Cause.GAIN_CONTROL},
    {Cause.WRONG_RATE, Cause.DRIFT},
    {Cause.SILENT, Cause.LOOPBACK, Cause.DEVICE_CHANGED, Cause.WRONG_DEVICE},
)
"""Two of one group do not make a pair: together they are another fault, or one undoes the other."""


def ranged(name: str, chance: Chance) -> float:
    """A number of a healthy headset."""
    return HEALTHY[name].draw(chance)


@functools.cache
def pairs() -> list[tuple[Cause, Cause]]:
    """The pairs that can be told to be there: nothing hides behind digital silence."""
    single = list(faults.FAULTS)
    return [
        (one, two)
        for number, one in enumerate(single)
        for two in single[number + 1 :]
        if not any({one, two} <= group for group in EXCLUSIVE)
    ]


def room(seed: int, number: int, seats: int, only: Cause | None = None) -> Room:
    """One room, the same for the same seed and number; with ``only`` every fault in it is that one."""
    chance = np.random.default_rng([seed, number])
    sample = _model(chance)
    calibrated = bool(chance.random() < CALIBRATED)
    lively = chance.random() < 1 / 3, chance.random() < 1 / 3
    late = chance.random() < 0.1
    made = [_seat(sample, index, lively, late, chance) for index in range(seats)]
    share = 0.5 if only else SHARES[chance.integers(len(SHARES))]
    causes: dict[int, tuple[Cause, ...]] = {}
    possible = [cause for cause in ([only] if only else FAULT) if _possible(cause, seats, sample, calibrated)]
    for index in range(seats):
        if possible and chance.random() < share:
            causes[index] = (only,) if only else _causes(possible, chance)
    _exchange(made, causes, chance)
    for index, wrong in causes.items():
        for cause in sorted(wrong, key=list(Cause).index):
            if cause in faults.FAULTS:
                made[index] = faults.break_seat(made[index], cause, chance)
    _lay_together(made, causes, chance)
    paths, delays = _paths(made, sample, chance)
    reverb_s = ranged("room reverb", chance)
    truth = tuple(
        Case(seat.number, wrong, _murky(made, seat.number), also=consequences.also(seat) if wrong else ())
        for seat in made
        for wrong in [causes.get(seat.number, ())]
    )
    return Room(number, tuple(made), truth, paths, delays, reverb_s, calibrated, sample)


def _model(chance: Chance) -> Seat:
    """A good headset of the room's model, in a quiet room."""
    weak = chance.random() < 1 / 12
    coupling = ranged("weak coupling" if weak else "model coupling", chance)
    less = coupling - ranged("ear difference", chance)
    near = _cup(coupling, chance)
    far = replace(_varied(near, less - coupling, chance), delay_s=ranged("far path", chance) / AIR)
    left, right = (near, far) if chance.random() < 0.7 else (far, near)
    microphone = Microphone(
        noise_db=min(ranged("noise", chance), -62.0 if weak else -50.0),
        pink=ranged("pink", chance),
        brown=ranged("brown", chance),
        low_hz=ranged("low cut", chance),
        high_hz=float(chance.choice([10_000.0, 13_000.0, 16_000.0])),
        codec_hz=float(chance.choice([0.0, 0.0, 8_200.0])),  # some headsets sample at 16 or 22 kHz
        bits=int(chance.choice([16, 16, 16, 15, 14])),
    )
    clocks = Clocks(0.0, 0.02, 0.02, 0.0, 0.0, 0.0, 0.0, BEFORE_SECONDS)
    seconds, thirds = ranged("second harmonic", chance), ranged("third harmonic", chance)
    return Seat(0, left, right, clocks, microphone, Surroundings(), seconds, thirds)


def _cup(coupling_db: float, chance: Chance) -> Cup:
    resonances = tuple(
        (ranged("cup resonance", chance), ranged("cup Q", chance), ranged("cup gain", chance))
        for _each in range(int(chance.integers(2, 5)))
    )
    path = ranged("near path", chance) / AIR
    leak, top = ranged("leak", chance), ranged("cup top", chance)
    return Cup(coupling_db, path, resonances, leak, top, ranged("reverb level", chance))


def _varied(cup: Cup, louder_db: float, chance: Chance) -> Cup:
    """Another of the same make, otherwise worn or laid down."""
    resonances = tuple(
        (hertz * chance.uniform(0.95, 1.05), q, gain + chance.normal(0, 1))
        for hertz, q, gain in cup.resonances
    )
    return replace(
        cup,
        coupling_db=cup.coupling_db + louder_db + chance.normal(0, 0.4),
        delay_s=cup.delay_s + chance.normal(0, 0.01) / AIR,
        resonances=resonances,
        leak_hz=cup.leak_hz * chance.uniform(0.7, 1.4),
    )


def _apart(left: Cup, right: Cup) -> tuple[Cup, Cup]:
    """The boom is on one side: however they lie, the other cup stays farther from the microphone."""
    near, far = sorted((left, right), key=lambda cup: cup.delay_s)
    far = replace(far, delay_s=max(far.delay_s, near.delay_s + HEALTHY["farther"].low / AIR))
    return (near, far) if left.delay_s <= right.delay_s else (far, near)


def _seat(sample: Seat, number: int, lively: tuple[bool, bool], late: bool, chance: Chance) -> Seat:
    """One more of the model: no two are alike."""
    common = ranged("coupling spread", chance)
    left, right = _apart(*(_varied(cup, common, chance) for cup in (sample.left, sample.right)))
    microphone = replace(
        sample.microphone,
        noise_db=float(np.clip(sample.microphone.noise_db + chance.normal(0, 2), -75, -50)),
        hum_db=ranged("hum", chance) if chance.random() < 0.5 else -90.0,
        dc=ranged("dc", chance),
    )
    around = Surroundings(
        chatter_db=ranged("chatter", chance) if lively[0] else -90.0,
        chatter_share=chance.uniform(0.1, 0.8),
        traffic_db=ranged("traffic", chance) if lively[1] else -90.0,
        clicks=int(chance.integers(0, 5)) if chance.random() < 0.3 else 0,
        clicks_db=ranged("clicks", chance),
    )
    return replace(
        sample,
        number=number,
        left=left,
        right=right,
        microphone=microphone,
        around=around,
        clocks=_clocks(late, chance),
    )


def _clocks(late: bool, chance: Chance) -> Clocks:
    start = float(np.clip(chance.normal(0, START_SECONDS / 2), -START_SECONDS, START_SECONDS))
    if late and chance.random() < 0.2:
        start = chance.uniform(-WORST_START_SECONDS, WORST_START_SECONDS)
    return Clocks(
        start,
        ranged("latency out", chance),
        ranged("latency in", chance),
        ranged("offset error", chance),
        ranged("swallowed", chance) if chance.random() < 1 / 3 else 0.0,
        ranged("clock", chance),
        ranged("clock", chance),
        BEFORE_SECONDS + chance.uniform(0.02, 0.12),
    )


def _causes(possible: Sequence[Cause], chance: Chance) -> tuple[Cause, ...]:
    two = [pair for pair in pairs() if set(pair) <= set(possible)]
    if chance.random() < PAIRS:
        return two[int(chance.integers(len(two)))]
    return (possible[int(chance.integers(len(possible)))],)


def _possible(cause: Cause, seats: int, sample: Seat, calibrated: bool) -> bool:
    if cause is Cause.WRONG_DEVICE:
        return seats >= FEWEST
    if cause is Cause.SWAPPED:
        difference = abs(sample.left.coupling_db - sample.right.coupling_db)
        return calibrated and difference >= FAULT[cause].low
    return seats > 1 or cause not in MODEL


def _exchange(made: list[Seat], causes: dict[int, tuple[Cause, ...]], chance: Chance) -> None:
    """Exchange plugs, two seats at a time; one that is left over is healthy after all."""
    exchanged = [index for index, wrong in causes.items() if Cause.OTHER_SEATS_PLUG in wrong]
    if len(exchanged) % 2:
        del causes[exchanged.pop()]
    for one, two in zip(exchanged[::2], exchanged[1::2], strict=True):
        if chance.random() < 0.5:
            made[one], made[two] = replace(made[one], plays_at=two), replace(made[two], plays_at=one)
        else:
            made[one], made[two] = replace(made[one], records_at=two), replace(made[two], records_at=one)


def _lay_together(made: list[Seat], causes: dict[int, tuple[Cause, ...]], chance: Chance) -> None:
    """Lay headsets beside others that play; where there is none the seat has no loud neighbour."""
    for index, wrong in list(causes.items()):
        if Cause.LOUD_NEIGHBOUR not in wrong:
            continue
        others = [one.number for one in made if one.number != index and _plays(one)]
        if others:
            other = others[int(chance.integers(len(others)))]
            made[index] = replace(made[index], loud=(other, FAULT[Cause.LOUD_NEIGHBOUR].draw(chance)))
        elif rest := tuple(cause for cause in wrong if cause is not Cause.LOUD_NEIGHBOUR):
            causes[index] = rest
        else:
            del causes[index]


def _plays(seat: Seat) -> bool:
    """Whether its earcups sound, and at their speed: of others nothing that is one's own signal is heard."""
    fast = abs(seat.clocks.out_ppm) > HEALTHY["clock"].high or seat.rate_out != 1
    return not fast and max(seat.left.coupling_db, seat.right.coupling_db) > -100


def _paths(
    made: list[Seat], sample: Seat, chance: Chance
) -> tuple[tuple[tuple[float, ...], ...], tuple[tuple[float, ...], ...]]:
    """Rows of six desks, 0.9 to 1.3 m apart; spherical spreading, bodies and desks between."""
    beside, behind = chance.uniform(0.9, 1.3), chance.uniform(1.0, 1.6)
    places = np.array([(index % 6 * beside, index // 6 * behind) for index in range(len(made))])
    metres = np.linalg.norm(places[:, None] - places[None, :], axis=-1) + chance.uniform(0, 0.1)
    nearest = -ranged("neighbour", chance)
    levels = nearest - 20 * np.log10(np.maximum(metres, beside) / beside) + chance.normal(0, 2, metres.shape)
    levels = np.clip(levels, -45, -10)
    nominal = faults.nominal_db(sample)
    for seat in made:
        if seat.far_db is not None:
            levels[seat.number] = seat.far_db - nominal + chance.uniform(-6, 3, len(made))
        if seat.loud:
            levels[seat.number, seat.loud[0]] = faults.nominal_db(seat) - nominal + seat.loud[1]
    np.fill_diagonal(levels, 0.0)
    return tuple(map(tuple, levels.tolist())), tuple(map(tuple, (metres / AIR).tolist()))


def _murky(made: list[Seat], number: int) -> bool:
    """Whether its weaker ear is too faint in what its microphone hears without it."""
    seat = made[number]
    clear = [level for level in (seat.left.coupling_db, seat.right.coupling_db) if level > -100]
    if not clear:
        return False
    microphone, around = seat.microphone, seat.around
    share = (
        0.9 * (1 - microphone.pink - microphone.brown) * 7.9 / 24 + 0.6 * microphone.pink
    )  # of 100 to 8,000 Hz
    parts = (
        microphone.noise_db + 10 * np.log10(share),
        microphone.hum_db,
        around.chatter_db,
        around.traffic_db - 6,
    )
    noise = 10 * np.log10(sum(10 ** (part / 10) for part in parts))
    return bool(20 * np.log10(LEVEL) + min(clear) - noise < MURKY_DB)
