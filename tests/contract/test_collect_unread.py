"""Answers that cannot be read or are not finished: told each time, and never taken for all there is."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labcheck.agent import collect as agent
from labcheck.collect import Collected, NotCollected, State, Station, collect_room
from labcheck.keeping import Keeping, Kept
from labcheck.link import Link
from labcheck.push import start
from labcheck.transport.ssh import connect
from tests.services.accounts import Account, namespace
from tests.services.bundles import BUNDLES
from tests.services.process import program
from tests.services.sshd import Sshd, sshd

ANSWERS = {"linux": "~/answers"}
LONG_AGO = 600.0


class Desk:
    """A workstation to which an account connects that is not the exam program's (here that is root)."""

    def __init__(self, server: Sshd, home: Path) -> None:
        self.server = server
        self.answers = home / "answers"

    def fill(self, files: dict[str, bytes]) -> None:
        """Recorded a while ago, and readable to all."""
        subprocess.run(["rm", "-rf", str(self.answers)], check=True)
        self.answers.mkdir()
        for name, data in files.items():
            path = self.answers / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            age(path)

    def station(self, process: str = "") -> Station:
        def way() -> object:
            return connect(self.server.endpoint, self.server.credentials, deadline=20)

        return Station("204-76", way, ANSWERS, process)  # type: ignore[arg-type]

    def collect(self, keeping: Keeping, process: str = "") -> Collected:
        (found,) = collect_room([self.station(process)], BUNDLES, keeping, settle=0.05)
        return found


def age(path: Path, seconds: float = LONG_AGO) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="vpr-") as made:  # pytest's own folders are closed to others
        folder = Path(made)
        folder.chmod(0o755)
        one = Account("labssh", "x" * 12)
        command = namespace(folder / "ns", one)
        (folder / "ns").chmod(0o755)
        with sshd(folder / "ssh", 76, command=command, user=one.name, sftp="internal-sftp") as server:
            server.folder.chmod(0o755)
            (server.folder / "authorized_keys").chmod(0o644)
            yield Desk(server, folder / f"ns/home-{one.name}")


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    return Keeping(tmp_path / "kept")


def states(found: Collected) -> dict[str, State]:
    return {item.path: item.state for item in found.items}


def here(keeping: Keeping) -> set[str]:
    return {kept.path for kept in keeping.all()}


# What cannot be read


def test_what_cannot_be_read_is_told_and_holds_up_no_other(desk: Desk, keeping: Keeping) -> None:
    desk.fill({"10001.wav": b"one", "10002.wav": b"two", "second/10003.wav": b"three"})
    (desk.answers / "10002.wav").chmod(0o600)
    (desk.answers / "second").chmod(0o700)
    found = desk.collect(keeping)
    assert found.error is None
    assert states(found) == {
        "10001.wav": State.COPIED,
        "10002.wav": State.UNREAD,
        "second/": State.UNREAD,
    }
    assert not found.complete
    (desk.answers / "10002.wav").chmod(0o644)
    (desk.answers / "second").chmod(0o755)
    assert desk.collect(keeping).complete
    assert here(keeping) == {"10001.wav", "10002.wav", "second/10003.wav"}


@pytest.mark.parametrize("rights", [0o711, 0o744, 0o700])
def test_an_answers_folder_that_may_not_be_listed_is_not_empty(
    desk: Desk, keeping: Keeping, rights: int
) -> None:
    desk.fill({"10001.wav": b"one"})
    desk.answers.chmod(rights)
    found = desk.collect(keeping)
    assert not found.complete
    assert not found.folder_missing
    assert set(states(found).values()) == {State.UNREAD}
    if rights != 0o744:  # names can be read, and nothing of them
        assert list(states(found)) == [str(desk.answers)]


def test_a_folder_in_a_home_that_is_closed_is_not_missing(desk: Desk, keeping: Keeping) -> None:
    desk.fill({"10001.wav": b"one"})
    desk.answers.rename(desk.answers.with_name("home-of-another"))
    home = desk.answers.with_name("home-of-another")
    home.chmod(0o700)
    try:
        station = Station("204-76", desk.station().way, {"linux": f"{home}/answers"})
        (found,) = collect_room([station], BUNDLES, keeping, settle=0.05)
        assert not found.folder_missing
        assert not found.complete
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)


def test_links_are_told_unless_they_lead_to_what_is_listed(desk: Desk, keeping: Keeping) -> None:
    desk.fill({"10001.wav": b"one", "second/10002.wav": b"two"})
    (desk.answers / "latest.wav").symlink_to("second/10002.wav")
    assert desk.collect(keeping).complete
    (desk.answers / "disk").symlink_to("/tmp")
    (desk.answers / "pulled").symlink_to("nowhere")
    found = desk.collect(keeping)
    assert not found.complete
    assert {path: state for path, state in states(found).items() if state is not State.HERE} == {
        "disk": State.UNREAD,
        "pulled": State.UNREAD,
    }


