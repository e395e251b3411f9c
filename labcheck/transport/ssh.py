"""Connections to workstations over SSH. The only importer of paramiko.

What paramiko leaves to its caller, and why it is done here: a socket of our own (TCP_NODELAY: opening a
channel costs 0.4 ms instead of 42; keepalive; a bound on unacknowledged data), AES-GCM first, host keys
compared before anything secret is sent, streams drained together, and a watchdog behind each call (see
labcheck.transport.session), because writes, rekeying and exec requests otherwise wait for ever.
"""

from __future__ import annotations

import contextlib
import logging
import random
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko

from labcheck.errors import N_
from labcheck.reach import Reach
from labcheck.transport.base import Credentials, Endpoint, HasReveal
from labcheck.transport.clock import Clock
from labcheck.transport.errors import (
    AuthFailed,
    HostKeyChanged,
    HostKeyUnknown,
    NotSsh,
    PasswordExpired,
    Unreachable,
)
from labcheck.transport.exchange import printable
from labcheck.transport.remote import SshTransport
from labcheck.transport.sealing import Said, Seal
from labcheck.transport.session import late, watched
from labcheck.transport.tcp import Dropped, call, unreachable
from labcheck.transport.watchdog import watchdog
from labcheck.transport.wire import Wire
from labcheck.trust import Trust, compare, fingerprint

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # else its tracebacks go to stderr

CONNECT_SECONDS = 20.0
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr")
_PAUSE_SECONDS = (0.1, 2.0)
"""First and longest pause before the next try at a server that hangs up unseen (MaxStartups)."""
_SESSION_SECONDS, _SESSION_PAUSE = 5.0, 0.05
_PIECE = 256 * 1024
_TOGETHER = 128 * 1024
"""Bytes that are put into packets before the socket is given them."""

_END_SECONDS = 1.0
"""Within which a connection that broke while something was sent is known to have ended; otherwise it was not
the connection but ssh-agent's."""
_AUTH_TRIES = 6
"""Ways after which OpenSSH's server hangs up by itself (MaxAuthTries)."""


def connect(
    endpoint: Endpoint, credentials: Credentials, *, deadline: float = CONNECT_SECONDS
) -> SshTransport:
    """Log in to a workstation, within ``deadline`` seconds in all.

    Raises Unreachable, NotSsh, HostKeyUnknown, HostKeyChanged, AuthFailed, PasswordExpired, DeadlinePassed;
    those of the jump host carry its seat."""
    clock = Clock(deadline)
    connection = _begin(endpoint, credentials, clock)
    try:
        with watched(endpoint.seat, clock, connection.sever):
            _check_key(endpoint, connection.offered_key())
            _Login(connection, endpoint, credentials, clock).run()
    except BaseException:
        connection.close()
        raise
    return SshTransport(endpoint.seat, connection, credentials.sudo_password)


def offered_key(
    endpoint: Endpoint, credentials: Credentials | None = None, *, deadline: float = CONNECT_SECONDS
) -> str:
    """The host key that a workstation offers now, "ssh-ed25519 AAAA…"; nobody logs in there.

    ``credentials`` are for the jump host only. Raises Unreachable, NotSsh, DeadlinePassed."""
    connection = _begin(endpoint, credentials or Credentials(), Clock(deadline))
    try:
        return connection.offered_key()
    finally:
        connection.close()


# The way there


def _begin(endpoint: Endpoint, credentials: Credentials, clock: Clock) -> Connection:
    """An encrypted connection to somebody; who it is has not been looked at.

    One that hangs up before it has introduced itself is called again, at random moments, so that forty
    calls to one server (MaxStartups 10:30:100) do not meet again."""
    pause, longest = _PAUSE_SECONDS
    while True:
        try:
            return _shake_hands(endpoint, credentials, clock)
        except TimeoutError:
            raise late(endpoint.seat, clock) from None
        except Dropped:
            wait = random.uniform(0.5, 1.5) * pause  # noqa: S311 - no secret
            if clock.remaining() < wait:
                raise Unreachable(
                    N_("{seat}: {host}:{port} hangs up on every call"),
                    seat=endpoint.seat, host=endpoint.host, port=endpoint.port, how=Reach.NOT_SSH,
                ) from None  # fmt: skip
            time.sleep(wait)
            pause = min(longest, 2 * pause)


