"""The spoken check on a real PulseAudio with the real agent: somebody listens at the virtual earcups, answers
by what is heard there, and speaks into the microphone's air."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcheck.finding import Check, Finding
from labcheck.headset.asking import Levels
from labcheck.headset.causes import Cause
from labcheck.headset.spoken.draw import Draw, Ear, Sound, Trial
from labcheck.headset.spoken.judging import judge
from labcheck.headset.spoken.page import PagePerson
from labcheck.headset.spoken.run import Person as AnyPerson
from labcheck.headset.spoken.run import hold
from labcheck.headset.spoken.seat import SeatHeadset
from labcheck.headset.spoken.steps import Heard, Screen
from labcheck.headset.spoken.talk import End
from labcheck.headset.spoken.words import SENTENCES, Language
from labcheck.link import AgentRefused
from labcheck.outcome import Outcome
from labcheck.rehearsal.headset import MODEL
from tests.services.headsets import Seat, seat
from tests.services.listening import Listener, Person, listening, voice
from tests.services.typing_person import Typist

RUSSIAN = Language.RUSSIAN
_USB = "device.bus=usb device.vendor.id={} device.product.id={}".format(*MODEL.split(":"))


@pytest.fixture(scope="module")
def one() -> Iterator[Seat]:
    with seat("204-01") as running:
        yield running


@pytest.fixture(scope="module")
def listener(one: Seat) -> Iterator[Listener]:
    with listening(one.headset.server) as running:
        yield running


def short(*trials: tuple[Ear, int]) -> Draw:
    """Fewer numbers than a check has: nothing passes by it."""
    drawn = tuple(Trial(ear, number) for ear, number in trials)
    return Draw(RUSSIAN, drawn, SENTENCES[RUSSIAN][0], tuple(Sound))


SIX = short(*((ear, number) for number in (1, 4, 8) for ear in Ear))
FOUR = short(*((ear, number) for number in (5, 9) for ear in Ear))


def headset(one: Seat) -> SeatHeadset:
    return SeatHeadset(one.link, "", Levels(), (MODEL,))


def found(one: Seat, drawn: Draw, person: AnyPerson) -> tuple[Finding, Finding]:
    return judge(hold(drawn, headset(one), person), "anna")


# At the seat ------------------------------------------------------------------------------------------------


def test_the_page_is_for_nobody_else_and_asks_nobody_else(one: Seat) -> None:
    page = PagePerson(one.link, "", str, "ru", "<b>204</b>")
    try:
        host = page.url.split("/")[2]
        assert host.startswith("127.0.0.1:")
        for url, headers in (
            (f"http://{host}/", {}),
            (f"http://{host}/guess/screen", {}),
            (page.url, {"Host": "evil.example"}),
        ):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10)
        foreign = urllib.request.Request(
            page.url + "answer", b'{"number": 1, "answer": "ready"}', {"Origin": "http://evil.example"}
        )
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(foreign, timeout=10)
        with urllib.request.urlopen(page.url, timeout=10) as answer:
            html = answer.read().decode()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert not re.findall(r"""(?:src|href)=["'](?!data:)|https?://""", html), (
            "it needs nothing from outside"
        )
        assert "<b>204" not in html
    finally:
        page.close()


def test_who_does_not_answer_is_not_waited_for(one: Seat) -> None:
    page = PagePerson(one.link, "", str, "ru", "204-01")
    request = {"step": "ask", "screen": {"screen": "word"}, "seconds": 0.3}
    began = time.monotonic()
    assert one.link.call("page", request, deadline=10) == {"answer": None, "seen": False}
    assert time.monotonic() - began < 5
    page.close()
    with pytest.raises(AgentRefused, match="no page is shown"):
        one.link.call("page", request, deadline=10)


