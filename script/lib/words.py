"""The numbers one to nine as speech, Russian and English: by espeak-ng, cut to the word, 16 kHz, 16 bit.

All words of a language get the same RMS, so that loudness does not tell which one it was.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import resample_poly

VOICES = {"ru": "ru", "en": "en-gb"}
"""Language -> voice of espeak-ng 1.51."""
SPEED = "100"
"""Words a minute: slow, and every sound of it there."""
RATE = 16_000
RMS = 10 ** (-20 / 20)
CEILING = 10 ** (-2 / 20)
EDGE = 10 ** (-45 / 20)
"""Below the peak: there the word begins and ends."""
FADE = RATE // 100


def spoken(voice: str, number: int) -> NDArray[np.float64]:
    """One word, full scale = 1."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", voice, "-s", SPEED, "-w", file.name, str(number)], check=True)
        rate, samples = wavfile.read(file.name)
    wave = resample_poly(samples / 32768, 320, 441) if rate == 22_050 else None
    if wave is None:
        raise SystemExit(f"espeak-ng speaks at {rate} Hz")
    where = np.flatnonzero(np.abs(wave) > EDGE * np.abs(wave).max())
    wave = wave[max(0, where[0] - FADE) : where[-1] + FADE]
    rise = np.linspace(0, 1, FADE)
    wave[:FADE] *= rise
    wave[-FADE:] *= rise[::-1]
    wave *= RMS / np.sqrt(np.mean(wave**2))
    return np.asarray(np.clip(wave, -CEILING, CEILING))


def main() -> None:
    folder = Path(sys.argv[1])
    for language, voice in VOICES.items():
        (folder / language).mkdir(parents=True, exist_ok=True)
        for number in range(1, 10):
            pcm = np.rint(spoken(voice, number) * 32767).astype("<i2")
            wavfile.write(folder / language / f"{number}.wav", RATE, pcm)


if __name__ == "__main__":
    main()
