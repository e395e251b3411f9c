"""A person without ears: hears what a virtual headset's earcups play, tells numbers and voices by
correlation, and speaks into the air before its microphone."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate

from labcheck.headset.recording import RATE
from labcheck.headset.spoken import sounds
from labcheck.headset.spoken.draw import Ear, Sound, Trial
from labcheck.headset.spoken.steps import Answer, Ask, Heard, Screen, Show, Word, name_of
from labcheck.headset.spoken.words import Language
from tests.services.process import program

Wave = NDArray[np.float64]
QUIET = 10 ** (-50 / 20)
"""RMS below which an earcup is silent: words come 30 dB louder."""
ALIKE = 0.3
"""Of the largest normalised correlation: what was played has 0.9 and more, another word 0.2."""
LATE_SECONDS = 0.4
"""Until the last of what was played has come out of the sound server."""


def voice() -> Wave:
    """Somebody speaking for some five seconds: English numbers. The earphones' volume takes 13 dB off them,
    because the virtual air has it."""
    said = [sounds.word(Trial(Ear.LEFT, n), Language.ENGLISH)[:, 0] for n in (9, 6, 2, 8)]
    return np.concatenate(said) / 32768


class Listener:
    """What the earcups play, from ``parec`` of the earphones' monitor on."""

    def __init__(self, server: str) -> None:
        """``server`` is for PULSE_SERVER."""
        self._env = {**os.environ, "PULSE_SERVER": server}
        command = [program("parec"), "--device=ears.monitor", "--latency-msec=20", *_RAW, "--channels=2"]
        self._process = subprocess.Popen(command, env=self._env, stdout=subprocess.PIPE)
        self._heard = bytearray()
        self._from = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def attend(self) -> None:
        """From now on."""
        self._from = len(self._heard) // 4 * 4

    def heard(self) -> Wave:
        """What came since, (frames, 2)."""
        time.sleep(LATE_SECONDS)
        end = len(self._heard) // 4 * 4
        return np.frombuffer(bytes(self._heard[self._from : end]), "<i2").reshape(-1, 2) / 32768

    def say(self, wave: Wave, after: float) -> None:
        """Speak before the microphone, some time from now."""
        pcm = np.concatenate([np.zeros(round(after * RATE)), wave])
        data = np.rint(np.clip(pcm, -1, 1) * 32767).astype("<i2").tobytes()
        command = [program("pacat"), "--playback", "--device=air", *_RAW, "--channels=1"]

        def play() -> None:
            subprocess.run(command, env=self._env, input=data, check=True, timeout=60)

        threading.Thread(target=play, daemon=True).start()

    def close(self) -> None:
        self._process.kill()
        self._thread.join()
        self._process.communicate()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while piece := self._process.stdout.read1(65536):  # type: ignore[attr-defined]
            self._heard += piece


_RAW = ("--raw", "--format=s16le", f"--rate={RATE}")


class Person:
    """Answers by what is heard; ``speaks`` is None for who keeps silent, and stops at the sentence."""

    def __init__(self, listener: Listener, speaks: Wave | None = None) -> None:
        self.listener, self.speaks = listener, speaks
        self.asked: list[Screen] = []
        self.closed = False

    def show(self, show: Show) -> None:
        if show.screen is Screen.PLAYING:
            self.listener.attend()
        elif show.screen is Screen.RECORDING and self.speaks is not None:
            self.listener.say(self.speaks, after=2.0)

    def ask(self, ask: Ask) -> Answer | None:
        self.asked.append(ask.screen)
        if ask.screen is Screen.WORD:
            return number_in(self.listener.heard())
        if ask.screen is Screen.SOUND:
            return sound_in(self.listener.heard(), self.speaks)
        return Word.STOP if ask.screen is Screen.SPEAK and self.speaks is None else Word.READY

    def close(self) -> None:
        self.closed = True


def number_in(heard: Wave) -> Answer:
    """Which number, in which ear."""
    loud = np.sqrt(np.mean(heard**2, axis=0))
    if loud.max() < QUIET:
        return Word.NOTHING
    if loud.min() > loud.max() / 2:
        return Word.BOTH
    ear = Ear.LEFT if loud[0] > loud[1] else Ear.RIGHT
    channel = heard[:, int(loud.argmax())]
    likeness = {number: alike(channel, _word(number)) for number in range(1, 10)}
    return Heard(ear, max(likeness, key=lambda number: likeness[number]))


def sound_in(heard: Wave, own: Wave | None) -> Answer:
    """What it most resembles; nothing when it is silent."""
    channel = heard.mean(axis=1)
    if np.sqrt(np.mean(channel**2)) < QUIET:
        return Word.NOTHING
    known = {
        Sound.OTHER: sounds.other(Language.RUSSIAN)[:, 0] / 32768,
        Sound.NOISE: sounds.noise()[:, 0] / 32768,
    }
    if own is not None:
        known[Sound.OWN] = own
    likeness = {sound: alike(channel, wave) for sound, wave in known.items()}
    best = max(likeness, key=lambda sound: likeness[sound])
    return best if likeness[best] > ALIKE else Sound.NOISE


def alike(heard: Wave, wanted: Wave) -> float:
    """Largest normalised correlation, 0...1."""
    found = float(np.abs(correlate(heard, wanted, "full", "fft")).max())
    return found / float(np.sqrt((heard @ heard) * (wanted @ wanted)))


def _word(number: int) -> Wave:
    return np.asarray(sounds.word(Trial(Ear.LEFT, number), Language.RUSSIAN)[:, 0] / 32768)


class Browser:
    """A page's own requests, without its looks: what is shown goes to a listening person, the answer back."""

    def __init__(self, url: str, person: Person) -> None:
        self.url, self.person = url, person
        self.screens: list[dict[str, Any]] = []
        self.page = self.get("").decode()
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def get(self, what: str) -> bytes:
        with urllib.request.urlopen(self.url + what, timeout=30) as answer:
            return bytes(answer.read())

    def post(self, number: int, answer: str) -> bool:
        data = json.dumps({"number": number, "answer": answer}).encode()
        with urllib.request.urlopen(self.url + "answer", data, timeout=30) as sent:
            return bool(json.loads(sent.read())["taken"])

    def follow(self) -> None:
        number = -1
        while not self.screens or self.screens[-1]["screen"] != "end":
            told = json.loads(self.get(f"screen?after={number}"))
            if told["number"] == number or not told["screen"]:
                continue
            number, screen = told["number"], told["screen"]
            self.screens.append(screen)
            kind = Screen(screen["screen"])
            if "choices" not in screen:
                self.person.show(Show(kind))
                continue
            answer = self.person.ask(Ask(kind))
            assert answer is not None
            assert name_of(answer) in screen["choices"]
            assert self.post(number, name_of(answer))
            assert not self.post(number, "stop"), "one answer to a question, the first"


@contextmanager
def listening(server: str) -> Iterator[Listener]:
    listener = Listener(server)
    try:
        yield listener
    finally:
        listener.close()