def _shake_hands(endpoint: Endpoint, credentials: Credentials, clock: Clock) -> Connection:
    jump = None if endpoint.jump is None else connect(endpoint.jump, credentials, deadline=clock.left())
    try:
        carrier: Any = call(endpoint, clock) if jump is None else _through(jump, endpoint, clock)
        return _negotiate(endpoint, carrier, jump, clock)
    except BaseException:
        if jump is not None:
            jump.close()
        raise


def _through(jump: SshTransport, endpoint: Endpoint, clock: Clock) -> Any:
    try:
        return jump.connection.tunnel(endpoint.host, endpoint.port, clock.left())
    except paramiko.ChannelException as refused:  # 2: the jump host could not connect either
        raise Unreachable(
            N_("{seat}: the jump host {jump} does not get through to {host}:{port}: {said}"),
            seat=endpoint.seat, jump=jump.seat, host=endpoint.host, port=endpoint.port,
            said=printable(refused.text), how=Reach.UNREACHABLE,
        ) from None  # fmt: skip
    except paramiko.SSHException:
        clock.left()
        raise unreachable(endpoint, Reach.UNREACHABLE) from None


def _negotiate(endpoint: Endpoint, carrier: Any, jump: SshTransport | None, clock: Clock) -> Connection:
    transport = _Transport(carrier)
    connection = Connection(transport, carrier, jump)
    options = transport.get_security_options()
    options.ciphers = tuple(c for c in _CIPHERS if c in options.ciphers)
    if endpoint.host_key:  # a server with several keys shall show the one that is pinned
        pinned = _algorithms(endpoint.host_key.split()[0])
        options.key_types = sorted(options.key_types, key=lambda name: name not in pinned)
    transport.banner_timeout = transport.handshake_timeout = clock.left()
    try:
        with watchdog(clock, connection.sever):
            transport.start_client(timeout=clock.left())
            clock.left()  # start_client returns quietly when its time is over
            connection.offered_key()
            return connection
    except (paramiko.SSHException, EOFError, OSError, UnicodeError) as failed:
        introduced = bool(transport.remote_version)
        connection.close()
        if clock.remaining() <= 0:
            raise late(endpoint.seat, clock) from None
        if not introduced and jump is not None:  # behind a tunnel its first word cannot be seen before
            raise Dropped from None
        raise NotSsh(
            N_("{seat}: {host}:{port} does not speak our SSH: {said}"),
            seat=endpoint.seat, host=endpoint.host, port=endpoint.port, said=printable(str(failed)) or "—",
        ) from None  # fmt: skip


def _algorithms(key_type: str) -> tuple[str, ...]:
    return ("rsa-sha2-512", "rsa-sha2-256") if key_type == "ssh-rsa" else (key_type,)


class _Packetizer(paramiko.packet.Packetizer):  # type: ignore[misc] # it has no types
    """Seals with AES-GCM in its own way, and with everything else as paramiko does."""

    def __init__(self, carrier: Any) -> None:
        super().__init__(carrier)
        self._seal: Seal | None = None
        self._sealing = threading.RLock()
        self.catch_up: Callable[[], None] = lambda: None

    def read_message(self) -> Any:
        """The next packet; before it, what had to wait is sent."""
        self.catch_up()
        return super().read_message()

    def set_outbound_cipher(self, block_engine: Any, *more: Any, **settings: Any) -> None:
        """New keys; the numbering of packets for other ciphers stays paramiko's."""
        with self._sealing:
            super().set_outbound_cipher(block_engine, *more, **settings)
            self._seal = Seal(block_engine, settings["iv_out"]) if settings.get("aead") else None

    def send_message(self, data: paramiko.Message | Said) -> None:
        """Send a packet, unless it comes too late; keys that have sealed enough are renewed."""
        with self._sealing:
            if isinstance(data, Said) and data.late:
                return
            if self._seal is None:
                super().send_message(data)
                return
            fresh = not self._worn(self._seal)
            parts = data.parts if isinstance(data, Said) else (data.asbytes(),)
            self.write_all(self._seal.packet(*parts))
            if fresh and self._worn(self._seal):
                self._trigger_rekey()

    def _worn(self, seal: Seal) -> bool:
        return seal.bytes >= int(self.REKEY_BYTES) or seal.packets >= int(self.REKEY_PACKETS)


