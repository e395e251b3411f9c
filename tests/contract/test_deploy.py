"""The oral-test software on a workstation: the real agent, on this machine and over a real SSH server."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from labcheck import deploy
from labcheck.deploy import Action, Package, apply, check_sources, plan, rollback, uninstall
from labcheck.deployerrors import (
    AfterCheckFailed,
    AnswersInSoftware,
    InstallFailed,
    NoPreviousVersion,
    NotVerified,
    SourceChanged,
    SourceMissing,
    UninstallFailed,
    WorkstationLocked,
)
from labcheck.link import AgentBroken, AgentRefused, Link
from labcheck.push import start, start_without_trace
from labcheck.requirements import Software, SoftwareFile, Steps
from labcheck.transport.base import Transport
from labcheck.transport.errors import TransportError
from labcheck.transport.ssh import connect
from tests.services.agents import workstation
from tests.services.bundles import BUNDLES
from tests.services.cable import cable
from tests.services.process import until
from tests.services.sshd import Sshd, sshd

RUN = """\
#!/bin/sh
echo "$@" >> "$HOME/trace"
[ "$1" != "{bad}" ] || {{ echo "{bad} went wrong" >&2; exit 3; }}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("ssh"), 61) as running:
        yield running


@dataclass
class Seat:
    """A workstation with a running agent."""

    transport: Transport
    link: Link
    home: Path

    def trace(self) -> list[str]:
        """What the software's commands did."""
        return (self.home / "trace").read_text().split("\n")[:-1] if (self.home / "trace").exists() else []

    def current(self) -> Path:
        """The folder in use."""
        (folder,) = (self.home / ".local/share/vpr-morning/software").iterdir()
        return folder / "current"


@pytest.fixture(params=["local", "ssh"])
def seat(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Seat]:
    if request.param == "local":
        with workstation(tmp_path / "home") as transport:
            yield Seat(transport, start(transport, BUNDLES), tmp_path / "home")
        return
    with sshd(tmp_path / "ssh", 62) as running:
        over = connect(running.endpoint, running.credentials, deadline=30)
        try:
            yield Seat(over, start(over, BUNDLES), running.home)
        finally:
            over.close()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Seat]:
    with workstation(tmp_path / "home") as transport:
        yield Seat(transport, start(transport, BUNDLES), tmp_path / "home")


