"""An oral exam's day as the specialist has it: waves, watch, fix, move, collect."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provision.cli.exits import Exit
from tests.e2e.site import command_line, environment, example
from tests.services.bundles import BUNDLES
from tests.services.process import Process, until
from tests.services.pulse import Sound, sound_server
from tests.services.sshd import Sshd, start

SEATS = {"1А": 81, "1Б": 82, "4А": 83}
ROOM = "204"


@dataclass
class Day:
    """The example school, whose lab is a few real servers."""

    site: Path
    seats: dict[str, Sshd]
    sound: Sound
    env: dict[str, str]

    def labcheck(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("labcheck")), *words, "--site", str(self.site)]
        return subprocess.run(
            command, env=self.env, input=stdin, capture_output=True, text=True, timeout=120, check=False
        )

    def provision(self, *words: str, stdin: str = "") -> None:
        command = command_line(self.site, *words)
        ran = subprocess.run(
            command, env=self.env, input=stdin, capture_output=True, text=True, timeout=120, check=False
        )
        assert ran.returncode == Exit.DONE, ran.stderr

    def json(self, *words: str, stdin: str = "") -> tuple[int, dict[str, Any]]:
        ran = self.labcheck(*words, "--json", stdin=stdin)
        assert ran.stdout, ran.stderr
        return ran.returncode, json.loads(ran.stdout)

    def answer(self, seat: str, name: str, seconds: float = 0.2) -> Path:
        path = self.seats[seat].home / "answers" / name
        path.parent.mkdir(exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(os.urandom(2 * round(seconds * 16000)))
        return path

    def ledger(self) -> str:
        """Everything that the record and the files beside the answers say, as one text."""
        with sqlite3.connect(self.site / ".provision/ledger.sqlite3") as connection:
            return "\n".join(connection.iterdump())


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("day")
    site = example(folder)
    cache = folder / "cache" / "vpr-morning"
    cache.mkdir(parents=True)
    (cache / "bundles").symlink_to(BUNDLES.folder)
    (cache / "wheels").symlink_to(BUNDLES.wheels)
    with sound_server(folder / "sound") as sound:
        seats = {
            seat: start(folder / f"ssh-{number}", number, environment={"PULSE_SERVER": sound.server})
            for seat, number in SEATS.items()
        }
        try:
            _lab(site, seats)
            env = environment(XDG_CACHE_HOME=str(folder / "cache"))
            yield Day(site, seats, sound, env)
        finally:
            for server in seats.values():
                server.stop()


def _lab(site: Path, seats: dict[str, Sshd]) -> None:
    """Point the example's lab at the servers."""
    lines = []
    for seat, server in seats.items():
        there = server.endpoint
        reserve = ", reserve: true" if seat == "4А" else ""
        lines.append(
            f"      - {{seat: {seat}, host: {there.host}, port: {there.port}, user: {there.user},"
            f" host_key: {there.host_key}{reserve}}}"
        )
    inventory = site / "inventory.yaml"
    text = inventory.read_text("utf-8")
    text, count = re.subn(
        r"(    workstations:[^\n]*\n)(?:      [-#][^\n]*\n)+", "\\1" + "\n".join(lines) + "\n", text
    )
    assert count == 1
    where = text.index("\n".join(lines)) + len("\n".join(lines))
    key = next(iter(seats.values())).folder / "user_key"
    text = f"{text[:where]}\n    access: {{key: {key}}}{text[where:]}"
    (site / "software").mkdir(exist_ok=True)
    (site / "software/setup.sh").write_text("exit 0\n")
    digest = hashlib.sha256(b"exit 0\n").hexdigest()
    rules = (
        "    software:\n      name: Станция\n      version: '1'\n      folder: software\n"
        f"      process: vprstation\n      files: [{{path: setup.sh, sha256: {digest}}}]\n"
        "      linux: {install: [sh, setup.sh], answers: ~/answers}\n"
    )
    assert "\n    systems:" in text
    text = text.replace("\n    systems:", f"\n{rules}    systems:", 1)
    text = text.replace("exam_session: true", "exam_session: false", 1)
    inventory.write_text(text, "utf-8")
    for server in seats.values():  # one key opens all
        (server.folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())


