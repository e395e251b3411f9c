"""What the collected answer files are, beside the codes that the plan expects. Pure.

Files are told by the participant code in their path. What a path and a file's first bytes say is somebody
else's word: it is matched and bounded, and nothing is believed that does not add up.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

HEAD_BYTES = 4096
"""Of a file's beginning, and of its end, so much is looked at."""
UNFINISHED = ".part"
"""What is sent or downloaded has this after its name until it is whole."""
_RIFF, _CHUNK = 12, 8
_OGG_LAST = 0x04


class Shape(StrEnum):
    """What a file's own container says of it."""

    WHOLE = "whole"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    UNKNOWN = "unknown"
    """No container that is known here: nothing is said of it."""


def shape(head: bytes, tail: bytes, size: int) -> Shape:
    """Of a file of ``size`` bytes from its first and last HEAD_BYTES.

    WAV (RIFF, RF64): the header's lengths against the size; a recorder that was cut leaves them 0 or too
    large. Ogg (RFC 3533): the last page must be marked as the last."""
    if not size or not head.strip(b"\0"):
        return Shape.EMPTY
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return _wav(head, size)
    if head[:4] == b"OggS":
        at = tail.rfind(b"OggS")
        return Shape.WHOLE if at >= 0 and tail[at + 5 : at + 6] >= bytes([_OGG_LAST]) else Shape.TRUNCATED
    return Shape.UNKNOWN


def _wav(head: bytes, size: int) -> Shape:
    at = _RIFF
    while at + _CHUNK <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        if name == b"data":
            rest = size - at - _CHUNK
            if not rest:
                return Shape.EMPTY
            if head[:4] == b"RF64":  # its lengths stand elsewhere
                return Shape.UNKNOWN
            return Shape.WHOLE if 0 < length <= rest else Shape.TRUNCATED
        at += _CHUNK + length + length % 2
    return Shape.TRUNCATED if size <= len(head) else Shape.UNKNOWN


@dataclass(frozen=True, slots=True)
class Answer:
    """A file of a workstation. ``kept``: whether a verified copy is here; ``read``: whether it could be read
    there. Not a ``file``: a folder or a link that answers may lie in."""

    seat: str
    path: str = field(repr=False)
    size: int
    sha256: str
    shape: Shape
    kept: bool = True
    read: bool = True
    file: bool = True

    @property
    def counts(self) -> bool:
        """Whether it can be somebody's answer: a whole file is here, it is not empty, and no copying or
        recording that was cut left it."""
        return self.kept and self.shape is not Shape.EMPTY and not self.path.lower().endswith(UNFINISHED)


class Fault(StrEnum):
    """What is wrong with an answer, the worst first."""

    MISSING = "missing"
    UNSEEN = "unseen"
    """No answer is here, and not every workstation could be asked for it."""
    NOT_READ = "not-read"
    NOT_COPIED = "not-copied"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    WRONG_CODE = "wrong-code"
    NO_CODE = "no-code"
    TWO_SEATS = "two-seats"
    FEWER = "fewer"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to see to. ``code`` is "" where no code is known; ``seat`` and ``path`` where no file is."""

    fault: Fault
    code: str = field(default="", repr=False)
    seat: str = ""
    path: str = field(default="", repr=False)


def codes_in(path: str, pattern: str) -> tuple[str, ...]:
    """The participant codes that a path names, each once: what matches and is part of no longer word."""
    alone = rf"(?<![0-9A-Za-zА-Яа-яЁё])(?:{pattern})(?![0-9A-Za-zА-Яа-яЁё])"
    return tuple(dict.fromkeys(match.group() for match in re.finditer(alone, path)))


def code_of(path: str, pattern: str, expected: Iterable[str]) -> str:
    """The code whose answer it is: the only one it names, or the only one of the plan; "" when in doubt."""
    named = codes_in(path, pattern)
    planned = [code for code in named if code in set(expected)]
    if len(planned) == 1:
        return planned[0]
    return named[0] if len(named) == 1 else ""


def check(
    expected: Sequence[str],
    answers: Sequence[Answer],
    pattern: str,
    moved: Mapping[str, frozenset[str]] | None = None,
    here: Collection[str] = (),
    *,
    asked: bool = True,
) -> tuple[Problem, ...]:
    """What is wrong, the worst first, then by code and seat.

    ``expected`` are the codes of the plan; ``moved`` maps a code to the seats that its pupil was moved
    between, ``here`` holds codes of which there is an answer in any case; ``asked``: every workstation was.
    Answers with the same content count once."""
    found = list(_check(expected, answers, pattern, moved or {}))
    found += _without(expected, answers, pattern, here, Fault.MISSING if asked else Fault.UNSEEN)
    order = list(Fault).index
    return tuple(sorted(found, key=lambda p: (order(p.fault), p.code, p.seat, p.path)))


def _check(
    expected: Sequence[str], answers: Sequence[Answer], pattern: str, moved: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    wanted = set(expected)
    of_code: dict[str, list[Answer]] = {}
    for answer in answers:
        code = code_of(answer.path, pattern, wanted)
        for fault in _of_file(answer, code, wanted):
            yield Problem(fault, code, answer.seat, answer.path)
        if code in wanted and answer.counts:
            of_code.setdefault(code, []).append(answer)
    counts = {code: len({a.sha256 for a in some}) for code, some in of_code.items()}
    usual = max(Counter(counts.values()).items(), key=lambda item: (item[1], item[0]), default=(0, 0))[0]
    for code, some in of_code.items():
        seats = {a.seat for a in some}
        alone = {a.seat for a in some if not _elsewhere(a, some)}
        if len(alone) > 1 and not seats <= moved.get(code, frozenset()):
            yield Problem(Fault.TWO_SEATS, code, ", ".join(sorted(seats)))
        if counts[code] < usual:
            yield Problem(Fault.FEWER, code, ", ".join(sorted(seats)))


def _without(
    expected: Sequence[str], answers: Sequence[Answer], pattern: str, here: Collection[str], fault: Fault
) -> Iterator[Problem]:
    """Of which codes there is nothing; what is not copied yet, or empty, has been told."""
    seen = {
        code_of(one.path, pattern, expected)
        for one in answers
        if one.counts or not one.kept or one.shape is Shape.EMPTY
    }
    yield from (Problem(fault, code) for code in expected if code not in seen and code not in here)


def left_there(answers: Iterable[Answer]) -> tuple[Problem, ...]:
    """What of one workstation or some is not here, with no word on whose it is."""
    return tuple(
        Problem(Fault.NOT_COPIED if one.read else Fault.NOT_READ, "", one.seat, one.path)
        for one in answers
        if not one.kept
    )


def _of_file(answer: Answer, code: str, wanted: set[str]) -> Iterator[Fault]:
    if not answer.kept:
        yield Fault.NOT_COPIED if answer.read else Fault.NOT_READ
    if answer.shape is Shape.EMPTY:
        yield Fault.EMPTY
    elif answer.shape is Shape.TRUNCATED:
        yield Fault.TRUNCATED
    if not answer.file:
        return
    if not code:
        yield Fault.NO_CODE
    elif code not in wanted:
        yield Fault.WRONG_CODE


def _elsewhere(answer: Answer, some: Sequence[Answer]) -> bool:
    """Whether the same content lies at another seat: a copy that went along with its pupil."""
    return any(other.sha256 == answer.sha256 and other.seat != answer.seat for other in some)
