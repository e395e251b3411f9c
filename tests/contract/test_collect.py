"""Answers over a real SSH server with the real agent, cut at every step: nothing lost, nothing twice."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labcheck import collect
from labcheck.answers import Shape
from labcheck.collect import (
    AnswersMalformed,
    Collected,
    Item,
    NoAnswersFolder,
    State,
    Station,
    Stopped,
    answer_of,
    collect_room,
)
from labcheck.keeping import Keeping, NoPlaceHere, digest
from labcheck.link import Link
from labcheck.transport.base import Transport
from labcheck.transport.errors import HostKeyUnknown, TransferRefused, Unreachable
from labcheck.transport.ssh import connect
from tests.services.bundles import BUNDLES
from tests.services.cutting import Cutting, cutting
from tests.services.sshd import Sshd, sshd

ANSWERS = {"linux": "~/answers", "windows": "C:\\answers"}
FILES = {
    "10001.wav": os.urandom(300_000),
    "10002/task 1.ogg": os.urandom(100_000),
    "10003.wav": b"",
    "Ответ 10004.wav": os.urandom(20_000),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("ssh"), 71) as running:
        yield running


@pytest.fixture
def wires() -> Iterator[Cutting]:
    with cutting() as running:
        yield running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "PAUSES", (0.01, 0.02))


@dataclass
class Lab:
    """One workstation with answers, and the place where they are kept."""

    server: Sshd
    folder: Path

    @property
    def answers(self) -> Path:
        return self.server.home / "answers"

    def fill(self, files: dict[str, bytes]) -> None:
        for path in sorted(self.answers.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        for name, data in files.items():
            target = self.answers / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def way(self, host: str = "", port: int = 0) -> Transport:
        there = self.server.endpoint
        if port:
            there = dataclasses.replace(there, host=host, port=port)
        return connect(there, self.server.credentials, deadline=20)

    def collect(
        self,
        way: Callable[[], Transport] | None = None,
        keeping: Keeping | None = None,
        stop: threading.Event | None = None,
        tell: Callable[[Item], None] | None = None,
        answers: dict[str, str] | None = None,
    ) -> Collected:
        station = Station("204-71", way or self.way, ANSWERS if answers is None else answers)
        (found,) = collect_room(
            [station], BUNDLES, keeping or Keeping(self.folder), settle=0.05, stop=stop, tell=tell
        )
        return found

    def kept(self) -> dict[str, bytes]:
        keeping = Keeping(self.folder)
        return {kept.path: keeping.file(kept).read_bytes() for kept in keeping.all()}


@pytest.fixture
def lab(server: Sshd, tmp_path: Path) -> Lab:
    made = Lab(server, tmp_path / "answers")
    made.fill(FILES)
    return made


def states(found: Collected) -> set[State]:
    return {item.state for item in found.items}


def test_everything_is_brought_once(lab: Lab) -> None:
    found = lab.collect()
    assert found.complete
    assert states(found) == {State.COPIED}
    assert found.fetched == sum(map(len, FILES.values()))
    assert lab.kept() == FILES
    again = lab.collect()
    assert again.complete
    assert states(again) == {State.HERE}
    assert again.fetched == 0
    assert lab.kept() == FILES
    for path in lab.folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert list((lab.folder / "parts").iterdir()) == []
    assert {p.relative_to(lab.answers).as_posix() for p in lab.answers.rglob("*") if p.is_file()} == set(
        FILES
    )


def test_a_file_that_changed_later_is_kept_beside_the_first(lab: Lab) -> None:
    lab.collect()
    lab.fill({**FILES, "10001.wav": b"another recording"})
    found = lab.collect()
    assert found.fetched == len(b"another recording")
    folder = lab.folder / "seats/204-71"
    assert (folder / "10001.wav").read_bytes() == FILES["10001.wav"]
    assert (folder / "10001 (2).wav").read_bytes() == b"another recording"


def test_a_copy_that_was_lost_here_is_brought_again(lab: Lab) -> None:
    lab.collect()
    (lab.folder / "seats/204-71/10001.wav").unlink()
    found = lab.collect()
    assert {item.path for item in found.items if item.state is State.COPIED} == {"10001.wav"}
    assert lab.kept() == FILES
    assert len(Keeping(lab.folder).all()) == len(FILES)


def test_a_file_that_is_written_to_waits(lab: Lab) -> None:
    with (lab.answers / "10001.wav").open("ab"):
        found = lab.collect()
    assert not found.complete
    assert {item.path for item in found.items if item.state is State.WRITING} == {"10001.wav"}
    assert "10001.wav" not in lab.kept()
    assert lab.collect().complete


def test_no_folder_is_no_empty_folder(lab: Lab) -> None:
    assert not lab.collect().folder_missing
    found = lab.collect(answers={"linux": "~/nowhere"})
    assert found.folder_missing
    assert found.items == ()
    assert isinstance(lab.collect(answers={"windows": "C:\\"}).error, NoAnswersFolder)


def test_a_file_that_may_not_be_read_holds_up_no_other(lab: Lab) -> None:
    class Denying:
        def __init__(self, under: Transport) -> None:
            self.under = under

        def __getattr__(self, name: str) -> object:
            return getattr(self.under, name)

        def get(self, source: str, *args: object, **more: object) -> int:
            if source.endswith("10001.wav"):
                raise TransferRefused("{seat}: no right", seat="204-71")
            return self.under.get(source, *args, **more)  # type: ignore[arg-type]

    found = lab.collect(lambda: Denying(lab.way()))  # type: ignore[arg-type,return-value]
    assert isinstance(found.error, TransferRefused)
    assert len(lab.kept()) == len(FILES) - 1
    assert [item.path for item in found.items if item.state is State.FAILED] == ["10001.wav"]
    assert lab.collect().complete


def test_what_nobody_can_cure_is_not_tried_again(lab: Lab) -> None:
    calls = []

    def unknown() -> Transport:
        calls.append(1)
        return connect(dataclasses.replace(lab.server.endpoint, host_key=None), lab.server.credentials)

    assert isinstance(lab.collect(unknown).error, HostKeyUnknown)
    assert len(calls) == 1


def test_a_dead_workstation_is_given_up(lab: Lab) -> None:
    found = lab.collect(lambda: lab.way("127.0.204.72", 1))
    assert isinstance(found.error, Unreachable)
    assert not found.complete


def test_it_can_be_stopped_and_goes_on(lab: Lab) -> None:
    stop = threading.Event()
    found = lab.collect(stop=stop, tell=lambda _item: stop.set())
    assert isinstance(found.error, Stopped)
    assert 0 < len(lab.kept()) < len(FILES)
    assert lab.collect().complete
    assert lab.kept() == FILES


@pytest.mark.parametrize(
    "file",
    [
        {"path": "../../etc/passwd", "size": 1, "sha256": "0" * 64},
        {"path": "/etc/passwd", "size": 1, "sha256": "0" * 64},
        {"path": "a", "size": -1, "sha256": "0" * 64},
        {"path": "a", "size": 1, "sha256": "../../x"},
        "nonsense",
    ],
)
def test_a_list_that_makes_no_sense_is_refused(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, file: object
) -> None:
    said = {"exists": True, "folder": "/answers", "files": [file]}
    monkeypatch.setattr(Link, "call", lambda *_a, **_k: said)
    assert isinstance(lab.collect().error, AnswersMalformed)


@pytest.mark.parametrize("name", ["CON|x.wav", "a\nb.wav", "x" * 230 + ".wav", " 10005.wav", "\udcff.wav"])
def test_names_that_could_do_harm_here_are_kept_under_others(lab: Lab, name: str) -> None:
    path = os.fsencode(lab.answers) + b"/" + os.fsencode(name)
    with open(path, "wb") as file:  # noqa: PTH123 - bytes
        file.write(b"an answer")
    try:
        found = lab.collect()
        assert found.complete
        (kept,) = [item.kept for item in found.items if item.path == name]
        assert kept is not None
        assert kept.name.startswith("file-")
        assert Keeping(lab.folder).file(kept).read_bytes() == b"an answer"
    finally:
        os.unlink(path)  # noqa: PTH108 - bytes


def test_a_full_disk_here_is_told_as_such(lab: Lab, tmp_path: Path) -> None:
    full = Path("/dev/full")

    class OnFull(Keeping):
        def _part(self, seat: str, listed: object) -> Path:
            return full

    found = lab.collect(keeping=OnFull(tmp_path / "full"))
    assert isinstance(found.error, NoPlaceHere)


def test_shapes_are_read_from_the_copies(lab: Lab) -> None:
    keeping = Keeping(lab.folder)
    shapes = {item.path: answer_of(item, keeping).shape for item in lab.collect(keeping=keeping).items}
    assert shapes["10003.wav"] is Shape.EMPTY
    assert shapes["10001.wav"] is Shape.UNKNOWN


# Cut at every step


def traffic(lab: Lab, wires: Cutting) -> int:
    """How many bytes the connection of a whole collection carries."""
    lab.collect()  # it brings the agent there
    shutil.rmtree(lab.folder)
    host, port = wires.wire(lab.server.endpoint.host, lab.server.endpoint.port, lambda: None)
    assert lab.collect(lambda: lab.way(host, port)).complete
    return wires.carried


def test_cut_after_any_number_of_bytes(lab: Lab, wires: Cutting, tmp_path: Path) -> None:
    whole = traffic(lab, wires)
    assert whole > sum(map(len, FILES.values()))
    steps = 16
    for number in range(steps):
        one = Lab(lab.server, tmp_path / str(number))
        budgets = iter([whole * number // steps, whole * (number + 1) // (2 * steps)])
        host, port = wires.wire(
            lab.server.endpoint.host, lab.server.endpoint.port, functools.partial(next, budgets, None)
        )
        found = one.collect(functools.partial(one.way, host, port))
        assert found.complete, (number, found.error)
        assert one.kept() == FILES, number
        assert list((one.folder / "parts").iterdir()) == []
    assert wires.cuts >= steps


def test_a_large_file_is_continued_not_begun_again(lab: Lab, wires: Cutting) -> None:
    data = os.urandom(6_000_000)
    lab.fill({"10009.wav": data})
    lab.collect()  # the agent is there
    lab.fill({"10009.wav": data[::-1]})
    budgets = iter([4_000_000])
    host, port = wires.wire(lab.server.endpoint.host, lab.server.endpoint.port, lambda: next(budgets, None))
    found = lab.collect(lambda: lab.way(host, port))
    assert found.complete
    assert found.fetched == len(data), "no byte came twice"
    assert wires.cuts == 1
    assert digest(lab.folder / "seats/204-71/10009 (2).wav") == hashlib.sha256(data[::-1]).hexdigest()