def test_a_path_that_is_too_long_is_told(desk: Desk, keeping: Keeping) -> None:
    desk.fill({"10001.wav": b"one"})
    inner = os.open(desk.answers, os.O_RDONLY)
    for _step in range(17):  # beyond PATH_MAX; each step by itself is none
        os.mkdir("d" * 240, dir_fd=inner)
        outer, inner = inner, os.open("d" * 240, os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(os.open("10002.wav", os.O_WRONLY | os.O_CREAT, dir_fd=inner))
    os.close(inner)
    found = desk.collect(keeping)
    assert found.error is None
    assert not found.complete
    assert sorted(states(found).values()) == [State.COPIED, State.UNREAD]
    subprocess.run(["rm", "-rf", str(desk.answers)], check=True)


# What is not finished


def test_another_accounts_recording_that_pauses_is_not_finished(desk: Desk, keeping: Keeping) -> None:
    desk.fill({})
    path = desk.answers / "10001.mp3"
    with path.open("wb") as recording:
        recording.write(b"the first half")
        recording.flush()
        path.chmod(0o644)
        assert states(desk.collect(keeping)) == {"10001.mp3": State.WRITING}
        recording.write(b", and the other")
    age(path)
    assert desk.collect(keeping).complete
    (kept,) = keeping.all()
    assert keeping.file(kept).read_bytes() == b"the first half, and the other"


def test_once_the_exam_program_has_ended_nobody_waits(desk: Desk, keeping: Keeping, tmp_path: Path) -> None:
    desk.fill({})
    (desk.answers / "10001.mp3").write_bytes(b"just recorded")
    recorder = tmp_path / "vprstation"
    recorder.symlink_to(program("sleep"))
    running = subprocess.Popen([recorder, "300"])
    try:
        assert states(desk.collect(keeping, "vprstation")) == {"10001.mp3": State.WRITING}
    finally:
        running.kill()
        running.wait()
    assert desk.collect(keeping, "vprstation").complete


# The agent itself, as root: it sees every program


class Mute:
    """A conversation that nobody listens to."""

    def progress(self, **what: object) -> None:
        pass


def listed(folder: Path, **more: object) -> dict[str, Any]:
    return agent.collect(Mute(), {"answers": str(folder), "settle_s": 0.0, **more})  # type: ignore[arg-type]


def test_a_file_open_under_another_name_is_not_finished(tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    answers.mkdir()
    (tmp_path / "recording.tmp").write_bytes(b"half")
    os.link(tmp_path / "recording.tmp", answers / "10001.mp3")
    with (tmp_path / "recording.tmp").open("ab"):
        (file,) = listed(answers)["files"]
        assert (file["stable"], file["why"]) == (False, "written")
    (file,) = listed(answers, quiet_s=60)["files"]
    assert file["stable"], "everything can be seen, so nothing has to be waited for"


def test_a_file_that_changes_its_name_while_we_look_is_never_lost_from_sight(tmp_path: Path) -> None:
    """In every list it stands under one of its names, or the list says that it may lack one."""
    for number in range(300):
        (tmp_path / f"{number:05}.wav").touch()
    names = [tmp_path / "10001.tmp", tmp_path / "10001.wav"]
    names[0].write_bytes(b"the answer")
    end = threading.Event()

    def rename() -> None:
        while not end.is_set():
            names[0].rename(names[1])
            names[1].rename(names[0])

    renaming = threading.Thread(target=rename)
    renaming.start()
    try:
        for _time in range(20):
            found = listed(tmp_path)
            assert {"path": "/", "why": "changing"} in found["unread"]
    finally:
        end.set()
        renaming.join()


def test_a_file_that_goes_between_the_looks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "10001.wav").write_bytes(b"one")
    (tmp_path / "10002.wav").write_bytes(b"two")
    monkeypatch.setattr(time, "sleep", lambda _s: (tmp_path / "10001.wav").unlink())
    found = listed(tmp_path)
    whys = {file["path"]: file["why"] for file in found["files"]}
    assert whys == {"10001.wav": "changing", "10002.wav": None}


# One workstation's trouble is its own


def test_whatever_befalls_one_workstation_the_others_are_collected(desk: Desk, tmp_path: Path) -> None:
    desk.fill({"10001.wav": b"one"})

    class Locked(Keeping):
        def keep(self, seat: str, *args: object) -> Kept:
            if seat == "204-75":
                raise OSError(5, "Input/output error", "/answers/10001.wav")
            return super().keep(seat, *args)  # type: ignore[arg-type]

    way = desk.station().way
    stations = [Station(seat, way, ANSWERS) for seat in ("204-75", "204-76")]
    bad, good = collect_room(stations, BUNDLES, Locked(tmp_path / "kept"), settle=0.05)
    assert good.complete
    assert isinstance(bad.error, NotCollected)
    assert str(bad.error) == "204-75: not all was collected: Input/output error", "and no file's name"
    assert not bad.complete


def test_the_agent_that_came_over_ssh_tells_the_same(desk: Desk) -> None:
    desk.fill({})
    desk.answers.chmod(0o700)
    transport = desk.station().way()
    try:
        link: Link = start(transport, BUNDLES)
        found = link.call("collect", {"answers": "~/answers"}, deadline=20)
        assert found["unread"] == [{"path": "/", "why": "denied"}]
    finally:
        transport.close()
