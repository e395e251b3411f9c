"""From a room of headsets to what each seat's computer records."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from bench.headsets import echoes, microphone, streams, surroundings
from bench.headsets.clocks import Wave, add, read
from bench.headsets.kinds import Room, Seat
from labcheck.headset.recording import AFTER_SECONDS, RATE, Recording
from labcheck.headset.signals import LEVEL, Stimulus, stimulus

SIZE = 414_720
"""Frames of a stimulus and of the longest echo, and a good length for transforms."""
_TONE = LEVEL * np.sqrt(2)
"""The tone's amplitude, which distortion is told for."""
_BESIDE_DB = 20.0
"""Direct sound over the room's tail where headsets lie together."""
Ear = tuple[NDArray[np.complex64], ...]
"""Transforms of what one ear's driver does with the stimulus: linear, squared, cubed."""


@dataclass(frozen=True, slots=True)
class Playing:
    """Cups at work: at their own microphone, and elsewhere, in the time of the stimulus that they play."""

    source: Seat
    """Whose computer plays in them."""
    own: Wave
    away: Wave
    near: Wave
    """At a headset that lies beside them: the room answers as little as it does to their own microphone."""


@functools.lru_cache(maxsize=64)
def _ear(number: int, side: int) -> Ear:
    wave = stimulus(number).pcm[:, side].astype(np.float32) / np.float32(32767)
    return tuple(echoes.spectrum(each, SIZE) for each in (wave, wave**2 - np.mean(wave**2), wave**3))


def _driven(source: Seat, cups: Seat) -> list[NDArray[np.complex64]]:
    """The transforms of what left and right drivers of ``cups`` do when ``source`` plays its stimulus."""
    special = source.mono or source.gaps or source.rate_out != 1 or cups.rattle
    second, third = 2 * cups.second / _TONE, 4 * cups.third / _TONE**2
    ears = [_ear(source.number, side) for side in (0, 1)]
    if special:
        pcm = stimulus(source.number).pcm.astype(np.float32) / np.float32(32767)
        pcm = streams.with_gaps(pcm, source.gaps, "out", 0)
        channels = [pcm[:, 0], pcm[:, 1]]
        if source.mono:
            channels = [(channels[0] + channels[1]) / 2] * 2
        if source.rate_out != 1:
            channels = [streams.at_rate(one, 1 / source.rate_out) for one in channels]
        if cups.rattle:
            most = np.float32(cups.rattle * _TONE)
            channels = [
                np.maximum(one, -most) + np.float32(0.1) * np.minimum(one + most, 0) for one in channels
            ]
        ears = [
            tuple(echoes.spectrum(one[: 9 * RATE] ** power, SIZE) for power in (1, 2, 3)) for one in channels
        ]
    played = [_bent(ear, second, third) for ear in ears]
    return played[::-1] if source.swapped else played


def _bent(ear: Ear, second: float, third: float) -> NDArray[np.complex64]:
    """With its harmonics, and as loud as without: the cube of a probe has much of the probe itself in it."""
    one, two, three = ear
    whole = one + np.complex64(second) * two + np.complex64(third) * three
    louder = float(np.linalg.norm(whole)) / max(float(np.linalg.norm(one)), 1e-12)
    return np.asarray(whole / np.float32(max(louder, 1e-12)))


