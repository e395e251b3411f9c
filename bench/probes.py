"""Eight families of probes beside each other: which is heard when thirty seats play at once?

Each family gives 64 probes (32 seats, two ears) of the same length, all as loud as an ear may get: -12.2 dBFS
RMS, peaks at most -3.2 dBFS, whichever comes first. They are looked for with the search that the test uses.
Figures, the mean of some seats:

- peak: the correlation's peak over its median, dB, own ear at -60 dB in white noise of -54 dBFS, by clock
- others: the same without noise, 29 others as loud as the own ear, or 20 dB below it, with start differences
  of ±50 ms, latencies of 5 to 300 ms and clocks of ±150 ppm
- false: the largest peak where the own ear is silent and 29 others play, against the own ear's peak, dB
- late: by how many ms at the most the peak's place was wrong
- crest: peak over RMS, dB
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from bench.common import print_result, print_table
from labcheck.headset import signals
from labcheck.headset.acoustics.coupling import WORK, Probe, Search, at_work_rate, best_clock
from labcheck.headset.acoustics.response import read
from labcheck.headset.recording import RATE

Wave = NDArray[np.float64]
PROBES, OTHERS, SEATS = 64, 29, (0, 9, 17, 30)
COUPLING, NOISE = 10 ** (-60 / 20), 10 ** (-54 / 20)
RANGE = 0.6
FRAMES = signals.PROBE


def clipped_noise(number: int) -> Wave:
    """Pink, random phases, tops cut: what is played."""
    return signals.probe(number, FRAMES)


def noise(number: int, tilt: float = -0.5) -> Wave:
    """Random phases, tops left."""
    chance = np.random.default_rng(number)
    hertz = np.fft.rfftfreq(FRAMES, 1 / RATE)
    shape = np.where((hertz >= signals.LOW_HZ) & (hertz <= signals.HIGH_HZ), np.maximum(hertz, 1) ** tilt, 0)
    return np.asarray(np.fft.irfft(shape * np.exp(2j * np.pi * chance.random(len(hertz))), FRAMES))


def white_noise(number: int) -> Wave:
    """The same with the same energy at every frequency."""
    return noise(number, 0.0)


def _sweep(frames: int) -> Wave:
    seconds = np.arange(frames) / RATE
    slow = frames / RATE / math.log(signals.HIGH_HZ / signals.LOW_HZ)
    return np.asarray(np.sin(2 * np.pi * signals.LOW_HZ * slow * (np.exp(seconds / slow) - 1)))


def shifted_sweeps(number: int) -> Wave:
    """One exponential sweep; a seat's begins later by its number, and goes round; right ears go downwards."""
    wave = np.roll(_sweep(FRAMES), number // 2 * FRAMES // 32)
    return wave[::-1] if number % 2 else wave


def sweeps_by_rate(number: int) -> Wave:
    """Exponential sweeps that take longer or less long, again and again; right ears' go downwards."""
    length = round(FRAMES / (1 + number // 2 * 0.37))
    wave = np.tile(_sweep(length), FRAMES // length + 1)[:FRAMES]
    return wave[::-1] if number % 2 else wave


def combs(number: int) -> Wave:
    """Every 64th frequency is a probe's own."""
    chance = np.random.default_rng(number)
    hertz = np.fft.rfftfreq(FRAMES, 1 / RATE)
    own = np.arange(len(hertz)) % PROBES == number
    inside = (hertz >= signals.LOW_HZ) & (hertz <= signals.HIGH_HZ) & own
    shape = np.where(inside, 1 / np.sqrt(np.maximum(hertz, 1)), 0)
    return np.asarray(np.fft.irfft(shape * np.exp(2j * np.pi * chance.random(len(hertz))), FRAMES))


def _chips(chips: Wave) -> Wave:
    """Chips of 1/16000 s as frames, the band cut."""
    wave = np.repeat(chips[: FRAMES // 3], 3)
    wave = np.pad(wave, (0, FRAMES - len(wave)))
    hertz = np.fft.rfftfreq(FRAMES, 1 / RATE)
    inside = (hertz >= signals.LOW_HZ) & (hertz <= signals.HIGH_HZ)
    return np.asarray(np.fft.irfft(np.fft.rfft(wave) * inside, FRAMES))


def mls(number: int) -> Wave:
    """One maximum length sequence of order 15, shifted by 32 ms from probe to probe."""
    chips = 2.0 * scipy.signal.max_len_seq(15)[0] - 1
    return _chips(np.roll(chips, number * 512))


def gold(number: int) -> Wave:
    """In the manner of Gold: sums of two shift register sequences of order 15."""
    one = scipy.signal.max_len_seq(15)[0]
    two = scipy.signal.max_len_seq(15, taps=[14, 13, 11])[0]
    return _chips(2.0 * (one ^ np.roll(two, 311 * number)) - 1)


FAMILIES: dict[str, Callable[[int], Wave]] = {
    "noise, pink, tops cut (ours)": clipped_noise,
    "noise, pink": noise,
    "noise, white": white_noise,
    "sweeps, shifted": shifted_sweeps,
    "sweeps, by rate": sweeps_by_rate,
    "combs of tones": combs,
    "MLS, shifted": mls,
    "Gold codes": gold,
}


def levelled(wave: Wave) -> tuple[Wave, float]:
    """As loud as it may be, at the rate of the search; and its crest factor, dB."""
    rms = float(np.sqrt(np.mean(wave**2)))
    crest = float(np.abs(wave).max()) / rms
    gain = min(signals.LEVEL / rms, signals.CEILING / (crest * rms))
    return np.asarray(at_work_rate(wave * gain, RATE), np.float64), 20 * math.log10(crest)


def late(wave: Wave, by: float, ppm: float) -> Wave:
    """In a recording of the search's length, later by so many seconds, by another clock."""
    count = round((RANGE + 0.05) * WORK) + len(wave)
    return np.asarray(read(wave, -by * WORK, 1 / (1 + ppm * 1e-6), count), np.float64)


def found(recorded: Wave, wave: Wave) -> tuple[float, float, float]:
    """Peak over median (dB), its place (s), its squared magnitude without whitening's scale."""
    search = Search(recorded, Probe(wave, 0.0), 0.0, RANGE)
    peak = search.peak(best_clock((search,)))
    return peak.over, peak.at, peak.over - peak.limit - peak.least


def family(make: Callable[[int], Wave]) -> dict[str, float]:
    """All figures of one family."""
    pairs = [levelled(make(number)) for number in range(PROBES)]
    waves, crests = [wave for wave, _crest in pairs], [crest for _wave, crest in pairs]
    chance = np.random.default_rng(5)
    total: dict[str, list[float]] = {name: [] for name in ("0", "50", "150", "others", "weak", "false")}
    places = [0.0]
    for seat in SEATS:
        wave, by = waves[2 * seat], chance.uniform(0.06, 0.34)
        for ppm in (0, 50, 150):
            clean = COUPLING * late(wave, by, ppm)
            over, at, _gain = found(clean + NOISE * chance.standard_normal(len(clean)), wave)
            total[str(ppm)].append(over)
            places.append(abs(at - by) * 1000)
        crowd = np.zeros_like(clean)
        for other in chance.permutation([each for each in range(31) if each != seat])[:OTHERS]:
            crowd += late(
                waves[2 * other],
                chance.uniform(0.005, 0.3) + chance.uniform(0, 0.1),
                chance.uniform(-150, 150),
            )
        own = late(wave, by, 50)
        over, at, _gain = found(own + crowd, wave)
        total["others"].append(over)
        places.append(abs(at - by) * 1000)
        total["weak"].append(found(own + 0.1 * crowd, wave)[0])
        reference = Search(own + crowd, Probe(wave, 0.0), 0.0, RANGE).peak(50.0)
        silent = Search(crowd, Probe(wave, 0.0), 0.0, RANGE)
        nothing = silent.peak(best_clock((silent,)))
        total["false"].append(
            nothing.over
            - nothing.limit
            + nothing.least
            - (reference.over - reference.limit + reference.least)
        )
    means = {name: round(float(np.mean(values)), 1) for name, values in total.items()}
    return {**means, "late": round(max(places), 2), "crest": round(float(np.mean(crests)), 1)}


def main() -> None:
    """Compare, print the table and the line of JSON."""
    results = {name: family(make) for name, make in FAMILIES.items()}
    head = ("probes", "peak 0 ppm", "50", "150", "29 others", "at -20 dB", "false", "late ms", "crest dB")
    print_table(head, [(name, *(f"{value:.1f}" for value in row.values())) for name, row in results.items()])
    print_result({"coupling_db": -60, "noise_dbfs": -54, "others": OTHERS, "probes": results})


if __name__ == "__main__":
    main()
