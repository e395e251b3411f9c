"""Processes that measure the recordings of a room, a few at a time, while nobody waits for them to start.

Processes, not threads: a recording is a thousand calls of numpy, each too short to let another thread in (30
recordings with the 30 x 30 matrix on 2 cores: see ``script/bench headset_measuring``). They are started while
connections are made, and have everything loaded before anybody plays, so that starting them costs nothing;
whom a seat hears, a third of the work, they find out before its recording is at its end. They are programs of
their own, started by name, the same on every system, and no copies of this process: nothing of it is run
again or held open in them. Each has its own pipes, so whoever dies takes with it nobody but the seat that it
was measuring; the next one takes its place. When this process ends, however it ends, their input ends, and so
do they; Ctrl-C does not reach them.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from labcheck.headset.matrix import Hearing
from labcheck.headset.recording import Recording
from labcheck.headset.worker import Answer, Question

LIMIT_SECONDS = 30.0
"""What a recording may take, the loading of everything included."""
_MOST = 8
"""More processes than that take longer to load than they save, and a gigabyte."""
_PROGRAM = "from labcheck.headset.worker import main; main()"
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""The linear algebra under numpy has threads that wait for each other by spinning: with two processes on two
cores that takes three times the processor."""
_LOWER_PRIORITY = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)  # Windows


class Crew:
    """Measures recordings of one room after the other. To be closed."""

    def __init__(self, seats: int, limit_seconds: float = LIMIT_SECONDS) -> None:
        """Start them, for so many seats at the most. Raises nothing: who cannot start cannot answer."""
        self._most, self._limit, self._closed = seats, limit_seconds, False
        self._seats, self._room = seats, 0
        self._questions: SimpleQueue[tuple[int, Question] | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[int, Answer] | None] = SimpleQueue()
        self._early: dict[tuple[int, int], Hearing] = {}
        self._workers = [_Worker(seats) for _each in range(min(os.cpu_count() or 1, seats, _MOST))]
        # No pool: its threads are waited for when Python ends, and Ctrl-C should not have to wait.
        for which in range(len(self._workers)):
            threading.Thread(target=self._work, args=(which,), daemon=True).start()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """Of those who live."""
        return tuple(worker.pid for worker in self._workers if worker.pid)

    def begin(self, seats: int) -> None:
        """What is asked from now on is of another room, in which seats 0...seats-1 play."""
        self._seats, self._room = seats, self._room + 1

    def listen(self, number: int, so_far: Recording) -> None:
        """Have a seat's recording listened to for who is heard, though it still goes on. By any thread."""
        self._questions.put((self._room, Question(number, self._seats, so_far, early=True)))

    def answers(self, recordings: Mapping[int, Recording]) -> dict[int, Answer]:
        """What each seat's recording says; where that did not come to an end, what happened, as the mistake.
        Raises nothing."""
        for number, recording in recordings.items():
            self._questions.put((self._room, Question(number, self._seats, recording)))
        found: dict[int, Answer] = {}
        while len(found) < len(recordings) and (each := self._answers.get()) is not None:
            found[each[0]] = each[1]
        return found

    def _work(self, which: int) -> None:
        """In a thread for each process."""
        while (question := self._questions.get()) is not None:
            room, asked = question
            if not asked.early:
                asked = replace(asked, hearing=self._early.get((room, asked.number)))
            try:
                answer = self._workers[which].answer(asked, self._limit)
            except (OSError, EOFError, pickle.UnpicklingError) as died:
                if self._closed:
                    break
                answer = Answer(None, None, f"what measures ended: {died!r}")
                self._workers[which].close()
                self._workers[which] = _Worker(self._most)
            if not asked.early:
                self._answers.put((asked.number, answer))
            elif answer.hearing is not None:
                self._early[room, asked.number] = answer.hearing
        self._answers.put(None)

    def close(self) -> None:
        """End them, whatever they are doing."""
        self._closed = True
        for worker in self._workers:
            self._questions.put(None)
            worker.close()


class _Worker:
    """One process, and the way to it."""

    def __init__(self, seats: int) -> None:
        self._failed: OSError | None = None
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, str(seats)],
                env={**os.environ, **_ONE_THREAD},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                creationflags=_LOWER_PRIORITY,
            )
        except OSError as failed:
            self._failed = failed

    @property
    def pid(self) -> int:
        """0: it lives no longer."""
        return 0 if self._failed or self._process.poll() is not None else self._process.pid

    def answer(self, asked: Question, seconds: float) -> Answer:
        """Raises OSError, EOFError or pickle.UnpicklingError when it does not come, or not in time."""
        if self._failed:
            raise self._failed
        write, read = self._process.stdin, self._process.stdout
        assert write is not None  # noqa: S101 - both are pipes
        assert read is not None  # noqa: S101
        late = threading.Timer(seconds, self._process.kill)
        late.start()
        try:
            pickle.dump(asked, write)
            write.flush()
            found = pickle.load(read)  # noqa: S301 - from a process that we started
        finally:
            late.cancel()
        if not isinstance(found, Answer):
            raise pickle.UnpicklingError("no answer")
        return found

    def close(self) -> None:
        """It has nothing to lose."""
        if self._failed:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:  # what was not written is not missed
                pass