def test_in_a_terminal_the_same_is_asked_and_answered(one: Seat, listener: Listener) -> None:
    """On a real pty; each question is answered with nonsense first."""
    one.headset.set(set())
    page = PagePerson(one.link, "", str, "en", "204-01")
    script = Path(page.command.removeprefix("python3 "))
    assert script.is_relative_to(one.home)
    assert script.stat().st_mode & 0o777 == 0o600, "the address is nobody else's business"
    kept = one.home / "kept.py"
    kept.write_bytes(script.read_bytes())
    typist = Typist(page.command, Person(listener, voice()))
    try:
        told = hold(short((Ear.RIGHT, 3), (Ear.LEFT, 8)), headset(one), page)
    finally:
        page.close()
    assert typist.left() == 0
    assert told.end is End.DONE, typist.read
    assert told.answers == [Heard(Ear.RIGHT, 3), Heard(Ear.LEFT, 8)], typist.read
    assert told.voice is not None
    assert told.voice.good
    assert told.echoes == [*Sound]
    assert SENTENCES[RUSSIAN][0] in typist.read
    assert typist.read.count("That is none of the answers.") == len(typist.person.asked)
    assert not script.exists()
    late = subprocess.run(["python3", kept], capture_output=True, text=True, check=False, timeout=30)
    assert (late.returncode, late.stderr) == (1, ""), "nobody asks any more"
    assert "refused" in late.stdout


# Faults -----------------------------------------------------------------------------------------------------


def put_between(one: Seat, channels: str) -> str:
    """A sink before the earphones that sends left and right there; the number of its module."""
    module = one.tell(
        "load-module",
        "module-remap-sink",
        "sink_name=between",
        "master=ears",
        "channels=2",
        "channel_map=front-left,front-right",
        f"master_channel_map={channels}",
        "remix=no",
        f"sink_properties='device.description=\"Наушники\" {_USB}'",
    ).strip()
    one.tell("set-default-sink", "between")
    return module


def test_exchanged_ears_are_told(one: Seat, listener: Listener) -> None:
    one.headset.set(set())
    module = put_between(one, "front-right,front-left")
    try:
        numbers, spoken = found(one, FOUR, Person(listener))
    finally:
        one.tell("unload-module", module)
    assert (numbers.outcome, numbers.cause) == (Outcome.FAIL, Cause.SWAPPED)
    assert spoken.outcome is Outcome.NOT_CHECKED


def test_a_dead_ear_is_told(one: Seat, listener: Listener) -> None:
    one.headset.set(set())
    module = put_between(one, "front-left,front-right")
    try:
        (stream,) = re.findall(
            rf"Sink Input #(\d+)\n\tDriver: module-remap-sink.c\n\tOwner Module: {module}\n",
            one.tell("list", "sink-inputs"),
        )
        one.tell("set-sink-input-volume", stream, "0%", "100%")
        numbers, _spoken = found(one, FOUR, Person(listener))
    finally:
        one.tell("unload-module", module)
    assert (numbers.outcome, numbers.cause) == (Outcome.FAIL, Cause.DEAD_LEFT)


def test_a_muted_microphone_is_told_whatever_the_person_says(one: Seat, listener: Listener) -> None:
    one.headset.set(set())
    one.tell(
        "set-source-mute", "air.monitor", "1"
    )  # behind what the agent can switch on: on its cable, so to say
    try:
        person = Person(listener, voice())
        _numbers, spoken = found(one, short((Ear.LEFT, 3), (Ear.RIGHT, 8)), person)
    finally:
        one.tell("set-source-mute", "air.monitor", "0")
    assert (spoken.check, spoken.outcome, spoken.cause) == (Check.VOICE, Outcome.FAIL, Cause.SILENT)
    assert person.asked[-2:] == [Screen.SPEAK, Screen.AGAIN], "it is not played back"


def test_another_device_bothers_nobody(one: Seat) -> None:
    opened = SeatHeadset(one.link, "", Levels(), ("1234:5678",)).opened()
    assert (opened.outcome, opened.cause) == (Outcome.FAIL, Cause.WRONG_DEVICE)
