"""What goes wrong on the way to a workstation, made real: each fault has its own error, in time."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from labcheck.reach import Reach
from labcheck.transport.base import PART, Credentials, Endpoint
from labcheck.transport.clock import Clock
from labcheck.transport.errors import (
    AuthFailed,
    ConnectionLost,
    DeadlinePassed,
    HostKeyChanged,
    HostKeyUnknown,
    NotSsh,
    PasswordExpired,
    SudoRefused,
    TransferRefused,
    TransportError,
    Unreachable,
)
from labcheck.transport.remote import SshTransport
from labcheck.transport.ssh import connect, offered_key
from provision.secret import Secret
from tests.services.accounts import Account, namespace
from tests.services.cable import cable
from tests.services.cutting import cutting
from tests.services.process import program, until
from tests.services.sshd import Sshd, free_port_at, keygen, sshd

MIB = 1024 * 1024
PASSWORD = "vpr-204-canary"
WRONG = "vpr-204-other-canary"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("seat"), 21) as one:
        yield one


@contextmanager
def late(seconds: float, slack: float = 1.0) -> Iterator[None]:
    """The body must end by DeadlinePassed, and at the deadline."""
    began = time.monotonic()
    with pytest.raises(DeadlinePassed):
        yield
    assert seconds - 0.1 <= time.monotonic() - began <= seconds + slack


@contextmanager
def talker(*said: bytes, hang: bool) -> Iterator[Endpoint]:
    """A server that says something to everybody, and then hangs or hangs up."""
    listener = socket.create_server(("127.0.204.22", 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            for words in said:
                connection.sendall(words)
            kept.append(connection)
            if not hang:
                connection.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        host, port = listener.getsockname()
        yield Endpoint("204-22", host, port, host_key="ssh-ed25519 AAAA")
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in kept:
            connection.close()


def at(server: Sshd, host: str, port: int) -> Endpoint:
    return dataclasses.replace(server.endpoint, host=host, port=port)


# Nobody, or somebody else


def test_a_closed_port_refuses(server: Sshd) -> None:
    with pytest.raises(Unreachable) as raised:
        connect(at(server, "127.0.204.23", free_port_at("127.0.204.23")), server.credentials, deadline=5)
    assert raised.value.params["how"] is Reach.REFUSED


def test_a_dead_host_times_out(server: Sshd) -> None:
    with socket.socket() as full, kept_sockets() as callers:
        full.bind(("127.0.204.24", 0))
        full.listen(0)
        host, port = full.getsockname()
        for _ in range(4):  # the queue is full: further calls get no answer, as from a computer that is off
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex((host, port))
            callers.append(caller)
        began = time.monotonic()
        with pytest.raises(Unreachable) as raised:
            connect(at(server, host, port), server.credentials, deadline=1)
    assert raised.value.params["how"] is Reach.TIMED_OUT
    assert time.monotonic() - began < 2


@contextmanager
def kept_sockets() -> Iterator[list[socket.socket]]:
    kept: list[socket.socket] = []
    yield kept
    for one in kept:
        one.close()


def test_a_name_that_cannot_be(server: Sshd) -> None:
    with pytest.raises(Unreachable) as raised:
        connect(at(server, "x" * 64, 22), server.credentials, deadline=5)
    assert raised.value.params["how"] is Reach.NO_SUCH_HOST


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-1.5-old\r\n", b"SSH-2.0-\xff\xfe\r\n" * 9]
)
def test_something_else_is_not_ssh(said: bytes) -> None:
    with talker(said, hang=False) as endpoint, pytest.raises(NotSsh):
        connect(endpoint, Credentials(), deadline=5)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.2\r\n"], ids=["silent", "after-banner"])
def test_a_server_that_hangs_is_given_up_at_the_deadline(said: bytes) -> None:
    with talker(said, hang=True) as endpoint, late(1):
        connect(endpoint, Credentials(), deadline=1)


@pytest.mark.parametrize("after", [100, 1200, 1400])
def test_a_server_that_hangs_in_key_exchange_is_given_up_at_the_deadline(server: Sshd, after: int) -> None:
    with cable(server.endpoint.host, server.endpoint.port) as wire:
        wire.fail("dead", after=after, way="down")
        with late(1):
            connect(at(server, wire.host, wire.port), server.credentials, deadline=1)


def test_a_server_that_hangs_up_on_every_call_is_called_again_until_the_deadline() -> None:
    with talker(hang=False) as endpoint, pytest.raises(Unreachable, match="hangs up"):
        connect(endpoint, Credentials(), deadline=1.5)


def test_forty_at_once_get_through_the_startup_limit(tmp_path: Path) -> None:
    with sshd(tmp_path, 25, options=["MaxStartups 10:30:100"]) as one:
        gate = threading.Barrier(40)

        def call(_: int) -> int:
            gate.wait()
            transport = connect(one.endpoint, one.credentials, deadline=60)
            status = transport.run("true", deadline=30).exit_status
            transport.close()
            return status

        with ThreadPoolExecutor(40) as pool:
            assert set(pool.map(call, range(40))) == {0}
        assert "MaxStartups" in one.log(), "the limit was not met"


# Keys of hosts


def test_a_host_without_a_pinned_key_is_not_spoken_to(server: Sshd) -> None:
    with pytest.raises(HostKeyUnknown) as raised:
        connect(dataclasses.replace(server.endpoint, host_key=None), server.credentials)
    assert raised.value.params["offered"] == server.endpoint.host_key
    assert _openssh_fingerprint(server.folder / "host_key.pub") in str(raised.value)


def test_a_changed_key_stops_with_both_fingerprints_before_any_login(server: Sshd, tmp_path: Path) -> None:
    other = " ".join(keygen(tmp_path / "other").split()[:2])
    logins = server.log().count("Accepted")
    with pytest.raises(HostKeyChanged) as raised:
        connect(dataclasses.replace(server.endpoint, host_key=other), server.credentials)
    for key in (tmp_path / "other.pub", server.folder / "host_key.pub"):
        assert _openssh_fingerprint(key) in str(raised.value)
    assert server.log().count("Accepted") == logins


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
def test_of_several_keys_the_pinned_one_is_asked_for(tmp_path: Path, kind: str) -> None:
    lines = []
    for name in ("rsa", "ecdsa", "ed25519"):
        keygen(tmp_path / name, name)
        lines.append(f"HostKey {tmp_path / name}")
    with sshd(tmp_path / "seat", 26, options=lines) as one:
        pinned = (tmp_path / f"{kind}.pub").read_text().strip()
        connect(dataclasses.replace(one.endpoint, host_key=pinned), one.credentials).close()


def test_the_offered_key_is_seen_without_logging_in(server: Sshd) -> None:
    logins = server.log().count("Accepted")
    assert offered_key(dataclasses.replace(server.endpoint, host_key=None)) == server.endpoint.host_key
    assert server.log().count("Accepted") == logins


# Who we are


def test_a_key_that_is_not_accepted(server: Sshd, tmp_path: Path) -> None:
    keygen(tmp_path / "key")
    with pytest.raises(AuthFailed):
        connect(server.endpoint, Credentials(key_files=(tmp_path / "key",)))


def test_nothing_is_tried_that_was_not_given(
    server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".ssh").mkdir()
    shutil.copy(server.credentials.key_files[0], tmp_path / ".ssh/id_ed25519")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(AuthFailed, match="0 ways"):
        connect(server.endpoint, Credentials())


def test_the_second_key_is_tried_after_the_first(server: Sshd, tmp_path: Path) -> None:
    keygen(tmp_path / "key")
    keys = (tmp_path / "key", *server.credentials.key_files)
    connect(server.endpoint, Credentials(key_files=keys)).close()


def test_a_key_with_a_passphrase(server: Sshd, tmp_path: Path) -> None:
    keygen(tmp_path / "key", passphrase=PASSWORD)
    with (server.folder / "authorized_keys").open("a") as accepted:
        accepted.write((tmp_path / "key.pub").read_text())
    keys = (tmp_path / "key",)
    connect(server.endpoint, Credentials(key_files=keys, passphrase=Secret(PASSWORD))).close()
    for wrong in (None, Secret(WRONG)):
        with pytest.raises(AuthFailed, match="cannot be read") as raised:
            connect(server.endpoint, Credentials(key_files=keys, passphrase=wrong))
        assert WRONG not in str(raised.value)


def test_the_agent_is_asked_only_when_it_may_be(
    server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = subprocess.run(
        [program("ssh-agent"), "-s", "-a", str(tmp_path / "agent")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    pid = int(told.split("SSH_AGENT_PID=")[1].split(";")[0])
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
        subprocess.run([program("ssh-add"), "-q", server.credentials.key_files[0]], check=True)
        connect(server.endpoint, Credentials(agent=True)).close()
        with pytest.raises(AuthFailed):
            connect(server.endpoint, Credentials())
    finally:
        os.kill(pid, 15)


@pytest.fixture(scope="module")
def machine() -> Iterator[Path]:
    """A folder that other users may enter."""
    with tempfile.TemporaryDirectory(prefix="vpr-ssh-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


ACCOUNTS = (
    Account("exam204", PASSWORD, sudo="ALL=(ALL) ALL"),
    Account("free204", PASSWORD, sudo="ALL=(ALL) NOPASSWD: ALL", uid=20402),
    Account("plain204", PASSWORD, uid=20403),
    Account("old204", PASSWORD, expired=True, uid=20404),
)
WITH_PASSWORDS = {
    "shadow": ["UsePAM no", "PasswordAuthentication yes"],
    "pam": ["UsePAM yes", "PasswordAuthentication yes"],
    "interactive": ["UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes"],
}


@pytest.fixture(scope="module", params=list(WITH_PASSWORDS))
def passwords(request: pytest.FixtureRequest, machine: Path) -> Iterator[Sshd]:
    """A server that takes passwords, of accounts of its own."""
    place = machine / request.param
    place.mkdir()
    before = namespace(place, *ACCOUNTS)
    number = 27 + list(WITH_PASSWORDS).index(request.param)
    with sshd(
        place / "seat", number, options=WITH_PASSWORDS[request.param], command=before, user="exam204"
    ) as one:
        yield one


def log_in(
    server: Sshd, user: str = "exam204", password: str = PASSWORD, sudo: str | None = PASSWORD
) -> SshTransport:
    credentials = Credentials(password=Secret(password), sudo_password=None if sudo is None else Secret(sudo))
    return connect(dataclasses.replace(server.endpoint, user=user), credentials)


def test_a_password_opens(passwords: Sshd) -> None:
    transport = log_in(passwords)
    assert transport.run(["id", "-un"], deadline=10).stdout == b"exam204\n"
    assert transport.home().endswith("home-exam204")
    transport.close()


def test_a_wrong_password_is_tried_once(passwords: Sshd) -> None:
    failed = passwords.log().count("Failed ")
    with pytest.raises(AuthFailed) as raised:
        log_in(passwords, password=WRONG)
    assert passwords.log().count("Failed ") == failed + 1
    assert WRONG not in f"{raised.value} {raised.value.params!r}"


def test_an_expired_password_is_named_as_such(passwords: Sshd) -> None:
    def use() -> None:
        transport = log_in(passwords, user="old204")
        try:
            transport.run("true", deadline=10)
        finally:
            transport.close()

    with pytest.raises(PasswordExpired):
        use()


def test_an_expired_password_is_also_named_by_files_and_channels(machine: Path) -> None:
    (machine / "expired").mkdir()
    before = namespace(machine / "expired", *ACCOUNTS)
    with sshd(
        machine / "expired/seat", 30, options=WITH_PASSWORDS["shadow"], command=before, user="old204"
    ) as one:
        transport = log_in(one, user="old204")
        with pytest.raises(PasswordExpired):
            transport.home()
        channel = transport.open("cat")
        with pytest.raises(PasswordExpired):
            channel.receive(10)
        channel.close()
        transport.close()


# As administrator


@pytest.fixture(scope="module")
def sudoers(machine: Path) -> Iterator[Sshd]:
    (machine / "sudo").mkdir()
    before = namespace(machine / "sudo", *ACCOUNTS)
    with sshd(
        machine / "sudo/seat", 31, options=WITH_PASSWORDS["shadow"], command=before, user="exam204"
    ) as one:
        yield one


EVERYBODYS_WORDS = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '"


@pytest.mark.parametrize(("user", "sudo"), [("exam204", PASSWORD), ("free204", PASSWORD), ("free204", None)])
def test_sudo_leaves_stdin_to_the_command_and_the_password_to_nobody(
    sudoers: Sshd, user: str, sudo: str | None
) -> None:
    transport = log_in(sudoers, user, sudo=sudo)
    done = transport.run(
        f"id -un; cat; echo loud >&2; {EVERYBODYS_WORDS}; exit 3", stdin=b"answer", deadline=20, sudo=True
    )
    assert done.exit_status == 3
    assert done.stdout.startswith(b"root\nanswer")
    assert done.stderr == b"loud\n"
    assert b"sudo" in done.stdout
    assert PASSWORD.encode() not in done.stdout
    words = ["printf", "%s|", "a b", "$HOME", "'"]
    assert transport.run(words, deadline=20, sudo=True).stdout == b"a b|$HOME|'|"
    transport.close()


@pytest.mark.parametrize(("user", "sudo"), [("exam204", WRONG), ("exam204", None), ("plain204", PASSWORD)])
def test_sudo_that_refuses_runs_nothing(sudoers: Sshd, user: str, sudo: str | None) -> None:
    transport = log_in(sudoers, user, sudo=sudo)
    trace = f"{transport.home()}/trace"
    with pytest.raises(SudoRefused) as raised:
        transport.run(["touch", trace], deadline=20, sudo=True)
    assert transport.stat(trace) is None
    assert PASSWORD not in str(raised.value)
    assert WRONG not in str(raised.value)
    transport.close()


def test_what_is_late_is_ended_over_there(sudoers: Sshd) -> None:
    transport = log_in(sudoers)
    for _ in range(12):  # more than the server has sessions
        with pytest.raises(DeadlinePassed):
            transport.run("sleep 20477; true", deadline=0.2)
    until(lambda: not any("20477" in one for one in sudoers.sessions()), "a late command still runs")
    transport.close()


def test_a_server_without_a_free_session_is_asked_again(tmp_path: Path) -> None:
    with sshd(tmp_path, 39, options=["MaxSessions 3"]) as one:
        transport = connect(one.endpoint, one.credentials)
        with ThreadPoolExecutor(6) as pool:
            done = pool.map(lambda _: transport.run("sleep 0.2", deadline=20).exit_status, range(12))
            assert set(done) == {0}
        channels = [transport.open("cat") for _ in range(3)]
        with pytest.raises(ConnectionLost):
            transport.run("true", deadline=20)
        with late(1):
            transport.run("true", deadline=1)
        for channel in channels:
            channel.close()
        assert transport.run("true", deadline=20).exit_status == 0
        transport.close()


# Files


def test_a_server_without_sftp_is_named(tmp_path: Path) -> None:
    for number, sftp in ((32, None), (33, "/bin/false"), (34, "/bin/echo Welcome to this computer")):
        with sshd(tmp_path / str(number), number, sftp=sftp) as one:
            transport = connect(one.endpoint, one.credentials)
            with pytest.raises(TransferRefused, match="SFTP"):
                transport.put(io.BytesIO(b"x"), "/tmp/none", deadline=10)
            assert transport.run("echo on", deadline=10).stdout == b"on\n"
            transport.close()


def test_a_folder_without_rights_is_named(sudoers: Sshd) -> None:
    transport = log_in(sudoers)
    with pytest.raises(TransferRefused, match="no right"):
        transport.put(io.BytesIO(b"x"), "/etc/none", deadline=10)
    transport.close()


def test_a_full_disk_is_named_with_what_is_free(tmp_path: Path) -> None:
    home = tmp_path / "seat/home"
    home.mkdir(parents=True)
    mount = f"mount -t tmpfs -o size=1m none '{home}' && exec \"$@\""
    before = [program("unshare"), "--mount", "--propagation", "private", "sh", "-c", mount, "sh"]
    with sshd(tmp_path / "seat", 35, command=before) as one:
        transport = connect(one.endpoint, one.credentials)
        with pytest.raises(TransferRefused, match=r"disk is full \(0 bytes"):
            transport.put(io.BytesIO(os.urandom(4 * MIB)), f"{one.home}/x", deadline=10)
        assert transport.stat(f"{one.home}/x") is None
        transport.close()


def test_a_cut_while_logging_in_is_never_taken_for_a_refusal(server: Sshd) -> None:
    with cutting() as wires:
        for budget in range(100, 3400, 33):  # a login carries about 3,500 bytes, both ways together
            host, port = wires.wire(server.endpoint.host, server.endpoint.port, iter([budget]).__next__)
            with contextlib.suppress(ConnectionLost, NotSsh):
                connect(at(server, host, port), server.credentials, deadline=10).close()
        assert wires.cuts > 80


@pytest.mark.parametrize("seed", range(6))
def test_a_cut_transfer_goes_on_where_it_was(server: Sshd, seed: int) -> None:
    data, target = os.urandom(8 * MIB), f"{server.home}/cut-{seed}"
    with cable(server.endpoint.host, server.endpoint.port) as wire:
        transport = connect(at(server, wire.host, wire.port), server.credentials)
        wire.fail("cut", after=4 * MIB + seed * 571_321)
        with pytest.raises(ConnectionLost):
            transport.put(io.BytesIO(data), target, deadline=30)
        with pytest.raises(ConnectionLost):
            transport.run("true", deadline=5)
        transport.close()
    until(lambda: not server.sessions(), "the server still writes what had arrived")
    with closing(connect(server.endpoint, server.credentials)) as again:
        part = again.stat(target + PART)
        assert part is not None
        assert again.stat(target) is None
        assert part.size > MIB  # up to 2 MiB that had arrived are lost with the server's process
        assert again.put(io.BytesIO(data), target, deadline=30) == len(data) - part.size
        out = io.BytesIO()
        again.get(target, out, deadline=30)
        assert out.getvalue() == data


@pytest.mark.parametrize("seed", range(4))
def test_a_cut_fetch_leaves_a_piece_that_can_be_continued(server: Sshd, seed: int) -> None:
    data, source = os.urandom(6 * MIB), f"{server.home}/fetch-{seed}"
    whole = connect(server.endpoint, server.credentials)
    whole.put(io.BytesIO(data), source, deadline=30)
    out = io.BytesIO()
    with cable(server.endpoint.host, server.endpoint.port) as wire:
        transport = connect(at(server, wire.host, wire.port), server.credentials)
        after = 2 * MIB + seed * 1_000_003  # more than the answers to the first requests, so all of them went
        wire.fail("cut", after=after, way="down")
        with pytest.raises(ConnectionLost):
            transport.get(source, out, deadline=30)
        transport.close()
    got = len(out.getvalue())
    assert 255 * 1024 <= got < after, "at least the first answer, whose bytes came long before the cut"
    assert whole.get(source, out, offset=got, deadline=30) == len(data) - got
    assert out.getvalue() == data
    whole.close()


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_line_that_falls_dead_ends_every_call_at_its_deadline(server: Sshd, way: str) -> None:
    with cable(server.endpoint.host, server.endpoint.port) as wire:
        transport = connect(at(server, wire.host, wire.port), server.credentials)
        channel = transport.open("cat")
        wire.fail("dead", after=0, way="up" if way == "up" else "down")
        with late(1):
            transport.run("true", deadline=1)
        with late(1):
            channel.receive(1)
        with late(1.5):  # the kernel's buffers fill, then writing hangs
            transport.put(io.BytesIO(bytes(64 * MIB)), f"{server.home}/dead", deadline=1.5)
        began = time.monotonic()
        channel.close()
        transport.close()
        assert time.monotonic() - began < 4


def test_a_put_into_a_dead_line_ends_at_its_deadline(server: Sshd) -> None:
    with cable(server.endpoint.host, server.endpoint.port) as wire:
        transport = connect(at(server, wire.host, wire.port), server.credentials)
        wire.fail("dead", after=2 * MIB)
        with late(2):
            transport.put(io.BytesIO(bytes(64 * MIB)), f"{server.home}/dead", deadline=2)
        transport.close()


def test_a_lost_connection_ends_a_channel_with_an_error_and_no_status(tmp_path: Path) -> None:
    with sshd(tmp_path, 36) as one:
        transport = connect(one.endpoint, one.credentials)
        channel = transport.open("echo first; cat")
        assert channel.receive(10) == b"first"
        one.stop()
        with pytest.raises(ConnectionLost):
            channel.receive(10)
        assert channel.exit_status is None
        with pytest.raises(ConnectionLost):
            channel.send(b"x", 5)
        channel.close()
        transport.close()


def test_a_command_whose_connection_is_lost_has_not_ended(tmp_path: Path) -> None:
    with sshd(tmp_path, 37) as one:
        transport = connect(one.endpoint, one.credentials)
        timer = threading.Timer(0.5, one.stop)
        timer.start()
        with pytest.raises(ConnectionLost):
            transport.run("sleep 5", deadline=10)
        timer.join()
        transport.close()


# Through another host


def test_a_jump_host_that_does_not_get_through(server: Sshd, tmp_path: Path) -> None:
    with sshd(tmp_path, 38) as jump:
        keys = Credentials(key_files=(*jump.credentials.key_files, *server.credentials.key_files))
        closed = at(server, "127.0.204.23", free_port_at("127.0.204.23"))
        with pytest.raises(Unreachable) as raised:
            connect(dataclasses.replace(closed, jump=jump.endpoint), keys)
        assert "204-38" in str(raised.value)
        stranger = dataclasses.replace(jump.endpoint, host_key=None)
        with pytest.raises(HostKeyUnknown) as unknown:
            connect(dataclasses.replace(server.endpoint, jump=stranger), keys)
        assert unknown.value.params["seat"] == "204-38"
        with talker(b"SSH-2.0-x\r\n", hang=True) as hanging, late(1):
            connect(dataclasses.replace(hanging, jump=jump.endpoint), keys, deadline=1)


def test_no_secret_is_in_any_text(passwords: Sshd, capfd: pytest.CaptureFixture[str]) -> None:
    credentials = Credentials(
        password=Secret(PASSWORD), passphrase=Secret(WRONG), sudo_password=Secret(WRONG)
    )
    assert PASSWORD not in repr(credentials)
    with pytest.raises(TransportError) as raised:
        connect(dataclasses.replace(passwords.endpoint, host_key=None), credentials)
    shown = f"{raised.value!r} {raised.value.params!r} {capfd.readouterr()}"
    assert PASSWORD not in shown
    assert WRONG not in shown


def _openssh_fingerprint(path: Path) -> str:
    told = subprocess.run(
        [program("ssh-keygen"), "-l", "-f", str(path)], check=True, capture_output=True, text=True
    ).stdout
    return told.split()[1]


@pytest.mark.parametrize("what", ["close_stdin", "terminate", "send"])
def test_what_is_said_of_a_program_too_late_costs_nobody_the_connection(
    server: Sshd, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The program ends between the moment at which a message is put together and that at which it is sent."""
    with closing(connect(server.endpoint, server.credentials)) as transport:
        session = transport.connection.session(Clock(10))
        paramiko_s = transport.connection.transport
        usual = paramiko_s._send_user_message

        def held_up(message: object) -> None:
            if threading.current_thread() is threading.main_thread():
                until(lambda: session._channel.closed, "the program's end")
            usual(message)

        session.start("sleep 0.3")
        monkeypatch.setattr(paramiko_s, "_send_user_message", held_up)
        if what == "send":
            session.send(memoryview(b"late"), 5)
        else:
            getattr(session, what)()
        monkeypatch.undo()
        assert session._channel.closed
        assert transport.run("echo here", deadline=10).stdout == b"here\n"
