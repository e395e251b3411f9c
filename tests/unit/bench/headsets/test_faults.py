"""Each fault changes what its name says, and by as much as a person would call a fault: by plain numpy."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.headsets import draw, faults, render
from bench.headsets.kinds import Room, Seat, Surroundings
from bench.headsets.severity import FAULT
from labcheck.headset.causes import Cause
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import stimulus

SEED = 7
Wave = NDArray[np.float64]


@functools.cache
def healthy() -> Room:
    """A room of four in which nothing is wrong, calibrated, of an uneven model that is heard well."""
    for number in range(400):
        room = draw.room(SEED, number, 4)
        difference = abs(room.sample.left.coupling_db - room.sample.right.coupling_db)
        well = min(seat.left.coupling_db - seat.microphone.noise_db for seat in room.seats) > 18
        calm = room.seats[0].around.chatter_db < -89 and not room.seats[0].around.clicks
        wide = not room.sample.microphone.codec_hz
        good = not any(case.causes or case.murky for case in room.truth)
        if well and difference > 4 and calm and wide and good:
            return room
    raise AssertionError


@functools.cache
def normal() -> Recording:
    return render.recordings(replace(healthy(), seats=healthy().seats[:2]), SEED, 1)[0]


@functools.cache
def broken(cause: Cause, number: int = 0) -> tuple[Seat, Recording]:
    """Its first seat with this fault; with a neighbour, or with all where the fault is made of others."""
    room = healthy()
    chance = np.random.default_rng([SEED, number, list(Cause).index(cause)])
    seat = faults.break_seat(room.seats[0], cause, chance)
    others = room.seats[1:] if cause in draw.MODEL else room.seats[1:2]
    room = replace(room, seats=(seat, *others))
    return seat, render.recordings(room, SEED, 1)[0]


def samples(recording: Recording, begin: float, end: float) -> Wave:
    """Seconds of the stimulus's time."""
    first = render.arrives(healthy().seats[0])
    return recording.pcm[first + round(begin * RATE) : first + round(end * RATE)] / 32768.0


def still(recording: Recording) -> Wave:
    """While nobody plays."""
    begin, end = stimulus(0).quiet[-1]
    return samples(recording, begin / RATE, end / RATE)


def level(wave: Wave) -> float:
    return float(20 * np.log10(np.std(wave) + 1e-12))


def heard(recording: Recording, side: str, seat: int = 0) -> float:
    """How much of a seat's probe is in a recording, dB: the best correlation with any delay to 0.5 s."""
    one = stimulus(seat)
    probe, at = (one.left, one.left_at) if side == "left" else (one.right, one.right_at)
    wave = samples(recording, at / RATE - 0.3, at / RATE + 2.3)
    size = 2**18
    spectrum = np.fft.rfft(wave, size) * np.conj(np.fft.rfft(probe, size))
    return float(20 * np.log10(np.abs(np.fft.irfft(spectrum, size)).max() / np.sum(probe**2)))


def line(wave: Wave, hertz: float) -> float:
    """Amplitude of a sine in a wave, by least squares."""
    angle = 2 * np.pi * hertz / RATE * np.arange(wave.size)
    fit, *_ = np.linalg.lstsq(np.column_stack([np.cos(angle), np.sin(angle)]), wave, rcond=None)
    return float(np.hypot(*fit))


def above(wave: Wave, hertz: float) -> float:
    """Power above a frequency, dB of the whole."""
    power = np.abs(np.fft.rfft(wave * np.hanning(wave.size))) ** 2
    cut = int(hertz / RATE * wave.size)
    return float(10 * np.log10(power[cut:].sum() / power[round(100 / RATE * wave.size) :].sum()))


@functools.cache
def pair() -> list[Recording]:
    return render.recordings(draw.room(3, 5, 2), 3)


