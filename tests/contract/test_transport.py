"""One suite for every way to a workstation: this machine, a real sshd, and a real sshd behind a jump host."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labcheck.transport.base import ERROR_BYTES, LINE_BYTES, OUTPUT_BYTES, PART, Transport
from labcheck.transport.errors import AlreadyThere, ConnectionLost, DeadlinePassed, TransferRefused
from labcheck.transport.local import LocalTransport
from labcheck.transport.ssh import connect
from tests.services.process import until
from tests.services.sshd import Sshd, start

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sshd, Sshd]]:
    """A workstation and a jump host."""
    workstation = start(tmp_path_factory.mktemp("seat"), 11)
    try:
        jump = start(tmp_path_factory.mktemp("jump"), 12)
    except BaseException:
        workstation.stop()
        raise
    yield workstation, jump
    workstation.stop()
    jump.stop()


@pytest.fixture(scope="module", params=["local", "ssh", "jump"])
def transport(
    request: pytest.FixtureRequest, servers: tuple[Sshd, Sshd], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Transport]:
    workstation, jump = servers
    one: Transport
    if request.param == "local":
        one = LocalTransport("204-11", tmp_path_factory.mktemp("home"))
    else:
        endpoint, credentials = workstation.endpoint, workstation.credentials
        if request.param == "jump":
            endpoint = dataclasses.replace(endpoint, jump=jump.endpoint)
            keys = (*jump.credentials.key_files, *credentials.key_files)
            credentials = dataclasses.replace(credentials, key_files=keys)
        one = connect(endpoint, credentials)
    yield one
    one.close()
    one.close()


@pytest.fixture
def place(transport: Transport, tmp_path: Path) -> str:
    """An empty folder over there."""
    folder = f"{transport.home()}/{tmp_path.name}"
    transport.remove(folder)
    transport.makedirs(folder)
    return folder


# Programs


def test_a_command_gives_its_streams_and_its_exit_status(transport: Transport) -> None:
    done = transport.run("cat; echo bad >&2; exit 7", stdin="слово".encode(), deadline=10)
    assert (done.exit_status, done.stdout, done.stderr, done.truncated) == (
        7,
        "слово".encode(),
        b"bad\n",
        False,
    )


def test_the_words_of_a_program_reach_it_unchanged(transport: Transport) -> None:
    words = [
        "",
        " ",
        "a b",
        "'",
        '"',
        "$HOME",
        "`id`",
        "\\",
        "*",
        "~",
        "Ответы 204",
        "line\nfeed",
        "; exit 1",
        "%s",
    ]
    tell = "import sys; sys.stdout.write('\\0'.join(sys.argv[1:]))"
    done = transport.run([sys.executable, "-c", tell, *words], deadline=10)
    assert done.stdout.decode().split("\0") == words


def test_home_is_where_the_variable_points(transport: Transport) -> None:
    assert transport.run('printf %s "$HOME"', deadline=10).stdout.decode() == transport.home()


def test_a_program_that_is_not_there_ends_with_127(transport: Transport) -> None:
    done = transport.run(["no-such-program-204"], deadline=10)
    assert done.exit_status == 127
    assert b"no-such-program-204" in done.stderr


def test_a_signal_is_a_negative_exit_status(transport: Transport) -> None:
    assert transport.run("kill -9 $$", deadline=10).exit_status < 0


def test_both_streams_are_drained_at_once(transport: Transport) -> None:
    # Whichever is read first, the other one would fill its pipe and window.
    script = (
        "import sys, threading\n"
        "def pour(stream, letter): stream.write(letter * 4194304); stream.flush()\n"
        "a = threading.Thread(target=pour, args=(sys.stderr.buffer, b'e')); a.start()\n"
        "pour(sys.stdout.buffer, b'o'); a.join()\n"
        "pour(sys.stderr.buffer, b'E'); pour(sys.stdout.buffer, b'O')"
    )
    done = transport.run([sys.executable, "-c", script], deadline=30)
    assert done.exit_status == 0
    assert done.stdout == b"o" * OUTPUT_BYTES
    assert done.stderr == b"e" * OUTPUT_BYTES
    assert done.truncated


def test_a_large_stdin_comes_back_whole(transport: Transport) -> None:
    data = os.urandom(3 * MIB)
    assert transport.run(["cat"], stdin=data, deadline=30).stdout == data


def test_a_program_need_not_read_its_stdin(transport: Transport) -> None:
    assert transport.run("exit 3", stdin=bytes(8 * MIB), deadline=30).exit_status == 3


def test_endless_output_ends_at_the_deadline(transport: Transport) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlinePassed):
        transport.run("yes", deadline=1)
    assert 1 <= time.monotonic() - began < 2


def test_a_silent_program_ends_at_the_deadline_and_the_next_command_works(transport: Transport) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlinePassed) as raised:
        transport.run("sleep 4", deadline=0.5)
    assert 0.5 <= time.monotonic() - began < 1.5
    assert transport.seat in str(raised.value)
    assert transport.run("echo on", deadline=10).stdout == b"on\n"


def test_what_a_program_leaves_behind_does_not_hold_its_caller(transport: Transport) -> None:
    began = time.monotonic()
    done = transport.run("sleep 20 & echo started", deadline=15)
    assert (done.exit_status, done.stdout) == (0, b"started\n")
    assert time.monotonic() - began < 5


def test_several_threads_share_the_connection(transport: Transport, place: str) -> None:
    def work(number: int) -> bool:
        data = os.urandom(300_000)
        transport.put(io.BytesIO(data), f"{place}/{number}", deadline=30)
        out = io.BytesIO()
        transport.get(f"{place}/{number}", out, deadline=30)
        told = transport.run(["sha256sum", f"{place}/{number}"], deadline=30).stdout.decode()
        return out.getvalue() == data and told.startswith(hashlib.sha256(data).hexdigest())

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(12)))


# A long-lived program


def test_a_channel_carries_lines_until_its_stdin_is_closed(transport: Transport) -> None:
    channel = transport.open('echo warning >&2; while read -r x; do echo "got $x"; done; echo bye; exit 5')
    channel.send(b"one")
    channel.send("два".encode())
    assert channel.receive(10) == b"got one"
    assert channel.receive(10) == "got два".encode()
    assert channel.exit_status is None
    channel.close()
    assert channel.exit_status == 5
    assert channel.errors() == b"warning\n"
    channel.close()


def test_a_channel_ends_with_none_and_gives_no_half_line(transport: Transport) -> None:
    channel = transport.open("echo whole; printf half; echo wrong >&2; exit 2")
    assert channel.receive(10) == b"whole"
    assert channel.receive(10) is None
    assert channel.receive(10) is None
    until(lambda: channel.exit_status is not None, "the status, which comes after the output's end")
    assert channel.exit_status == 2
    assert channel.errors() == b"wrong\n"
    channel.close()


def test_a_line_that_is_late_still_comes(transport: Transport) -> None:
    channel = transport.open("read x; echo late")
    with pytest.raises(DeadlinePassed):
        channel.receive(0.2)
    channel.send(b"")
    assert channel.receive(10) == b"late"
    channel.close()


def test_a_channel_takes_long_lines_and_much_stderr(transport: Transport) -> None:
    script = (
        "import sys\n"
        "sys.stderr.write('e' * 4194304); sys.stderr.flush()\n"
        f"sys.stdout.write('x' * {LINE_BYTES} + '\\n' + 'short\\n'); sys.stdout.flush(); sys.stdin.read()"
    )
    channel = transport.open([sys.executable, "-c", script])
    assert channel.receive(30) == b"x" * LINE_BYTES
    assert channel.receive(10) == b"short"
    assert channel.errors() == b"e" * ERROR_BYTES
    channel.close()


def test_a_line_beyond_measure_ends_the_channel(transport: Transport) -> None:
    channel = transport.open(f"head -c {LINE_BYTES + 1} /dev/zero; cat")
    with pytest.raises(ConnectionLost):
        channel.receive(30)
    channel.close()


def test_sending_to_a_program_that_has_ended_says_so(transport: Transport) -> None:
    channel = transport.open("exit 0")
    assert channel.receive(10) is None

    def send_on() -> None:
        for _ in range(100):
            channel.send(b"x" * 65536, 5)

    with pytest.raises(ConnectionLost):
        send_on()
    channel.close()


def test_sending_to_a_program_that_does_not_read_ends_at_the_deadline(transport: Transport) -> None:
    channel = transport.open("sleep 8")
    began = time.monotonic()

    def send_on() -> None:
        while time.monotonic() - began < 20:
            channel.send(bytes(MIB), 0.5)

    with pytest.raises(DeadlinePassed):
        send_on()
    assert time.monotonic() - began < 10
    assert transport.run("echo on", deadline=10).stdout == b"on\n"
    channel.close()


# Files


def test_a_file_goes_there_and_comes_back(transport: Transport, place: str, tmp_path: Path) -> None:
    data = os.urandom(5 * MIB + 17)
    source = tmp_path / "source"
    source.write_bytes(data)
    heard: list[tuple[int, int]] = []
    target = f"{place}/Ответ 1.wav"
    assert transport.put(source, target, deadline=30, progress=lambda *at: heard.append(at)) == len(data)
    assert heard[-1] == (len(data), len(data))
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    out = io.BytesIO()
    assert transport.get(target, out, deadline=30) == len(data)
    assert out.getvalue() == data
    found = transport.stat(target)
    assert found is not None
    assert (found.size, found.kind) == (len(data), "file")
    assert abs(found.mtime - time.time()) < 60
    assert transport.stat(target + PART) is None


@pytest.mark.parametrize("size", [0, 1, 32 * 1024, 255 * 1024, 255 * 1024 + 1])
def test_every_size_is_whole(transport: Transport, place: str, size: int) -> None:
    data, out = os.urandom(size), io.BytesIO()
    assert transport.put(io.BytesIO(data), f"{place}/x", deadline=10) == size
    assert transport.get(f"{place}/x", out, deadline=10) == size
    assert out.getvalue() == data


def test_a_new_file_replaces_the_old_one(transport: Transport, place: str) -> None:
    transport.put(io.BytesIO(b"a long first version"), f"{place}/x", deadline=10)
    transport.put(io.BytesIO(b"second"), f"{place}/x", deadline=10)
    assert transport.run(["cat", f"{place}/x"], deadline=10).stdout == b"second"


@pytest.mark.parametrize("there", ["a file", "a dead link", "a folder"])
def test_a_file_that_must_be_new_replaces_nothing(transport: Transport, place: str, there: str) -> None:
    made = {
        "a file": ["sh", "-c", 'printf theirs > "$0"'],
        "a dead link": ["ln", "-s", "nowhere"],
        "a folder": ["mkdir"],
    }
    transport.run([*made[there], f"{place}/x"], deadline=10)
    before = transport.stat(f"{place}/x", follow=False)
    with pytest.raises(AlreadyThere):
        transport.put(io.BytesIO(b"ours"), f"{place}/x", deadline=10, new=True)
    assert transport.stat(f"{place}/x", follow=False) == before
    assert transport.run(["ls", "-A", place], deadline=10).stdout == b"x\n"
    assert transport.put(io.BytesIO(b"ours"), f"{place}/y", deadline=10, new=True) == 4
    assert transport.run(["cat", f"{place}/y"], deadline=10).stdout == b"ours"
    assert transport.run(["ls", "-A", place], deadline=10).stdout == b"x\ny\n"


def test_what_comes_meanwhile_is_not_replaced(transport: Transport, place: str) -> None:
    def comes(_done: int, _size: int) -> None:
        transport.run(["sh", "-c", 'printf theirs > "$0"', f"{place}/x"], deadline=10)

    with pytest.raises(AlreadyThere):
        transport.put(io.BytesIO(bytes(MIB)), f"{place}/x", deadline=20, new=True, progress=comes)
    assert transport.run(["cat", f"{place}/x"], deadline=10).stdout == b"theirs"
    assert transport.run(["ls", "-A", place], deadline=10).stdout == b"x\n"


def test_a_verified_beginning_is_not_sent_again(transport: Transport, place: str) -> None:
    data = os.urandom(2 * MIB)
    there = data[: MIB + 5]
    transport.put(io.BytesIO(there), f"{place}/x{PART}", deadline=10)
    assert transport.put(io.BytesIO(data), f"{place}/x", deadline=10) == len(data) - len(there)
    assert _hash_there(transport, f"{place}/x") == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("part", [b"something else", bytes(3 * MIB)], ids=["other", "longer"])
def test_any_other_beginning_is_sent_anew(transport: Transport, place: str, part: bytes) -> None:
    data = os.urandom(2 * MIB)
    transport.put(io.BytesIO(part), f"{place}/x{PART}", deadline=10)
    assert transport.put(io.BytesIO(data), f"{place}/x", deadline=10) == len(data)
    assert _hash_there(transport, f"{place}/x") == hashlib.sha256(data).hexdigest()


def test_without_resume_all_is_sent(transport: Transport, place: str) -> None:
    data = os.urandom(MIB)
    transport.put(io.BytesIO(data[:1000]), f"{place}/x{PART}", deadline=10)
    assert transport.put(io.BytesIO(data), f"{place}/x", deadline=10, resume=False) == MIB


def test_getting_goes_on_where_it_stopped(transport: Transport, place: str) -> None:
    data = os.urandom(MIB)
    transport.put(io.BytesIO(data), f"{place}/x", deadline=10)
    out = io.BytesIO(data[:700_001])
    out.seek(0, io.SEEK_END)
    assert transport.get(f"{place}/x", out, offset=700_001, deadline=10) == MIB - 700_001
    assert out.getvalue() == data
    assert transport.get(f"{place}/x", io.BytesIO(), offset=MIB + 5, deadline=10) == 0


def test_a_source_that_gets_shorter_is_not_taken_for_whole(
    transport: Transport, place: str, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(8 * MIB))

    def cut(*_: int) -> None:
        os.truncate(source, MIB)

    with pytest.raises(TransferRefused):
        transport.put(source, f"{place}/x", deadline=10, progress=cut)
    assert transport.stat(f"{place}/x") is None


def test_what_is_not_there_is_said(transport: Transport, place: str) -> None:
    assert transport.stat(f"{place}/none") is None
    transport.remove(f"{place}/none")
    with pytest.raises(TransferRefused, match="none"):
        transport.get(f"{place}/none", io.BytesIO(), deadline=10)
    with pytest.raises(TransferRefused, match="none/x"):
        transport.put(io.BytesIO(b"x"), f"{place}/none/x", deadline=10)


def test_a_folder_is_no_file(transport: Transport, place: str) -> None:
    with pytest.raises(TransferRefused):
        transport.put(io.BytesIO(b"x"), place, deadline=10)
    found = transport.stat(place)
    assert found is not None
    assert found.kind == "folder"


def test_folders_are_made_and_removed_with_all_in_them(transport: Transport, place: str) -> None:
    outside = f"{place}/outside"
    transport.put(io.BytesIO(b"keep"), outside, deadline=10)
    transport.makedirs(f"{place}/a/б/c")
    transport.makedirs(f"{place}/a/б/c")
    for name in ("a/1", "a/б/2", "a/б/c/.3"):
        transport.put(io.BytesIO(b"x"), f"{place}/{name}", deadline=10)
    transport.run(["ln", "-s", place, f"{place}/a/link"], deadline=10)
    transport.remove(f"{place}/a")
    assert transport.stat(f"{place}/a") is None
    assert transport.stat(outside) is not None


def test_a_put_that_is_too_slow_ends_at_its_deadline(transport: Transport, place: str) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlinePassed):
        transport.put(_Slow(bytes(64 * MIB)), f"{place}/x", deadline=1)
    assert time.monotonic() - began < 2
    assert transport.stat(f"{place}/x") is None
    assert transport.run("echo on", deadline=10).stdout == b"on\n"


def test_the_platform_is_named(transport: Transport) -> None:
    found = transport.platform()
    assert found.system == "linux"
    assert found.machine == os.uname().machine
    assert found.python is not None
    told = transport.run([found.python.path, "-V"], deadline=10)
    assert told.stdout.decode().strip() == f"Python {found.python.version}"
    assert transport.platform() is found


def test_nothing_is_left_running_here_after_a_hundred_calls(transport: Transport) -> None:
    before = threading.active_count()
    for _ in range(100):
        transport.run("true", deadline=10)
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= before


class _Slow(io.BytesIO):
    """A source that gives a MiB in 50 ms."""

    def read(self, size: int | None = -1, /) -> bytes:
        time.sleep(0.05)
        return super().read(size)

    def readinto(self, buffer: object, /) -> int:
        time.sleep(0.05)
        return super().readinto(buffer)  # type: ignore[arg-type]


def _hash_there(transport: Transport, path: str) -> str:
    return transport.run(["sha256sum", path], deadline=10).stdout[:64].decode()