class _Transport(paramiko.Transport):  # type: ignore[misc] # it has no types
    """Its reader answers while keys are renewed, too: with paramiko it waits, in vain, for the new keys that
    itself must read, and the connection breaks after 30 seconds."""

    def __init__(self, carrier: Any) -> None:
        super().__init__(carrier, packetizer_class=_Packetizer)
        self._answers: deque[Any] = deque()
        self.packetizer.catch_up = self._catch_up

    def _send_user_message(self, data: Any) -> None:
        """Send a packet, once that is allowed (RFC 4253, 7.1)."""
        if threading.current_thread() is not self:
            super()._send_user_message(data)
            return
        self._answers.append(data)
        self._catch_up()

    def _catch_up(self) -> None:
        while self._answers and self.clear_to_send.is_set():
            super()._send_user_message(self._answers.popleft())


# Who is there, and who we are


def _check_key(endpoint: Endpoint, offered: str) -> None:
    match compare(endpoint.host_key, offered):
        case Trust.UNKNOWN:
            raise HostKeyUnknown(
                N_("{seat}: no host key is pinned; the computer shows {fingerprint}"),
                seat=endpoint.seat, fingerprint=fingerprint(offered), offered=offered,
            )  # fmt: skip
        case Trust.CHANGED:
            raise HostKeyChanged(
                N_("{seat}: the host key is not the pinned {pinned}; the computer shows {fingerprint}"),
                seat=endpoint.seat, pinned=_shown(endpoint.host_key or ""),
                fingerprint=fingerprint(offered), offered=offered,
            )  # fmt: skip


def _shown(pinned: str) -> str:
    try:
        return fingerprint(pinned)
    except ValueError:
        return printable(pinned, 40)


