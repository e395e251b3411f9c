"""From what is heard to 16-bit frames: band, gain, automatic gain, noise suppression, converter.

The gain control is a feed-forward compressor in steps of 5 ms (Giannoulis, Massberg and Reiss, "Digital
Dynamic Range Compressor Design", JAES 60, 2012). The suppression is spectral subtraction (Boll, IEEE
ASSP-27, 1979) against a noise estimate that follows minima and slowly rises (after Martin, IEEE SAP-9,
2001): whatever stays the same becomes noise to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import butter, sosfilt

from bench.headsets.clocks import Wave
from bench.headsets.kinds import GainControl, Gate, Microphone
from labcheck.headset.recording import RATE

_STEP = RATE // 200
_FRAME, _HOP = 1024, 512


def capture(heard: Wave, own: Wave, one: Microphone, chance: np.random.Generator) -> NDArray[np.int16]:
    """``heard`` comes through the air and the capsule's band, ``own`` (noise, hum) is made behind it."""
    wave = band(heard, one) + own
    if one.codec_hz:
        cut = butter(10, one.codec_hz, "lowpass", fs=RATE, output="sos")
        wave = np.asarray(sosfilt(cut.astype(np.float32), wave), np.float32)
    wave *= np.float32(10 ** (one.gain_db / 20))
    if one.gate is not None:
        wave = suppressed(wave, one.gate)
    if one.agc is not None:
        wave = controlled(wave, one.agc)
    wave += np.float32(one.dc)
    return converted(wave, one, chance)


def band(wave: Wave, one: Microphone) -> Wave:
    """What the capsule and its amplifier let through."""
    sections = [butter(2, one.low_hz, "highpass", fs=RATE, output="sos")]
    sections.append(butter(2, one.high_hz, "lowpass", fs=RATE, output="sos"))
    return np.asarray(sosfilt(np.vstack(sections).astype(np.float32), wave), np.float32)


def controlled(wave: Wave, one: GainControl) -> Wave:
    """What is quiet becomes louder, up to the target."""
    steps = -(-wave.size // _STEP)
    padded = np.pad(wave, (0, steps * _STEP - wave.size)).reshape(steps, _STEP)
    levels = 10 * np.log10(np.mean(np.square(padded), axis=1, dtype=np.float64) + 1e-12)
    up, down = (float(np.exp(-_STEP / RATE / seconds)) for seconds in (one.attack_s, one.release_s))
    envelope, gains = float(levels[0]), np.empty(steps + 1)
    for number, level in enumerate(levels):
        keep = up if level > envelope else down
        envelope = keep * envelope + (1 - keep) * float(level)
        gains[number] = min(one.target_db - envelope, one.most_db)
    gains[steps] = gains[steps - 1]
    smooth = np.interp(np.arange(wave.size), np.arange(steps + 1) * _STEP, gains)
    return np.asarray(wave * 10 ** (smooth / 20), np.float32)


def suppressed(wave: Wave, one: Gate) -> Wave:
    """What stays the same is taken for noise and turned down to the floor."""
    hops = -(-wave.size // _HOP) + 1
    padded = np.pad(wave, (_HOP, hops * _HOP + _FRAME - wave.size - _HOP))
    window = np.sqrt(np.hanning(_FRAME + 1)[:-1]).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP][:hops] * window
    spectra = fft.rfft(frames, axis=1)
    powers = np.square(np.abs(spectra))
    rise = np.float32(10 ** (_HOP / RATE / one.learn_s))  # 10 dB in the time that it takes to learn
    floor = np.float32(10 ** (one.floor_db / 20))
    smooth, noise, gains = powers[0].copy(), powers[0].copy(), np.empty_like(powers)
    for number, power in enumerate(powers):
        smooth += np.float32(0.2) * (power - smooth)
        noise = np.minimum(noise * rise + np.float32(1e-12), smooth)
        gains[number] = np.maximum(floor, 1 - np.float32(one.over) * noise / (smooth + np.float32(1e-15)))
    out = np.zeros(padded.size, np.float32)
    back = fft.irfft(spectra * gains, _FRAME, axis=1) * window
    even, odd = back[0::2], back[1::2]
    out[: even.size] += even.reshape(-1)[: out.size]
    out[_HOP : _HOP + odd.size] += odd.reshape(-1)[: out.size - _HOP]
    return out[_HOP : _HOP + wave.size]


def converted(wave: Wave, one: Microphone, chance: np.random.Generator) -> NDArray[np.int16]:
    """Cut at what the converter can, rounded with the dither that noise is."""
    step = np.float32(2 ** (16 - one.bits))
    most = np.float32(min(one.clip, 1.0) * 32767)
    scaled = wave * np.float32(32767)
    scaled += (chance.random(scaled.size, np.float32) - np.float32(0.5)) * step
    return (
        np.asarray(np.rint(np.clip(scaled, -most, most) / step) * step, np.float64)
        .clip(-32768, 32767)
        .astype(np.int16)
    )