def package(
    folder: Path, version: str, *, bad: str = "none", size: int = 20_000, name: str = "Станция записи"
) -> Package:
    """A program of three files; its command named ``bad`` fails."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "bin/run.sh": RUN.format(bad=bad).encode() + f"# {version}\n".encode(),
        "данные/звук.bin": hashlib.sha256(version.encode()).digest() * (size // 32),
        "same.dat": b"the same in all versions" * 100,
    }
    sources = {}
    for number, (path, data) in enumerate(contents.items()):
        sources[path] = folder / f"{version}-{number}"
        sources[path].write_bytes(data)
    files = tuple(SoftwareFile(path, hashlib.sha256(data).hexdigest()) for path, data in contents.items())
    steps = Steps(
        install=("bin/run.sh", "install", version, "{folder}", "{answers}"),
        check=("bin/run.sh", "check", version),
        uninstall=("bin/run.sh", "uninstall", version),
        answers="~/ответы",
    )
    return Package(Software(name, version, files, {"linux": steps}), sources)


def put(seat: Seat, what: Package, say: deploy.Say | None = None) -> deploy.Deployed:
    return apply(seat.link, seat.transport, what, owner="тест", deadline=60, say=say)


def in_use(seat: Seat, what: Package) -> bool:
    return all(
        (seat.current() / file.path).read_bytes() == what.sources[file.path].read_bytes()
        for file in what.software.files
    )


# What it is for


def test_installed_once_and_the_second_run_changes_nothing(seat: Seat, tmp_path: Path) -> None:
    one = package(tmp_path / "one", "1.0")
    size = sum(source.stat().st_size for source in one.sources.values())
    before = plan(seat.link, one)
    assert (before.action, before.have, before.want, before.bytes_to_send) == (
        Action.INSTALL,
        None,
        "1.0",
        size,
    )
    steps: list[str] = []
    first = put(seat, one, lambda step, done, of: steps.append(step))
    assert (first.action, first.changed, first.version, first.previous) == (Action.INSTALL, True, "1.0", None)
    assert first.sent_bytes == size
    assert list(dict.fromkeys(steps)) == ["send", "verify", "switch", "install", "check"]
    assert in_use(seat, one)
    assert seat.trace() == [
        f"install 1.0 {seat.current()} {seat.home / 'ответы'}",
        "check 1.0",
    ]
    assert (seat.home / "ответы").is_dir()
    stamps = {path: path.lstat().st_ctime_ns for path in seat.current().resolve().rglob("*")}
    second = put(seat, one)
    assert (second.action, second.changed, second.sent_bytes) == (Action.NOTHING, False, 0)
    assert {path: path.lstat().st_ctime_ns for path in seat.current().resolve().rglob("*")} == stamps
    assert seat.trace()[2:] == ["check 1.0"], "only looked"
    assert plan(seat.link, one).action is Action.NOTHING


def test_planning_leaves_no_trace(tmp_path: Path) -> None:
    with workstation(tmp_path / "home") as transport:
        link = start_without_trace(transport)
        assert plan(link, package(tmp_path / "one", "1.0")).action is Action.INSTALL
        link.close()
        assert list((tmp_path / "home").rglob("*")) == []


def test_a_new_version_replaces_the_old_and_sends_only_what_is_new(seat: Seat, tmp_path: Path) -> None:
    one, two = package(tmp_path / "one", "1.0"), package(tmp_path / "two", "2.0")
    put(seat, one)
    done = put(seat, two)
    assert (done.action, done.version, done.previous) == (Action.REPLACE, "2.0", "1.0")
    assert done.sent_bytes == sum(s.stat().st_size for p, s in two.sources.items() if p != "same.dat")
    assert in_use(seat, two)
    assert plan(seat.link, one).action is Action.REPLACE


@pytest.mark.parametrize(("bad", "error"), [("install", InstallFailed), ("check", AfterCheckFailed)])
def test_what_fails_goes_back_by_itself(seat: Seat, tmp_path: Path, bad: str, error: type[Exception]) -> None:
    one, two = package(tmp_path / "one", "1.0"), package(tmp_path / "two", "2.0", bad=bad)
    put(seat, one)
    (seat.home / "trace").unlink()
    with pytest.raises(error, match=f"{bad} went wrong") as failed:
        put(seat, two)
    assert "in use now: 1.0" in str(failed.value)
    assert in_use(seat, one)
    words = [line.split()[0] + " " + line.split()[1] for line in seat.trace()]
    tried = ["install 2.0"] if bad == "install" else ["install 2.0", "check 2.0"]
    assert words == [*tried, "uninstall 2.0", "install 1.0"]
    assert put(seat, one).changed is False


def test_a_first_installation_that_fails_is_taken_away(local: Seat, tmp_path: Path) -> None:
    with pytest.raises(AfterCheckFailed, match="in use now: —"):
        put(local, package(tmp_path / "one", "1.0", bad="check"))
    assert not local.current().exists()
    assert local.trace()[-1] == "uninstall 1.0"
    good = put(local, package(tmp_path / "good", "1.0"))
    assert good.action is Action.INSTALL


def test_back_and_forth(local: Seat, tmp_path: Path) -> None:
    one, two = package(tmp_path / "one", "1.0"), package(tmp_path / "two", "2.0")
    put(local, one)
    with pytest.raises(NoPreviousVersion):
        rollback(local.link, one, owner="тест", deadline=30)
    put(local, two)
    assert rollback(local.link, two, owner="тест", deadline=30) == "1.0"
    assert in_use(local, one)
    assert rollback(local.link, two, owner="тест", deadline=30) == "2.0"
    assert in_use(local, two)
    assert put(local, one).sent_bytes == 0, "the version before is still there"


def test_uninstall_leaves_the_answers(local: Seat, tmp_path: Path) -> None:
    one = package(tmp_path / "one", "1.0")
    put(local, one)
    (local.home / "ответы/12345.wav").write_bytes(b"RIFF")
    assert uninstall(local.link, one, owner="тест", deadline=30) is True
    assert local.trace()[-1] == "uninstall 1.0"
    assert not any((local.home / ".local/share/vpr-morning/software").iterdir())
    assert (local.home / "ответы/12345.wav").read_bytes() == b"RIFF"
    assert uninstall(local.link, one, owner="тест", deadline=30) is False


def test_answers_inside_the_software_are_never_removed_with_it(local: Seat, tmp_path: Path) -> None:
    """Not installed so; and where an earlier profile had it so, neither an update nor uninstalling removes
    them."""
    one, two, three = (package(tmp_path / name, name) for name in ("1.0", "2.0", "3.0"))
    put(local, one)
    folder = local.current().parent
    inside = f"~/{(folder / 'current').relative_to(local.home)}/answers"

    def there(what: Package) -> Package:
        steps = replace(what.software.steps["linux"], answers=inside)
        return replace(what, software=replace(what.software, steps={"linux": steps}))

    with pytest.raises(AnswersInSoftware, match="current/answers"):
        put(local, there(two))
    with pytest.raises(AnswersInSoftware):
        uninstall(local.link, there(one), owner="тест", deadline=30)
    assert in_use(local, one)

    (record,) = (folder / "records").iterdir()  # as before that was refused
    record.write_text(record.read_text().replace(json.dumps("~/ответы"), json.dumps(inside)))
    answer = (folder / "current").resolve() / "answers/10001.wav"
    answer.parent.mkdir()
    answer.write_bytes(b"the pupil's")
    put(local, two)
    put(local, three)
    assert answer.read_bytes() == b"the pupil's", "two versions later"
    with pytest.raises(AnswersInSoftware):
        uninstall(local.link, three, owner="тест", deadline=30)
    assert in_use(local, three)
    answer.unlink()
    assert uninstall(local.link, three, owner="тест", deadline=30)
    assert not folder.exists()


def test_an_uninstall_command_that_fails_leaves_everything(local: Seat, tmp_path: Path) -> None:
    one = package(tmp_path / "one", "1.0", bad="uninstall")
    put(local, one)
    with pytest.raises(UninstallFailed, match="uninstall went wrong"):
        uninstall(local.link, one, owner="тест", deadline=30)
    assert in_use(local, one)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda current: (current / "same.dat").write_bytes(b"other"),
        lambda current: (current / "bin/run.sh").unlink(),
        lambda current: ((current / "same.dat").unlink(), (current / "same.dat").symlink_to("/etc/passwd")),
    ],
)
def test_damage_is_found_and_repaired(local: Seat, tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    one = package(tmp_path / "one", "1.0")
    put(local, one)
    spoil(local.current())
    found = plan(local.link, one)
    assert found.action is Action.REPAIR
    assert len(found.damaged) == 1
    done = put(local, one)
    assert (done.action, done.changed, done.previous) == (Action.REPAIR, True, "1.0")
    assert in_use(local, one)
    assert put(local, one).changed is False


def test_a_check_that_fails_later_is_repaired_by_installing_once_more(local: Seat, tmp_path: Path) -> None:
    one = package(tmp_path / "one", "1.0")
    steps = one.software.steps["linux"]
    marker = local.home / "installed"
    steps = replace(steps, install=("/bin/touch", str(marker)), check=("/usr/bin/test", "-e", str(marker)))
    one = Package(replace(one.software, steps={"linux": steps}), one.sources)
    put(local, one)
    marker.unlink()
    done = put(local, one)
    assert (done.action, done.changed) == (Action.REPAIR, True)
    assert marker.exists()


# What it must never do


def test_nothing_unverified_runs(local: Seat, tmp_path: Path) -> None:
    """The file here is exchanged after the check of the sources: the workstation finds out."""
    one = package(tmp_path / "one", "1.0")
    one.sources["bin/run.sh"].write_bytes(b'#!/bin/sh\necho evil >> "$HOME/trace"\n')
    with pytest.raises(SourceChanged):
        check_sources(one)
    with pytest.raises(NotVerified):
        put(local, one)
    assert local.trace() == []
    assert plan(local.link, one).action is Action.INSTALL
    put(local, package(tmp_path / "one", "1.0"))


def test_only_what_is_signed_is_installed(local: Seat, tmp_path: Path) -> None:
    one = package(tmp_path / "one", "1.0")
    private = Ed25519PrivateKey.generate()
    key = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    signature = base64.b64encode(private.sign(one.software.manifest())).decode()
    for software in (
        replace(one.software, public_key=key),
        replace(one.software, public_key=key, signature=signature, version="1.1"),
        replace(one.software, public_key=key, signature=base64.b64encode(bytes(64)).decode()),
    ):
        with pytest.raises(NotVerified):
            put(local, Package(software, one.sources))
    assert local.trace() == []
    signed = Package(replace(one.software, public_key=key, signature=signature), one.sources)
    assert put(local, signed).changed


def test_files_that_are_not_here(local: Seat, tmp_path: Path) -> None:
    one = package(tmp_path / "one", "1.0")
    one.sources["same.dat"].unlink()
    for ask in (lambda: plan(local.link, one), lambda: put(local, one), lambda: check_sources(one)):
        with pytest.raises(SourceMissing, match=r"same\.dat"):
            ask()


def test_strangers_in_the_folder_do_not_get_in(local: Seat, tmp_path: Path) -> None:
    one = package(tmp_path / "one", "1.0")

    def add(step: str, _done: int, _of: int) -> None:
        for staged in local.home.glob(".local/share/vpr-morning/software/*/staging/*"):
            (staged / "evil.dll").write_bytes(b"MZ") if step == "send" else None

    put(local, one, add)
    assert {path.name for path in local.current().iterdir()} == {"bin", "данные", "same.dat", ".vpr-version"}


def test_two_runs_never_meet(local: Seat, tmp_path: Path) -> None:
    one = package(tmp_path / "one", "1.0")
    other = start(local.transport, BUNDLES)
    with (
        deploy.locked(other, "Анна, ноутбук 2", "install"),
        pytest.raises(WorkstationLocked, match="Анна, ноутбук 2") as refused,
    ):
        put(local, one)
    assert refused.value.params["minutes"] == 0
    assert put(local, one).changed, "let go"
    with pytest.raises(AgentRefused) as without:
        other.call("install", {"step": "stage", "software": {"name": "x"}}, deadline=10)
    assert without.value.said == "not-locked"


def test_a_lock_falls_with_the_run_that_held_it(local: Seat, tmp_path: Path) -> None:
    other = start(local.transport, BUNDLES)
    other.call("lock", {"owner": "dead"}, deadline=10)
    os.kill(other.hello.pid, signal.SIGKILL)
    with pytest.raises((AgentBroken, TransportError)):
        other.call("ping", deadline=10)
    assert put(local, package(tmp_path / "one", "1.0")).changed


# Cut in the middle


def test_an_agent_killed_during_the_install_command(local: Seat, tmp_path: Path) -> None:
    one, two = package(tmp_path / "one", "1.0"), package(tmp_path / "two", "2.0")
    put(local, one)
    steps = replace(
        two.software.steps["linux"], install=("/bin/sh", "-c", 'echo begun >> "$HOME/trace"; sleep 60')
    )
    slow = Package(replace(two.software, steps={"linux": steps}), two.sources)

    def kill() -> None:
        until(lambda: "begun" in local.trace(), "the install command runs")
        os.kill(local.link.hello.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises((AgentBroken, TransportError)):
        put(local, slow)
    killer.join()
    again = Seat(local.transport, start(local.transport, BUNDLES), local.home)
    assert plan(again.link, two).action is Action.FINISH
    done = put(again, two)
    assert (done.action, done.version, done.previous) == (Action.FINISH, "2.0", "1.0")
    assert in_use(again, two)


def test_a_cut_connection_is_resumed(server: Sshd, tmp_path: Path) -> None:
    one = package(tmp_path / "one", "1.0", size=6_000_000)
    size = sum(source.stat().st_size for source in one.sources.values())
    with cable(server.endpoint.host, server.endpoint.port) as wire:
        far = replace(server.endpoint, host=wire.host, port=wire.port)
        over = connect(far, server.credentials, deadline=30)
        link = start(over, BUNDLES)
        wire.fail("cut", after=4_000_000)
        with pytest.raises((TransportError, AgentBroken)):
            apply(link, over, one, owner="тест", deadline=30)
        over.close()
    over = connect(server.endpoint, server.credentials, deadline=30)
    try:
        link = start(over, BUNDLES)
        done = apply(link, over, one, owner="тест", deadline=60)
        assert done.changed
        assert 0 < done.sent_bytes < size - 1_000_000, "what had arrived was not sent again"
        assert apply(link, over, one, owner="тест", deadline=60).changed is False
    finally:
        over.close()