def _playing(source: Seat, cups: Seat, room: Room, chance: np.random.Generator) -> Playing:
    """``source``'s stimulus in the earcups of ``cups``."""
    nothing = np.zeros(0, np.float32)
    played = _driven(source, cups)
    own = np.zeros(SIZE // 2 + 1, np.complex64)
    out = np.zeros(SIZE // 2 + 1, np.complex64)
    for cup, usual, wave in zip(
        (cups.left, cups.right), (room.sample.left, room.sample.right), played, strict=True
    ):
        response = echoes.cup(cup, room.reverb_s, chance)
        if response.size > 1:
            own += echoes.spectrum(response, SIZE) * wave
            reach = cups.far_db is not None or cup.coupling_db > usual.coupling_db - 15
            out += wave * np.float32(1.0 if reach else 0.0)
    heard = fft.irfft(own, SIZE)
    swallowed = round((source.clocks.swallowed_s) * RATE)
    heard[:swallowed] = 0
    if len(room.seats) == 1:
        return Playing(source, heard, nothing, nothing)

    def there(direct_db: float) -> Wave:
        leak = echoes.leak(cups.left, room.reverb_s, direct_db, chance)
        wave = fft.irfft(echoes.spectrum(leak, SIZE) * out, SIZE)
        wave[:swallowed] = 0
        return read(wave, 0.0, 1 + source.clocks.out_ppm * 1e-6, SIZE)

    beside = any(seat.loud and seat.loud[0] == cups.number for seat in room.seats)
    away = there(chance.uniform(-3, 9))
    return Playing(source, heard, away, there(_BESIDE_DB) if beside else nothing)


def recordings(room: Room, seed: int, first: int | None = None) -> list[Recording]:
    """What all seats record when all play at once, or so many of the first; the same for the same room and
    seed."""
    chance = np.random.default_rng([seed, room.number, 1])
    sources = {seat.plays_at if seat.plays_at >= 0 else seat.number: seat for seat in room.seats}
    playing = [_playing(sources[seat.number], seat, room, chance) for seat in room.seats]
    return [_recorded(seat, room, playing, chance) for seat in room.seats[:first]]


def frames_of(seat: Seat) -> int:
    """Frames of its recording, as its computer counts them."""
    played = len(stimulus(seat.number).pcm) / RATE
    return round((seat.clocks.before_s + played + AFTER_SECONDS + seat.clocks.out_s + 0.1) * RATE)


def sample(room: Room, seed: int) -> Recording:
    """What the good headset recorded that was measured alone, in a quiet room, before."""
    seat = replace(room.sample, number=0)
    alone = replace(
        room, number=room.number + 1_000_000, seats=(seat,), paths_db=((0.0,),), delays_s=((0.0,),)
    )
    return recordings(alone, seed)[0]


def arrives(seat: Seat) -> int:
    """The frame of its recording in which the first of its stimulus is heard, were nothing wrong with it."""
    return round((seat.clocks.before_s + seat.clocks.out_s + seat.clocks.in_s) * RATE)


def _begins(seat: Seat) -> float:
    """Seconds after the common moment at which a sound is in the air that becomes its first frame."""
    return seat.clocks.start_s - seat.clocks.before_s - seat.clocks.in_s


def _recorded(seat: Seat, room: Room, playing: list[Playing], chance: np.random.Generator) -> Recording:
    place = room.seats[seat.records_at if seat.records_at >= 0 else seat.number]
    said = frames_of(seat)
    wanted = said + streams.lost_frames(seat.gaps, "in")
    offset = (seat.clocks.before_s + seat.clocks.offset_error_s) * RATE
    if seat.loopback:
        pcm = _looped(seat, wanted, chance)
    else:
        count = wanted if seat.rate_in == 1 else int(wanted / seat.rate_in) + RATE
        heard = _heard(seat, place, room, playing, count)
        heard += surroundings.life(place.around, count, chance)
        if seat.rate_in != 1:
            heard = streams.at_rate(heard, seat.rate_in)[:wanted]
        own = surroundings.noise(place.microphone, wanted, chance)
        own += surroundings.hum(place.microphone, wanted, chance)
        pcm = microphone.capture(heard, own, place.microphone, chance)
    pcm = streams.with_gaps(pcm, seat.gaps, "in", arrives(seat))[:said]
    if seat.removed is not None:
        quieter = np.rint(np.roll(pcm, RATE // 3) * 0.05 + chance.normal(0, 30, len(pcm))).astype(np.int16)
        pcm = streams.removed(pcm, seat, quieter, _looped(seat, said, chance))
    if seat.muted:
        pcm = streams.muted(pcm, seat, chance)
    return Recording(pcm, RATE, float(offset), streams.blocks(len(pcm), seat, chance))


def _heard(seat: Seat, place: Seat, room: Room, playing: list[Playing], count: int) -> Wave:
    """What reaches the microphone at ``place`` when ``seat`` records from it."""
    begins = _begins(seat)
    fast = 1 + seat.clocks.in_ppm * 1e-6
    mine = playing[place.number]
    out = 1 + mine.source.clocks.out_ppm * 1e-6
    later = begins - mine.source.clocks.start_s - mine.source.clocks.out_s
    wave = read(mine.own, later * RATE * out, out / fast, count)
    usual = max(room.sample.left.coupling_db, room.sample.right.coupling_db)
    for number, other in enumerate(playing):
        if number != place.number:
            level = usual + room.paths_db[place.number][number]
            clocks = other.source.clocks
            at = clocks.start_s + clocks.out_s + room.delays_s[place.number][number] - begins
            heard = other.near if place.loud and place.loud[0] == number else other.away
            add(wave, heard, round(at * RATE), 10 ** (level / 20))
    return wave


def _looped(seat: Seat, count: int, chance: np.random.Generator) -> NDArray[np.int16]:
    """What a monitor or a cable brings back: the stimulus, and next to nothing else."""
    one: Stimulus = stimulus(seat.number)
    mono = one.pcm[:, :].astype(np.float32).mean(axis=1) / np.float32(32767)
    gain = np.float32(10 ** (seat.loopback_db / 20))
    begin = round((seat.clocks.before_s + chance.uniform(0.002, 0.08)) * RATE)
    wave = np.zeros(count, np.float32)
    if seat.loopback == "wire":
        slip = 1 + chance.uniform(-20, 20) * 1e-6
        wave = read(mono, -begin * slip, slip, count)
        wave += surroundings.piece(surroundings.coloured("white"), count, chance) * np.float32(
            10 ** (chance.uniform(-92, -80) / 20)
        )
    else:
        add(wave, mono, begin, 1.0)
    return np.asarray(np.rint(np.clip(wave * gain, -1, 1) * 32767), np.int16)