def test_waves(day: Day) -> None:
    code, said = day.json("waves", "--room", ROOM, "--minutes", "10", "--change", "0")
    assert code == Exit.DONE
    (room,) = said["rooms"]
    assert (room["stations"], room["reserves"]) == (2, 1)
    assert sum(s["last"] - s["first"] + 1 for w in room["waves"] for s in w["shares"]) == room["pupils"] > 0
    late = day.labcheck("waves", "--room", ROOM, "--minutes", "60", "--until", "12:30")
    assert late.returncode == Exit.INCOMPLETE
    assert "Not even one wave fits" in late.stderr or "would be enough" in late.stderr
    assert day.labcheck("waves", "--room", ROOM, "--minutes", "5", "--until", "noon").returncode == Exit.SITE


def test_watch_and_fix(day: Day, tmp_path: Path) -> None:
    program = day.seats["1А"].home / "vprstation"
    program.symlink_to(Path("/bin/sleep").resolve())
    running = Process([str(program), "300"], tmp_path / "log")
    try:
        day.sound.tell("set-source-mute", "mic", "1")
        code, said = day.json("watch", "--room", ROOM, "--seat", "1А", "--every", "0.3", "--for", "8")
        assert code == Exit.INCOMPLETE
        kinds = {one["kind"]: one for one in said["rooms"][0]["incidents"]}
        assert "labcheck fix --seat 204-1А unmute" in kinds["input-muted"]["remedy"]
        assert kinds["input-muted"]["ended"] is None
        assert said["rooms"][0]["seats"][0]["lost_s"] > 0

        refused = day.labcheck("fix", "unmute", "--seat", "204-1А")
        assert refused.returncode == Exit.INCOMPLETE, "not without the operator's word"
        assert day.sound.tell("get-source-mute", "mic") == "Mute: yes"
        done = day.labcheck("fix", "unmute", "--seat", "204-1А", "--yes")
        assert done.returncode == Exit.DONE, done.stderr
        assert "DONE" in done.stdout
        assert day.sound.tell("get-source-mute", "mic") == "Mute: no"

        plain = day.labcheck("watch", "--room", ROOM, "--seat", "1А", "--every", "0.3", "--for", "8")
        assert "over: the microphone is muted" in plain.stderr, "noted by the first watch, over in the second"
        assert '"what":"input-muted"' in day.ledger()
        assert '"lab-fix"' in day.ledger() or "lab-fix" in day.ledger()
    finally:
        running.stop()


def test_a_dead_seat_is_told(day: Day) -> None:
    server = day.seats["1Б"]
    os.kill(server.process.pid, 19)  # SIGSTOP: takes the connection and says nothing
    try:
        code, said = day.json("watch", "--room", ROOM, "--seat", "1Б", "--for", "25")
    finally:
        os.kill(server.process.pid, 18)
    assert code == Exit.INCOMPLETE
    assert [one["kind"] for one in said["rooms"][0]["incidents"]] == ["silent"]
    assert said["rooms"][0]["seats"][0]["seen"] is False


def test_move_and_collect(day: Day) -> None:
    code, said = day.json("collect", "--room", ROOM)
    assert code == Exit.INCOMPLETE, said
    codes = [one["code"] for one in said["rooms"][0]["problems"]]
    assert said["rooms"][0]["expected"] == len(codes) > 3
    first, second, *others = codes
    day.answer("1А", f"{first}.wav")
    begun = day.answer("1Б", f"{second}.wav")

    wrong = day.labcheck("move", "--seat", "204-1Б", "--to", "204-4А", stdin="00000\n")
    assert wrong.returncode == Exit.SITE
    assert (
        day.labcheck("move", "--seat", "204-1Б", "--to", "204-1А", stdin=f"{second}\n").returncode
        == Exit.SITE
    )
    moved = day.labcheck("move", "--seat", "204-1Б", "--to", "204-4А", stdin=f"{second}\n")
    assert moved.returncode == Exit.DONE, moved.stderr
    there = day.seats["4А"].home / "answers" / f"{second}.wav"
    assert there.read_bytes() == begun.read_bytes()
    day.answer("4А", f"{second}.wav", 0.5)  # recorded anew there

    for one in others:
        day.answer("1А", f"{one}.wav")
    empty = day.seats["1А"].home / "answers" / f"{others[0]}.wav"
    empty.write_bytes(b"")
    cut = day.answer("1А", f"{others[1]}.wav")
    cut.write_bytes(cut.read_bytes()[:-1000])
    day.answer("1А", "00000.wav")
    (day.seats["1А"].home / "answers/disk").symlink_to("/tmp")
    shown = day.labcheck("collect", "--room", ROOM)
    assert shown.returncode == Exit.INCOMPLETE
    assert "EMPTY" in shown.stdout
    assert "NOT READ" in shown.stdout
    code, said = day.json("collect", "--room", ROOM)
    (room,) = said["rooms"]
    assert room["copied"] == 0, "run twice it copies nothing twice"
    assert sum(one["bytes"] for one in room["workstations"]) == 0
    assert {(p["fault"], p["code"]) for p in room["problems"]} == {
        ("not-read", ""),
        ("empty", others[0]),
        ("truncated", others[1]),
        ("wrong-code", "00000"),
    }
    assert (room["unread"], room["complete"]) == (1, False)
    empty.unlink()
    (day.seats["1А"].home / "answers/disk").unlink()
    (day.seats["1А"].home / "answers/00000.wav").unlink()
    day.answer("1А", empty.name)
    day.answer("1А", cut.name)
    code, said = day.json("collect", "--room", ROOM)
    assert code == Exit.DONE, said
    folder = Path(said["rooms"][0]["folder"])
    assert (folder / "seats/1А" / f"{first}.wav").read_bytes() == (
        day.seats["1А"].home / "answers" / f"{first}.wav"
    ).read_bytes()
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    assert begun.exists(), "nothing is deleted there"
    (day.seats["1А"].home / "answers" / f"{first}.wav").unlink()  # taken away there since
    code, said = day.json("collect", "--room", ROOM)
    assert (code, said["rooms"][0]["pupils_here"]) == (Exit.DONE, said["rooms"][0]["expected"])