class _Login:
    """Tries what the credentials hold, and nothing else, in the order keys, agent, password."""

    def __init__(
        self, connection: Connection, endpoint: Endpoint, credentials: Credentials, clock: Clock
    ) -> None:
        self._transport = connection.transport
        self._user, self._seat = endpoint.user, endpoint.seat
        self._credentials, self._clock = credentials, clock
        self._asked = 0

    def run(self) -> None:
        """Raises AuthFailed, PasswordExpired; EOFError when the connection breaks."""
        tried = 0
        for way in self._ways():
            tried += 1
            self._transport.auth_timeout = self._clock.left()
            try:
                way()
            except paramiko.SSHException:
                self._clock.left()
            except (EOFError, OSError):  # the connection's end, which its reader learns of a moment later
                self._transport.join(min(_END_SECONDS, self._clock.left()))
            if self._transport.is_authenticated():
                return
            if self._asked > 1:
                raise PasswordExpired(
                    N_("{seat}: the password of {user} must be changed"), seat=self._seat, user=self._user
                )
            if not self._transport.is_active():
                if tried < _AUTH_TRIES:  # it was not the server that had enough of us
                    raise EOFError
                break
        raise AuthFailed(
            N_("{seat}: {user} is not let in; {tried} ways were tried"),
            seat=self._seat, user=self._user, tried=tried,
        )  # fmt: skip

    def _ways(self) -> Iterator[Callable[[], object]]:
        for path in self._credentials.key_files:
            yield self._with_key(self._load(path))
        if self._credentials.agent:
            agent = paramiko.Agent()
            try:
                for key in agent.get_keys():
                    yield self._with_key(key)
            finally:
                agent.close()
        if (password := self._credentials.password) is not None:
            yield lambda: self._with_password(password)

    def _with_key(self, key: paramiko.PKey) -> Callable[[], object]:
        return lambda: self._transport.auth_publickey(self._user, key)

    def _with_password(self, password: HasReveal) -> None:
        def answer(_title: str, _text: str, prompts: list[tuple[str, bool]]) -> list[str]:
            # One question for the password is answered. PAM asks again to have an expired one changed.
            self._asked += bool(prompts)
            first = self._asked == 1 and len(prompts) == 1
            return [password.reveal()] if first else [""] * len(prompts)

        try:
            self._transport.auth_password(self._user, password.reveal(), fallback=False)
        except paramiko.BadAuthenticationType as refused:  # not: a wrong password, which would count twice
            if "keyboard-interactive" in refused.allowed_types:
                self._transport.auth_interactive(self._user, answer)

    def _load(self, path: Path) -> paramiko.PKey:
        passphrase = self._credentials.passphrase
        try:
            try:
                return paramiko.PKey.from_path(path)
            except TypeError:  # encrypted
                if passphrase is None:
                    raise
                return paramiko.PKey.from_path(path, passphrase.reveal().encode())
        except (OSError, ValueError, TypeError, paramiko.SSHException, paramiko.UnknownKeyType) as failed:
            raise AuthFailed(
                N_("{seat}: the key {path} cannot be read: {said}"),
                seat=self._seat, path=path, said=printable(str(failed)),
            ) from None  # fmt: skip


# What is there then


class Connection:
    """An encrypted connection. Raises OSError, EOFError and TimeoutError only."""

    def __init__(self, transport: paramiko.Transport, carrier: Any, jump: SshTransport | None) -> None:
        self.transport = transport
        self._carrier, self._jump = carrier, jump
        self._together = carrier.together if isinstance(carrier, Wire) else contextlib.nullcontext
        self._offered = ""

    @property
    def banner(self) -> str:
        """How the server introduced itself; untrusted."""
        return str(self.transport.remote_version)

    def alive(self) -> bool:
        """Whether nobody has ended it yet, as far as is known."""
        return bool(self.transport.is_active())

    def offered_key(self) -> str:
        """The server's host key; kept, for a transport that has been cut does not tell it any more."""
        if not self._offered:
            key = self.transport.get_remote_server_key()
            self._offered = f"{key.get_name()} {key.get_base64()}"
        return self._offered

    def session(self, clock: Clock) -> Session:
        """A new channel for a program.

        A server that has no session free (MaxSessions) is asked again for a while: of one that was closed
        the program may still be ending."""
        patience = Clock(_SESSION_SECONDS)
        while True:
            try:
                return Session(self.transport.open_session(timeout=clock.left()), self._together)
            except paramiko.SSHException as failed:
                clock.left()
                # No look at its class: of two threads that are refused only one gets the server's words.
                if not self.alive() or patience.remaining() <= 0:
                    raise OSError(str(failed)) from None
            time.sleep(_SESSION_PAUSE)

    def tunnel(self, host: str, port: int, seconds: float) -> paramiko.Channel:
        """A channel to somewhere else, for another connection."""
        return self.transport.open_channel("direct-tcpip", (host, port), ("127.0.0.1", 0), timeout=seconds)

    def sever(self) -> None:
        """Cut it at once, from any thread; everything that waits for it wakes up."""
        if self._jump is not None:
            self._jump.connection.sever()
            return
        try:
            self._carrier.shutdown(socket.SHUT_RDWR)
        except OSError:
            self._carrier.close()

    def close(self) -> None:
        """End it and what carries it."""
        self.transport.close()
        self._carrier.close()
        if self._jump is not None:
            self._jump.close()