def test_same_seed_same_recordings_other_seed_others() -> None:
    one, two = pair(), render.recordings(draw.room(3, 5, 2), 3)
    assert [r.pcm.tobytes() for r in one] == [r.pcm.tobytes() for r in two]
    assert [(r.offset, r.blocks, r.rate) for r in one] == [(r.offset, r.blocks, r.rate) for r in two]
    assert draw.room(3, 5, 3) == draw.room(3, 5, 3)
    assert draw.room(4, 5, 3) != draw.room(3, 5, 3)
    (other,) = render.recordings(draw.room(4, 5, 2), 4, 1)
    assert one[0].pcm.tobytes() != other.pcm.tobytes()


def test_the_first_seats_alone_record_the_same() -> None:
    room = draw.room(3, 5, 2)
    (alone,) = render.recordings(room, 3, 1)
    assert alone.pcm.tobytes() == pair()[0].pcm.tobytes()


def test_recording_begins_and_ends_half_a_second_beside_the_stimulus() -> None:
    for seat, recording in zip(healthy().seats, render.recordings(healthy(), SEED), strict=True):
        assert recording.pcm.dtype == np.int16
        assert recording.offset >= 0.48 * RATE  # by a clock that may be 20 ms wrong
        assert len(recording.pcm) >= render.arrives(seat) - seat.clocks.in_s * RATE + 8.5 * RATE
        assert recording.blocks[0][0] == 0
        assert recording.blocks[-1][0] < len(recording.pcm)


def test_healthy_is_heard_at_its_coupling() -> None:
    room = healthy()
    microphone = replace(room.seats[0].microphone, noise_db=-120.0, hum_db=-90.0, low_hz=20.0, codec_hz=0.0)
    seat = replace(room.seats[0], microphone=microphone, around=Surroundings())
    (recording,) = render.recordings(replace(room, seats=(seat,)), SEED)
    for at, cup in ((stimulus(0).left_at, seat.left), (stimulus(0).right_at, seat.right)):
        got = level(samples(recording, at / RATE + 0.1, at / RATE + 1.8))
        assert got - level(stimulus(0).left[4800:-4800]) == pytest.approx(cup.coupling_db, abs=0.6)


def silent(recording: Recording) -> None:
    wave = recording.pcm.astype(float)
    assert level((wave - np.median(wave)) / 32768) < -110


def nothing_heard(recording: Recording) -> None:
    for side in ("left", "right"):
        assert heard(recording, side) < heard(normal(), side) - 15
    assert level(still(recording)) > -95


def dead(side: str, other: str) -> Callable[[Recording], None]:
    def told(recording: Recording) -> None:
        assert heard(recording, side) < heard(normal(), side) - 15
        assert heard(recording, other) == pytest.approx(heard(normal(), other), abs=0.5)

    return told


def swapped(recording: Recording) -> None:
    assert heard(recording, "left") == pytest.approx(heard(normal(), "right"), abs=1.5)
    assert heard(recording, "right") == pytest.approx(heard(normal(), "left"), abs=1.5)


def mono(recording: Recording) -> None:
    assert heard(recording, "left") == pytest.approx(heard(recording, "right"), abs=1.0)
    assert abs(heard(normal(), "left") - heard(normal(), "right")) > 2


def polarity(recording: Recording) -> None:
    one = stimulus(0)
    signs = []
    for at in (one.left_at, one.right_at):
        was, now = (samples(r, at / RATE + 0.1, at / RATE + 1.8) for r in (normal(), recording))
        signs.append(float(np.corrcoef(was, now)[0, 1]))
    assert min(signs) < -0.4  # the microphone's noise is another one
    assert max(signs) > 0.4


def louder(low: float, high: float) -> Callable[[Recording], None]:
    def told(recording: Recording) -> None:
        room = healthy().seats[0]
        change = level(samples(recording, 1.3, 2.8)) - level(samples(normal(), 1.3, 2.8))
        assert low <= faults.nominal_db(room) + change <= high

    return told


