"""The evidence of a room: a page that needs nothing from elsewhere, trusts no name, and shows something."""

from __future__ import annotations

import base64
import datetime as dt
import io
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import soundfile
from PIL import Image

from labcheck.errors import N_
from labcheck.headset.acoustics import measure
from labcheck.headset.asking import Device, HeadsetError, Heard
from labcheck.headset.judge import judge
from labcheck.headset.limits import Limits
from labcheck.headset.matrix import HeardMatrix, who_hears_whom
from labcheck.headset.path import path, unheard
from labcheck.headset.recording import Recording
from labcheck.headset.signals import stimulus
from labcheck.headset.test import RoomResult, SeatResult
from provision.reports.headset_files import PAGE, write
from provision.reports.headset_pictures import COURSES, DPI, SPECTROGRAM
from provision.reports.headsets import CONTENT_POLICY, Place
from tests.unit.labcheck.headset.rooms import microphone, recorded

SEATS = ("1А", "1Б", "2А")
HOSTILE = '"><script src=//evil.example/x.js></script><b onclick=x>'
AT = dt.datetime(2027, 4, 15, 8, 12, 3, tzinfo=dt.UTC)
PLACE = Place("Школа <№ 1>", "2/04", ("1А", "2А", "1Б"), AT, "en")


class Parsed(HTMLParser):
    """Every tag with its attributes, in order; what was opened and not closed; the words."""

    VOID = ("meta", "img", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for name, attrs in self.tags if name == tag and attribute in attrs]


def seat_result(number: int, recording: Recording | None, matrix: HeardMatrix) -> SeatResult:
    if recording is None:
        error = HeadsetError(N_("{seat}: the sound test does not come to an end"), seat=SEATS[number])
        return SeatResult(SEATS[number], number, None, error, None, (unheard(error),))
    device = Device(HOSTILE, "046d:0a38", False)
    heard = Heard(recording, device, device, 0.0)
    measures = measure(recording, stimulus(number))
    found = judge(measures, Limits(), matrix.row(number))
    return SeatResult(SEATS[number], number, heard, None, measures, (path(heard, ()), *found))


@pytest.fixture(scope="module")
def result() -> RoomResult:
    """A good headset, one whose left ear is dead, and one that did not answer."""
    recordings = [recorded(microphone(0)), recorded(microphone(1, left_db=-200.0)), None]
    matrix = who_hears_whom(recordings, [stimulus(number) for number in range(3)])
    seats = tuple(seat_result(number, one, matrix) for number, one in enumerate(recordings))
    return RoomResult(AT.timestamp(), seats, matrix, {})


@pytest.fixture(scope="module")
def written(result: RoomResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(result, PLACE, tmp_path_factory.mktemp("evidence") / "new", str)


@pytest.fixture(scope="module")
def parsed(written: Path) -> Parsed:
    return Parsed(written.read_text("utf-8"))


def test_page_is_whole_and_asks_for_nothing(parsed: Parsed, written: Path) -> None:
    assert parsed.open == []
    (policy,) = [a["content"] for t, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == CONTENT_POLICY
    assert {tag for tag, _attrs in parsed.tags}.isdisjoint({"script", "link", "iframe", "object", "base"})
    sources = [*parsed.all("img", "src"), *parsed.all("audio", "src")]
    assert len(sources) == 1 + 2 * 2 + 2
    assert all(source.startswith("data:") for source in sources)
    for target in parsed.all("a", "href"):
        assert target.startswith("#") or (written.parent / target_file(target)).is_file()
    assert not [a for _tag, a in parsed.tags for name in a if name.startswith("on")]


def target_file(target: str) -> str:
    assert "/" not in target
    return unquote(target)


def test_hostile_names_are_only_words(parsed: Parsed) -> None:
    assert HOSTILE[2:30] in parsed.words
    assert "Школа <№ 1>" in parsed.words


def test_seats_stand_in_the_order_of_the_room(parsed: Parsed) -> None:
    assert parsed.all("section", "id") == ["n0", "n2", "n1"]


def test_verdicts_and_causes_are_told(parsed: Parsed) -> None:
    assert "1 of 3 headsets are in order." in parsed.words
    assert "dead-left" in parsed.words
    assert "Only the right earphone; the left one was silent." in parsed.words
    assert "not checked" in parsed.words


def test_pictures_have_their_size_and_show_something(parsed: Parsed) -> None:
    """The seats in the order of the room: the one that did not answer is the second, and has no picture."""
    pictures = [
        Image.open(io.BytesIO(base64.b64decode(source.removeprefix("data:image/png;base64,"))))
        for source in parsed.all("img", "src")
    ]
    wanted = [(round(wide * DPI), round(high * DPI)) for wide, high in (SPECTROGRAM, COURSES)]
    assert [picture.size for picture in pictures[1:]] == wanted * 2
    for picture in pictures:
        assert picture.format == "PNG"
        shades = np.asarray(picture.convert("L"))
        assert 0.005 < (shades < 128).mean() < 0.6
    good, dead = (np.asarray(picture.convert("L")) for picture in (pictures[1], pictures[3]))
    half = slice(60, 170), slice(110, 190)  # the left ear's probe
    assert good[half].mean() < dead[half].mean() - 20


def test_sounds_can_be_played(parsed: Parsed) -> None:
    for source in parsed.all("audio", "src"):
        data = base64.b64decode(source.removeprefix("data:audio/mpeg;base64,"))
        assert soundfile.info(io.BytesIO(data)).duration == pytest.approx(9.3, abs=0.1)


def test_a_page_of_thirty_seats_stays_small(parsed: Parsed, written: Path) -> None:
    assert 30 * written.stat().st_size / len(parsed.all("audio", "src")) < 3_000_000


def test_files_are_the_owners_alone_and_none_is_left_over(written: Path, result: RoomResult) -> None:
    folder = written.parent
    assert folder.name == "2_04-20270415-081203"
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_mode & 0o777 == 0o700
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == ["2_04-1А.flac", "2_04-1Б.flac", PAGE]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    kept, _rate = soundfile.read(files[0], dtype="int16")
    heard = result.seats[0].heard
    assert heard is not None
    assert np.array_equal(kept, heard.recording.pcm)


def test_a_second_test_of_the_same_second_replaces_nothing(result: RoomResult, tmp_path: Path) -> None:
    alone = RoomResult(result.began, result.seats[2:], result.matrix, {})
    pages = [write(alone, PLACE, tmp_path, str) for _each in range(2)]
    assert pages[0] != pages[1]
    assert all(page.is_file() for page in pages)


def test_what_cannot_be_written_leaves_nothing(result: RoomResult, tmp_path: Path) -> None:
    def broken(_text: str) -> str:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write(result, PLACE, tmp_path, broken)
    assert list(tmp_path.iterdir()) == []