class Session:
    """One program's streams. Nothing waits here for longer than it is told, but for the watchdog."""

    def __init__(
        self, channel: paramiko.Channel, together: Callable[[], contextlib.AbstractContextManager[None]]
    ) -> None:
        """``together``: see Wire."""
        self._channel, self._together = channel, together
        self._event = threading.Event()
        channel.in_buffer.set_event(self._event)
        channel.in_stderr_buffer.set_event(self._event)

    def start(self, line: str) -> None:
        """Give the shell its line."""
        self._request(lambda: self._channel.exec_command(line.encode()))

    def subsystem(self, name: str) -> None:
        """Start a subsystem of the server."""
        self._request(lambda: self._channel.invoke_subsystem(name))

    def _request(self, request: Callable[[], None]) -> None:
        try:
            request()
        except paramiko.SSHException as refused:
            raise OSError(str(refused)) from None

    def read(self) -> tuple[bytes, bytes]:
        """What has come on stdout and stderr."""
        channel = self._channel
        out = channel.recv(_PIECE) if channel.recv_ready() else b""
        err = channel.recv_stderr(_PIECE) if channel.recv_stderr_ready() else b""
        return out, err

    def wait(self, seconds: float) -> None:
        """Until something comes or it ends, at most so long. Call it only after read() gave nothing."""
        if not (self._channel.recv_ready() or self._channel.recv_stderr_ready()):
            self._event.wait(seconds)

    def receive(self, seconds: float) -> bytes:
        """Some of stdout; b"" at its end. Raises TimeoutError."""
        self._channel.settimeout(seconds)
        return bytes(self._channel.recv(_PIECE))

    def ready(self) -> bool:
        """Whether receive() would return at once."""
        return bool(self._channel.recv_ready())

    def can_send(self) -> bool:
        """Whether the other side takes something now."""
        return bool(self._channel.send_ready())

    def send(self, data: memoryview, seconds: float) -> int:
        """Send some, return how much. Raises TimeoutError; EOFError when the program takes no more."""
        self._channel.settimeout(seconds)
        sent = 0
        try:
            with self._together():
                while not sent or (sent < min(len(data), _TOGETHER) and self._channel.send_ready()):
                    count = int(self._channel._send(data[sent:], Said(self._channel)))
                    if not count:
                        break
                    sent += count
        except paramiko.SSHException as failed:
            raise OSError(str(failed)) from None
        if not sent:
            raise EOFError
        return sent

    def close_stdin(self) -> None:
        """Nothing more will come."""
        with self._channel.lock:
            message = self._channel._send_eof()
        if message is not None:
            self._say(message)

    def _say(self, message: paramiko.Message) -> None:
        self._channel.get_transport()._send_user_message(Said(self._channel, message.asbytes()))

    def ended(self) -> bool:
        """Whether both streams are at their end and read."""
        channel = self._channel
        over = channel.eof_received or channel.closed
        return over and not channel.recv_ready() and not channel.recv_stderr_ready()

    def cut(self) -> bool:
        """Whether the streams ended because the connection did."""
        return self._channel.exit_status < 0 and not (
            self._channel.eof_received and self._channel.get_transport().is_active()
        )

    def exited(self) -> bool:
        """Whether the program has ended, though others may hold its streams."""
        return bool(self._channel.status_event.is_set())

    def exit_status(self, seconds: float) -> int:
        """Its exit status, -1 when a signal ended it. Raises TimeoutError."""
        if not self._channel.status_event.wait(seconds):
            raise TimeoutError
        return int(self._channel.exit_status)

    def terminate(self) -> None:
        """Ask the server to end its process group (RFC 4254, 6.9). OpenSSH does, but not for root."""
        message = paramiko.Message()
        message.add_byte(bytes([paramiko.common.MSG_CHANNEL_REQUEST]))
        message.add_int(self._channel.remote_chanid)
        message.add_string("signal")
        message.add_boolean(False)
        message.add_string("TERM")
        self._say(message)

    def close(self) -> None:
        """Leave the program alone."""
        self._channel.close()