def clipping(recording: Recording) -> None:
    loudest = np.abs(recording.pcm.astype(int)).max()
    at_the_rail = np.abs(recording.pcm.astype(int)) >= loudest - 1
    assert at_the_rail.sum() > 100
    assert (at_the_rail[1:] & at_the_rail[:-1]).sum() > 50


def noise(recording: Recording) -> None:
    assert level(still(recording)) > -48  # the capsule's band takes some of it
    assert level(still(recording)) > level(still(normal())) + 5


def hum(recording: Recording) -> None:
    lines = [line(still(recording), 50.0 * n) for n in range(1, 8)]
    assert 20 * np.log10(np.linalg.norm(lines) / np.sqrt(2)) > -55
    before = [line(still(normal()), 50.0 * n) for n in range(1, 8)]
    assert np.linalg.norm(lines) > 4 * np.linalg.norm(before)


def dc(recording: Recording) -> None:
    assert abs(np.mean(recording.pcm / 32768)) >= 0.029
    assert abs(np.mean(normal().pcm / 32768)) <= 0.004


def narrow(recording: Recording) -> None:
    assert above(samples(recording, 1.3, 4.8), 4500) < above(samples(normal(), 1.3, 4.8), 4500) - 10


def harmonics(recording: Recording) -> float:
    hertz, wave = stimulus(0).tone_hz, samples(recording, 5.2, 5.9)
    return float(np.linalg.norm([line(wave, n * hertz) for n in (2, 3, 4, 5)]) / line(wave, hertz))


def distortion(recording: Recording) -> None:
    assert harmonics(recording) > 0.03
    assert harmonics(recording) > 4 * harmonics(normal())


def dropouts(recording: Recording) -> None:
    assert not np.allclose(samples(recording, 1.2, 6.7), samples(normal(), 1.2, 6.7), atol=0.002)


def wrong_rate(recording: Recording) -> None:
    hertz = stimulus(0).tone_hz
    wave = recording.pcm / 32768.0
    power = np.abs(np.fft.rfft(wave * np.hanning(wave.size))) ** 2

    def near(at: float) -> float:
        middle = round(at * wave.size / RATE)
        return float(power[middle - 4 : middle + 5].max())

    rates = (44.1 / 48, 48 / 44.1, 32 / 48, 16 / 48, 96 / 48)
    moved = max(near(hertz * factor) for rate in rates for factor in (rate, 1 / rate))
    assert moved > 10 * near(hertz)


def drift(recording: Recording) -> None:
    hertz = stimulus(0).tone_hz
    offs = np.arange(-3200, 3201, 50)
    found = offs[
        int(np.argmax([line(samples(recording, 5.2, 5.9), hertz * (1 + ppm * 1e-6)) for ppm in offs]))
    ]
    assert 350 <= abs(found) <= 3200


def gain_control(recording: Recording) -> None:
    """Less between what is loud and what is not."""
    spread, before = (level(samples(r, 1.4, 2.9)) - level(still(r)) for r in (recording, normal()))
    assert spread < before - 5


def suppression(recording: Recording) -> None:
    assert level(samples(recording, 2.2, 3.0)) < level(samples(normal(), 2.2, 3.0)) - 4


def loopback(recording: Recording) -> None:
    assert heard(recording, "left") > -28
    assert level(still(recording)) < -75


def wrong_device(recording: Recording) -> None:
    assert heard(recording, "left") < heard(normal(), "left") - 5


def changed(recording: Recording) -> None:
    assert len(recording.pcm) < len(normal().pcm) or not np.allclose(
        samples(recording, 6.2, 7.9), samples(normal(), 6.2, 7.9), atol=1e-4
    )