def test_no_code_is_in_the_record_or_on_a_workstation_in_a_log(day: Day) -> None:
    _code, said = day.json("collect", "--room", ROOM)
    manifest = Path(said["rooms"][0]["folder"]) / "manifest.jsonl"
    codes = set(re.findall(r"\d{5}(?=\.wav)", manifest.read_text()))
    assert len(codes) > 3
    record = day.ledger()
    assert "lab-answer" in record
    assert "lab-move" in record
    found = {code for code in codes if re.search(rf"(?<!\d|\w){code}(?!\d|\w)", record)}
    assert not found
    for server in day.seats.values():
        assert not {code for code in codes if code in server.log()}


def test_two_collections_do_not_meet(day: Day) -> None:
    import fcntl  # noqa: PLC0415 - only here

    with (day.site / ".provision/answers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert day.labcheck("collect", "--room", ROOM).returncode == Exit.BUSY
    until(lambda: day.labcheck("collect", "--room", ROOM).returncode == Exit.DONE, "free again")


def test_with_a_vault_nothing_lies_in_the_open(day: Day, tmp_path: Path) -> None:
    """What lay there goes into it, what comes goes into it, a move leaves nothing; and it comes out whole."""
    phrase = "хранилище этой школы"
    folder = day.site / ".provision/answers" / ROOM
    before = sum(path.is_file() for path in (folder / "seats").rglob("*"))
    assert before > 3
    day.provision("vault", "init", "--sheet", str(tmp_path / "sheet.pdf"), stdin=f"{phrase}\n")
    code, said = day.json("collect", "--room", ROOM)
    assert code == Exit.DONE, said
    room = said["rooms"][0]
    assert (room["copied"], room["in_vault"], room["in_the_open"]) == (0, before, 0)
    name = next((day.seats["1А"].home / "answers").glob("*.wav")).name
    day.answer("1А", name, 0.3)
    code = day.labcheck("move", "--seat", "204-1А", "--to", "204-4А", stdin=f"{name[:5]}\n").returncode
    assert code == Exit.DONE, "the vault is locked, and a pupil waits"
    shown = day.labcheck("collect", "--room", ROOM)
    assert shown.returncode == Exit.DONE, shown.stdout
    assert f"In the vault, encrypted: {before + 2}." in shown.stdout
    assert "provision vault take answers/204/ --to DIR" in shown.stdout
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in left} == {"manifest.jsonl", "sealed.jsonl"}
    assert not [path for path in left if re.search(r"\d{5}\.wav", path.read_text())]
    with memory(tmp_path) as out:
        day.provision("vault", "take", "answers/204/", "--to", str(out), stdin=f"{phrase}\n")
        there = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.wav")}
    for seat, server in day.seats.items():
        for path in (server.home / "answers").glob("*.wav"):
            assert path.read_bytes() in [data for where, data in there.items() if where.startswith(seat)], (
                seat
            )


@contextlib.contextmanager
def memory(folder: Path) -> Iterator[Path]:
    """An empty folder in memory."""
    path = Path(tempfile.mkdtemp(prefix=folder.name, dir="/dev/shm"))
    try:
        yield path
    finally:
        shutil.rmtree(path)
