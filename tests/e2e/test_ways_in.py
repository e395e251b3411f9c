"""Every way to log in to a lab, as a person has it: a jump host, an SSH agent, a passphrase, a password."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pexpect
import pytest

from provision.cli.exits import Exit
from tests.e2e.lab import Lab, lab
from tests.services.accounts import Account, namespace
from tests.services.process import Process, program, until
from tests.services.sshd import Sshd, keygen, sshd

PASSPHRASE, PASSWORD, WRONG = "seven-old-keys", "blue-kettle-19", "not-the-right-one"
FIRST = 181
"""The seats' addresses: 127.0.204.181 and the next."""
JUMP = 183


@contextmanager
def servers(folder: Path, key: Path, *numbers: int) -> Iterator[list[Sshd]]:
    """SSH servers that the key opens."""
    with ExitStack() as stack:
        found = []
        for number in numbers:
            place = folder / str(number)
            place.mkdir()
            (place / "user_key").touch()  # so that none of its own is made
            shutil.copy(f"{key}.pub", place / "user_key.pub")
            found.append(stack.enter_context(sshd(place, number)))
        yield found


@pytest.fixture
def key(tmp_path: Path) -> Path:
    keygen(tmp_path / "key")
    return tmp_path / "key"


def school(folder: Path, seats: list[Sshd], key: Path | None) -> Lab:
    made = lab(folder, [seat.endpoint for seat in seats], key)
    made.change("time_zone: Europe/Moscow", "time_zone: UTC")
    return made


def outcomes(made: Lab, code: Exit, **environment: str) -> set[str]:
    """What became of the room's seats."""
    ran = made.run("--room", "204", "--json", **environment)
    assert ran.code == code, ran.err
    return {one["outcome"] for one in ran.json["rooms"][0]["workstations"]}


def typed(made: Lab, prompt: str, secret: str, *words: str) -> tuple[int, str]:
    """Check the room at a terminal where ``secret`` is typed; exit code, and all that the screen showed."""
    command, *rest = made.command("--room", "204", *words)
    talk = pexpect.spawn(command, rest, env=made.environment(COLUMNS="150"), encoding="utf-8", timeout=90)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as screen:
        talk.logfile_read = screen
        talk.expect(prompt)
        talk.waitnoecho()
        talk.sendline(secret)
        talk.expect(pexpect.EOF)
        talk.close()
        screen.seek(0)
        return int(talk.exitstatus or 0), screen.read()


def nowhere(secret: str, made: Lab) -> bool:
    """Whether no file of the site, nor of the cache, holds it."""
    files = [path for path in (*made.site.rglob("*"), *made.cache.rglob("*")) if path.is_file()]
    return all(secret.encode() not in path.read_bytes() for path in files)


def test_through_a_jump_host(tmp_path: Path, key: Path) -> None:
    with servers(tmp_path, key, FIRST, FIRST + 1, JUMP) as (*seats, jump):
        made = school(tmp_path / "school", seats, key)
        to = jump.endpoint
        where = f"jump: {{host: {to.host}, port: {to.port}, user: {to.user}, host_key: {to.host_key}}}"
        made.change(f"access: {{key: {key}}}", f"access: {{key: {key}, {where}}}")
        assert outcomes(made, Exit.DONE) == {"pass"}
        assert jump.log().count("Accepted publickey") == len(seats), "each went through it"
        came = [line for seat in seats for line in seat.log().splitlines() if "Accepted publickey" in line]
        assert len(came) == len(seats)

        made.change(f", host_key: {to.host_key}}}}}", "}}")
        assert outcomes(made, Exit.INCOMPLETE) == {"untrusted"}
        assert jump.log().count("Accepted publickey") == len(seats), "an unknown one is not logged in to"
        made.change(where.replace(f", host_key: {to.host_key}", ""), where)
        jump.stop()
        assert outcomes(made, Exit.INCOMPLETE) == {"unreachable"}


def test_with_an_agent_alone(tmp_path: Path, key: Path) -> None:
    socket = tmp_path / "agent"
    with servers(tmp_path, key, FIRST, FIRST + 1) as seats:
        made = school(tmp_path / "school", seats, key)
        made.change(f"access: {{key: {key}}}", "access: {agent: true}")
        agent = Process([program("ssh-agent"), "-D", "-a", str(socket)], tmp_path / "agent-log")
        try:
            until(socket.exists, "the agent's socket")
            assert outcomes(made, Exit.INCOMPLETE, SSH_AUTH_SOCK=str(socket)) == {"fail"}, "it has no key yet"
            add = [program("ssh-add"), "-q", str(key)]
            subprocess.run(add, env={**os.environ, "SSH_AUTH_SOCK": str(socket)}, check=True)
            key.unlink()
            assert outcomes(made, Exit.DONE, SSH_AUTH_SOCK=str(socket)) == {"pass"}
        finally:
            agent.stop()


def test_with_a_passphrase_that_is_typed(tmp_path: Path) -> None:
    key = tmp_path / "key"
    keygen(key, passphrase=PASSPHRASE)
    with servers(tmp_path, key, FIRST, FIRST + 1) as seats:
        made = school(tmp_path / "school", seats, key)
        code, screen = typed(made, "Passphrase of the SSH key", WRONG, "--ask-passphrase")
        assert code == Exit.INCOMPLETE
        assert "cannot be read" in screen
        assert WRONG not in screen
        code, screen = typed(made, "Passphrase of the SSH key", PASSPHRASE, "--ask-passphrase")
        assert code == Exit.DONE, screen
        assert "READY 2 of 2" in screen
        assert PASSPHRASE not in screen
        assert nowhere(PASSPHRASE, made)


def test_with_a_password_that_is_typed() -> None:
    """The seats' accounts exist for their servers alone; they are no root, and the agent runs as them."""
    options = ["UsePAM no", "PasswordAuthentication yes"]
    with tempfile.TemporaryDirectory(prefix="vpr-lab-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # the account must get to its home
        seats = []
        for number in (FIRST, FIRST + 1):
            place = folder / str(number)
            place.mkdir()
            before = namespace(place, Account("exam204", PASSWORD))
            seats.append(
                stack.enter_context(
                    sshd(place / "seat", number, options=options, command=before, user="exam204")
                )
            )
        made = school(folder / "school", seats, None)
        prompt = "Password of the account exam204 at the workstations"
        code, screen = typed(made, prompt, WRONG)
        assert code == Exit.INCOMPLETE
        assert "is not let in" in screen
        code, screen = typed(made, prompt, PASSWORD)
        assert code == Exit.DONE, screen
        assert "READY 2 of 2" in screen
        assert PASSWORD not in screen
        assert nowhere(PASSWORD, made)
        assert all("Accepted password for exam204" in seat.log() for seat in seats)