TOLD: dict[Cause, Callable[[Recording], None]] = {
    Cause.SILENT: silent,
    Cause.NOTHING_HEARD: nothing_heard,
    Cause.DEAD_LEFT: dead("left", "right"),
    Cause.DEAD_RIGHT: dead("right", "left"),
    Cause.SWAPPED: swapped,
    Cause.MONO: mono,
    Cause.POLARITY: polarity,
    Cause.TOO_QUIET: louder(-93, -73),
    Cause.TOO_LOUD: louder(-25, -7),
    Cause.CLIPPING: clipping,
    Cause.NOISE: noise,
    Cause.HUM: hum,
    Cause.DC_OFFSET: dc,
    Cause.NARROW: narrow,
    Cause.DISTORTION: distortion,
    Cause.DROPOUTS: dropouts,
    Cause.WRONG_RATE: wrong_rate,
    Cause.DRIFT: drift,
    Cause.GAIN_CONTROL: gain_control,
    Cause.SUPPRESSION: suppression,
    Cause.LOOPBACK: loopback,
    Cause.WRONG_DEVICE: wrong_device,
    Cause.DEVICE_CHANGED: changed,
}


def test_every_fault_of_one_seat_has_a_test() -> None:
    assert set(TOLD) == set(faults.FAULTS)
    assert set(FAULT) == {*TOLD, Cause.OTHER_SEATS_PLUG, Cause.LOUD_NEIGHBOUR}
    assert set(FAULT) == set(Cause) - {Cause.NOT_MEASURABLE}


@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("cause", TOLD, ids=str)
def test_fault_changes_what_its_name_says(cause: Cause, number: int) -> None:
    TOLD[cause](broken(cause, number)[1])


def test_faulty_seat_leaves_the_others_as_they_were() -> None:
    room = healthy()
    seat = broken(Cause.NOISE)[0]
    was, now = (
        render.recordings(each, SEED, 2)[1] for each in (room, replace(room, seats=(seat, *room.seats[1:])))
    )
    assert heard(now, "left", 1) == pytest.approx(heard(was, "left", 1), abs=0.3)


@pytest.mark.parametrize("field", ["plays_at", "records_at"])
def test_exchanged_plugs_bring_the_other_seats_signal(field: str) -> None:
    room = healthy()
    one, two = (
        (replace(room.seats[0], plays_at=1), replace(room.seats[1], plays_at=0))
        if field == "plays_at"
        else (replace(room.seats[0], records_at=1), replace(room.seats[1], records_at=0))
    )
    recording = render.recordings(replace(room, seats=(one, two, *room.seats[2:])), SEED, 1)[0]
    assert heard(recording, "left", 1) > heard(recording, "left", 0) + 4


def test_loud_neighbour_is_as_loud_as_oneself() -> None:
    rooms = (draw.room(SEED, number, 6, Cause.LOUD_NEIGHBOUR) for number in range(40))
    room = next(each for each in rooms if any(seat.loud for seat in each.seats))
    seat = next(seat for seat in room.seats if seat.loud)
    assert seat.loud is not None
    other = seat.loud[0]
    assert other != seat.number
    nominal = faults.nominal_db(room.sample)
    assert room.paths_db[seat.number][other] == pytest.approx(
        faults.nominal_db(seat) - nominal + seat.loud[1]
    )
    quiet = [
        path for number, path in enumerate(room.paths_db[seat.number]) if number not in {other, seat.number}
    ]
    assert max(quiet) <= -10


def test_rooms_hold_what_was_asked_for() -> None:
    cases = [case for n in range(100) for case in draw.room(1, n, 12).truth]
    healthy_ones = [case for case in cases if not case.causes]
    faulty = [case for case in cases if case.causes]
    assert 0.4 < len(healthy_ones) / len(cases) < 0.8
    assert {cause for case in faulty for cause in case.causes} == set(FAULT)
    assert 0.1 < np.mean([len(case.causes) == 2 for case in faulty]) < 0.35
    assert np.mean([case.murky for case in healthy_ones]) < 0.4
    assert all({*case.causes} == {Cause.HUM} for case in draw.room(1, 3, 12, Cause.HUM).truth if case.causes)
