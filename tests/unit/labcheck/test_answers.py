"""Answers beside the plan: by code, by shape, and never in doubt without saying so."""

from __future__ import annotations

import hashlib
import io
import struct
import wave
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcheck.answers import (
    HEAD_BYTES,
    Answer,
    Fault,
    Shape,
    check,
    code_of,
    codes_in,
    left_there,
    shape,
)

FIVE = r"\d{5}"
CODES = ("10001", "10002", "10003")


def wav(frames: int = 1000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(b"\1\0" * frames)
    return out.getvalue()


def ogg(*flags: int) -> bytes:
    return b"".join(b"OggS\0" + bytes([flag]) + b"\0" * 21 + b"x" * 50 for flag in flags)


def shaped(data: bytes) -> Shape:
    return shape(data[:HEAD_BYTES], data[-HEAD_BYTES:], len(data))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Shape.EMPTY),
        (b"\0" * 5000, Shape.EMPTY),
        (wav(), Shape.WHOLE),
        (wav(40_000), Shape.WHOLE),
        (wav() + b"LIST\4\0\0\0abcd", Shape.WHOLE),
        (wav()[:-1], Shape.TRUNCATED),
        (wav()[:44], Shape.EMPTY),
        (wav()[:30], Shape.TRUNCATED),
        (wav().replace(struct.pack("<I", 2000), b"\0\0\0\0"), Shape.TRUNCATED),
        (wav().replace(struct.pack("<I", 2000), b"\xff\xff\xff\xff"), Shape.TRUNCATED),
        (ogg(2, 0, 4), Shape.WHOLE),
        (ogg(2, 0, 0), Shape.TRUNCATED),
        (b"ID3 an mp3", Shape.UNKNOWN),
    ],
)
def test_shapes(data: bytes, expected: Shape) -> None:
    assert shaped(data) is expected


@given(st.binary(max_size=200), st.integers(0, 1 << 40))
def test_no_bytes_break_it(data: bytes, size: int) -> None:
    for head in (data, b"RIFF" + data, b"RIFF\0\0\0\0WAVE" + data, b"OggS" + data):
        assert shape(head, data, size) in Shape


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_every_cut_of_a_wav_is_seen(frames: int, cut: int) -> None:
    data = wav(frames)
    assert shaped(data[: -min(cut, len(data))]) is not Shape.WHOLE


def test_codes_in_names() -> None:
    assert codes_in("10001.wav", FIVE) == ("10001",)
    assert codes_in("7Б/2027-04-15 10001_2.wav", FIVE) == ("10001",)
    assert codes_in("20270415-100012.wav", FIVE) == (), "a longer number is no code"
    assert codes_in("код10001.wav", FIVE) == (), "nor a part of a word"
    assert codes_in("10001/10001-10002.wav", FIVE) == ("10001", "10002")
    assert code_of("10001-99999.wav", FIVE, CODES) == "10001"
    assert code_of("10001-10002.wav", FIVE, CODES) == ""


def answer(
    path: str, seat: str = "1А", content: str = "", found: Shape = Shape.WHOLE, kept: bool = True
) -> Answer:
    return Answer(seat, path, 10, hashlib.sha256((content or path).encode()).hexdigest(), found, kept)


def faults(*answers: Answer, moved: dict[str, frozenset[str]] | None = None) -> list[tuple[Fault, str]]:
    return [(problem.fault, problem.code) for problem in check(CODES, answers, FIVE, moved)]


ALL = tuple(answer(f"{code}.wav", seat) for code, seat in zip(CODES, ("1А", "1Б", "1В"), strict=True))


def test_all_is_well() -> None:
    assert faults(*ALL) == []


def test_each_fault_by_code() -> None:
    assert faults(*ALL[1:]) == [(Fault.MISSING, "10001")]
    assert faults(*ALL, answer("99999.wav")) == [(Fault.WRONG_CODE, "99999")]
    assert faults(*ALL, answer("notes.txt")) == [(Fault.NO_CODE, "")]
    assert faults(answer("10001.wav", found=Shape.EMPTY), *ALL[1:]) == [(Fault.EMPTY, "10001")]
    assert faults(answer("10001.wav", found=Shape.TRUNCATED), *ALL[1:]) == [(Fault.TRUNCATED, "10001")]
    assert faults(answer("10001.wav", kept=False), *ALL[1:]) == [(Fault.NOT_COPIED, "10001")]
    unread = replace(answer("10001.wav", kept=False), read=False)
    assert faults(unread, *ALL[1:]) == [(Fault.NOT_READ, "10001")]
    folder = replace(answer("second/", kept=False), read=False, file=False)
    assert faults(folder, *ALL) == [(Fault.NOT_READ, "")], "a folder needs no code"
    second = [answer(f"{code}_2.wav", seat) for code, seat in (("10001", "1А"), ("10002", "1Б"))]
    assert faults(*ALL, *second) == [(Fault.FEWER, "10003")]


def test_what_is_here_from_earlier_is_not_missing_and_what_nobody_was_asked_for_is_not_known() -> None:
    def told(**more: object) -> list[tuple[Fault, str]]:
        return [(one.fault, one.code) for one in check(CODES, ALL[2:], FIVE, **more)]  # type: ignore[arg-type]

    assert told() == [(Fault.MISSING, "10001"), (Fault.MISSING, "10002")]
    assert told(here={"10002"}) == [(Fault.MISSING, "10001")]
    assert told(here={"10002"}, asked=False) == [(Fault.UNSEEN, "10001")]


def test_what_a_cut_copy_left_is_nobodys_answer() -> None:
    assert faults(answer("10001.mp3.part", found=Shape.UNKNOWN), *ALL[1:]) == [(Fault.MISSING, "10001")]
    assert faults(answer("10001.wav.PART", "4А"), *ALL) == [], "nor is it a second seat"


def test_what_is_left_at_a_workstation_needs_no_plan() -> None:
    writing = answer("10001.wav", kept=False)
    unread = replace(answer("second/", kept=False), read=False, file=False)
    found = left_there([*ALL, writing, unread])
    assert [(p.fault, p.seat, p.path) for p in found] == [
        (Fault.NOT_COPIED, "1А", "10001.wav"),
        (Fault.NOT_READ, "1А", "second/"),
    ]


def test_two_seats_with_one_code() -> None:
    other = answer("10001.wav", "4А", "another")
    assert faults(*ALL, other) == [(Fault.TWO_SEATS, "10001")]
    assert faults(*ALL, other, moved={"10001": frozenset({"1А", "4А"})}) == []
    assert faults(*ALL, answer("10001.wav", "4А")) == [], "the same content counts once"


@given(st.permutations(ALL), st.sets(st.sampled_from(CODES)))
def test_missing_is_what_is_not_there(order: list[Answer], gone: set[str]) -> None:
    left = [one for one in order if one.path[:5] not in gone]
    assert {p.code for p in check(CODES, left, FIVE) if p.fault is Fault.MISSING} == gone


def test_codes_never_show_in_a_repr() -> None:
    (problem,) = check(CODES, [answer("99999.wav"), *ALL], FIVE)
    assert "99999" not in repr(problem) + repr(answer("99999.wav"))
