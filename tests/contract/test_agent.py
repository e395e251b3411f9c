"""The real agent as a real process: how it is brought, what it answers, and how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from labcheck import boot, packing, push
from labcheck.bundle import Bundle
from labcheck.deploy import described
from labcheck.facts import SAID_NOTHING, SENSELESS
from labcheck.judges.base import Seen
from labcheck.link import AgentBroken, AgentRefused, Link, NoPython
from labcheck.push import start, start_without_trace
from labcheck.requirements import (
    Processor,
    Range,
    Requirements,
    Software,
    SoftwareFile,
    Steps,
    SystemVersion,
)
from labcheck.transport.base import Channel, Platform
from labcheck.transport.errors import ConnectionLost, DeadlinePassed, TransferRefused
from labcheck.transport.local import LocalTransport
from labcheck.verdict import judge
from tests.services.agents import agent, workstation
from tests.services.bundles import BUNDLES
from tests.services.process import until

FACTS = {
    "os", "cpu", "memory", "disk", "screen", "clock", "power", "sleep", "updates", "processes",
    "remote_control", "virtual", "network", "sound", "session", "software", "python",
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def link(home: Path) -> Iterator[Link]:
    with agent(home) as running:
        yield running


@pytest.fixture
def seat(home: Path) -> Iterator[LocalTransport]:
    with workstation(home) as transport:
        yield transport


def raw(transport: LocalTransport) -> Channel:
    """An agent spoken to in bytes."""
    start(transport, BUNDLES).close()
    python = transport.platform().python
    assert python is not None
    (folder,) = (transport_home(transport) / ".cache/vpr-morning").iterdir()
    channel = transport.open([python.path, "-I", "-S", str(folder)])
    assert json.loads(channel.receive(10) or b"")["agent"] == 1
    return channel


def transport_home(transport: LocalTransport) -> Path:
    return Path(transport.home())


# How it comes


def test_it_is_brought_once(home: Path, seat: LocalTransport) -> None:
    one = start(seat, BUNDLES)
    bundle = BUNDLES.of(seat.platform())
    assert one.hello.hash == bundle.sha256
    assert one.hello.system == "linux"
    folder = home / ".cache/vpr-morning" / bundle.folder
    before = folder.stat().st_ctime_ns
    one.close()
    two = start(seat, BUNDLES)
    assert two.hello.pid != one.hello.pid
    assert folder.stat().st_ctime_ns == before, "nothing was sent again"
    assert [path.name for path in (home / ".cache/vpr-morning").iterdir()] == [bundle.folder]


def test_another_bundle_replaces_it(home: Path, seat: LocalTransport, tmp_path: Path) -> None:
    start(seat, BUNDLES).close()
    bundle = BUNDLES.of(seat.platform())
    other = tmp_path / "other.zip"
    other.write_bytes(bundle.path.read_bytes())
    with zipfile.ZipFile(other, "a") as archive:
        archive.writestr("agent/new.py", "")

    class Other:
        def of(self, platform: Platform) -> Bundle:
            return replace(bundle, path=other, sha256=hashlib.sha256(other.read_bytes()).hexdigest())

    link = start(seat, Other())
    assert link.hello.hash == Other().of(seat.platform()).sha256
    assert len(list((home / ".cache/vpr-morning").iterdir())) == 1, "older ones are removed"


def test_a_bundle_that_arrives_damaged_is_never_unpacked(
    home: Path, seat: LocalTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*given: Any) -> packing.Packed:
        whole = packing.packed(*given)
        return replace(whole, data=whole.data[:400] + b"once" + whole.data[404:])

    monkeypatch.setattr(push, "packed", damaged)
    with pytest.raises(AgentBroken, match="did not arrive whole"):
        start(seat, BUNDLES)
    assert not (home / ".cache").exists()


@pytest.mark.parametrize(("error", "said"), [("ENOSPC", "the disk is full"), ("EACCES", "no right")])
def test_a_disk_that_takes_no_bundle_is_named(
    home: Path, seat: LocalTransport, monkeypatch: pytest.MonkeyPatch, error: str, said: str
) -> None:
    """The system's refusal is made up: a test's account may be root, to whom little is refused."""
    refusing = f"import os, errno\ndef refuse(*_): raise OSError(errno.{error}, 'no')\nos.rename = refuse\n"
    monkeypatch.setattr(boot, "UNPACK", refusing + boot.UNPACK)
    with pytest.raises(TransferRefused, match=said):
        start(seat, BUNDLES)
    assert list((home / ".cache/vpr-morning").iterdir()) == []


def test_an_agent_that_was_spoilt_there_is_brought_again(home: Path, seat: LocalTransport) -> None:
    start(seat, BUNDLES).close()
    (folder,) = (home / ".cache/vpr-morning").iterdir()
    (folder / "__main__.py").unlink()
    assert start(seat, BUNDLES).ping() > 0
    assert [path.name for path in (home / ".cache/vpr-morning").iterdir()] == [folder.name]


def test_without_trace(home: Path, seat: LocalTransport) -> None:
    link = start_without_trace(seat)
    assert link.call("facts", {"only": ["clock", "python", "os"]}, deadline=20)["os"]["system"] == "linux"
    link.close()
    assert list(home.iterdir()) == []


def test_no_python(seat: LocalTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot, "PYTHONS", "python3.1 no-python-at-all")
    with pytest.raises(NoPython):
        start(seat, BUNDLES)
    monkeypatch.setattr(seat, "platform", lambda: Platform("linux", "x86_64", None))
    with pytest.raises(NoPython):
        start_without_trace(seat)


@pytest.mark.parametrize("old", [boot.TOO_OLD, 126, 127])
def test_a_python_that_will_not_do_is_passed_over(
    seat: LocalTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: int
) -> None:
    useless = tmp_path / "useless-python"
    useless.write_text(f"#!/bin/sh\nexit {old}\n")
    useless.chmod(0o755)
    monkeypatch.setattr(boot, "PYTHONS", f"nowhere/python {useless} {boot.PYTHONS}")
    assert start(seat, BUNDLES).ping() > 0


def test_an_older_python_says_so(tmp_path: Path) -> None:
    """Its version is all that is made up: the program itself tells."""
    program = "import sys; sys.version_info = (3, 8); exec(sys.stdin.read())"
    ran = subprocess.run([sys.executable, "-c", program], input=boot.BOOT, text=True, check=False)
    assert ran.returncode == boot.TOO_OLD


def test_something_else_that_answers(seat: LocalTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    for said in (b"Welcome!", b"[1]", b'{"agent": 2, "pid": 1}', b'{"agent": 1, "pid": "x"}', b"[" * 5000):
        monkeypatch.setattr(push, "IN_MEMORY", f"print({said.decode()!r})")
        with pytest.raises(AgentBroken):
            start_without_trace(seat)


# What it answers


def test_every_fact_is_there(link: Link, home: Path) -> None:
    facts = link.facts({"answers": "~/answers", "files": ["/etc/hostname", "/nowhere"]}, deadline=60)
    assert set(facts) == FACTS
    assert facts["cpu"]["cores"] == psutil.cpu_count()
    assert facts["memory"]["total_mb"] == psutil.virtual_memory().total // 2**20
    assert facts["disk"]["path"] == str(home / "answers")
    assert facts["disk"]["writable"] is True
    assert abs(facts["clock"]["utc"] - time.time()) < 5
    assert facts["clock"]["utc_offset_minutes"] == time.localtime().tm_gmtoff // 60
    assert {"name": "python", "pid": link.hello.pid} in [
        {**process, "name": process["name"][:6]} for process in facts["processes"]
    ]
    assert 0 < facts["network"]["controller_ms"] < 5000
    digest = hashlib.sha256(Path("/etc/hostname").read_bytes()).hexdigest()
    assert facts["software"] == {
        "installed_version": None,
        "sha256": {"/etc/hostname": digest, "/nowhere": None},
    }
    assert facts["python"] == link.hello.python
    json.dumps(facts, allow_nan=False)


def test_whoever_judges_the_facts_understands_them(link: Link) -> None:
    file = SoftwareFile("a", "0" * 64)
    software = Software("n", "1", (file,), {"linux": Steps(answers="~/a")})
    wanted = Requirements(
        systems=(SystemVersion("linux"),), processors=(Processor(1, 1),), min_memory_mb=1, min_free_disk_mb=1,
        answers_writable=True, plain_answers_path=True, min_screen=(1, 1), max_clock_offset_s=60,
        utc_offset_minutes=0, ac_power=True, min_battery_percent=1, forbid_sleep=True, forbid_updates=True,
        forbid_processes=("tor",), forbid_remote_control=True, forbid_vm=True, max_network_ms=1e5,
        headset=True, exam_session=True, software=software, input_volume=Range(0, 100),
        output_volume=Range(0, 100),
    )  # fmt: skip
    facts = link.facts({"answers": "~/a", "software": described(software, "linux")}, deadline=60)
    findings = judge(facts, wanted, Seen(time.time(), time.time(), facts["network"]["controller_ms"]))
    assert len(findings) > 20
    not_understood = {SENSELESS.template, SAID_NOTHING.template}
    assert not [finding.check for finding in findings if finding.measured.template in not_understood]


def test_facts_change_nothing(link: Link, home: Path) -> None:
    def everything() -> set[Path]:
        return {path for path in home.rglob("*") if "__pycache__" not in path.parts}

    before = everything()
    link.facts({"answers": "~/answers"}, deadline=60)
    assert everything() == before


def test_a_fact_that_cannot_be_had_takes_no_other_with_it(link: Link) -> None:
    facts = link.call("facts", {"software": {"name": "broken"}, "only": ["software", "memory"]}, deadline=20)
    assert "unavailable" in facts["software"]
    assert facts["memory"]["total_mb"] > 0


def test_a_folder_that_cannot_be_written(link: Link) -> None:
    disk = link.call("facts", {"answers": "/proc/answers", "only": ["disk"]}, deadline=20)["disk"]
    assert disk["writable"] is False
    assert disk["exists"] is False


def test_unknown_requests_and_nonsense_are_answered(seat: LocalTransport) -> None:
    channel = raw(seat)
    refused = [
        b"nonsense", b"[]", b'"x"', b"{}", b'{"id": 1}', b'{"id": null, "do": "ping"}', b'{"id": 1, "do": 5}',
        b'{"id": 1, "do": "ping", "with": 3}', b'{"id": 1, "do": "ping", "with": null}', b"[" * 100_000,
        b"\xff\xfe",
    ]  # fmt: skip
    for line in refused:
        channel.send(line)
        answer = json.loads(channel.receive(10) or b"")
        assert answer["error"]["code"] == "bad-request", line
    channel.send(b'{"id": "x", "do": "format-disk"}')
    answer = json.loads(channel.receive(10) or b"")
    assert answer["id"] == "x"
    assert answer["error"]["code"] == "unknown-request"
    channel.send(b'{"id": 9, "do": "stop"}')  # nothing to stop
    channel.send(b'{"id": 10, "do": "ping"}')
    answer = json.loads(channel.receive(10) or b"")
    assert (answer["id"], answer["result"]["removed"]) == (10, [])
    channel.close()


def test_a_second_request_during_a_watch_is_told_to_wait(seat: LocalTransport) -> None:
    channel = raw(seat)
    channel.send(b'{"id": 1, "do": "watch", "with": {"every_s": 30}}')
    assert "progress" in json.loads(channel.receive(20) or b"")
    channel.send(b'{"id": 2, "do": "ping"}')
    assert json.loads(channel.receive(10) or b"")["error"]["code"] == "busy"
    channel.send(b'{"id": 1, "do": "stop"}')
    assert json.loads(channel.receive(10) or b"") == {"id": 1, "result": {"looks": 1}}
    channel.close()


def test_a_watch_that_is_left_is_stopped(link: Link) -> None:
    for look in link.watch({"every_s": 30}, stop=threading.Event(), deadline=20):
        assert look["at"] > 0
        break
    assert link.call("ping", deadline=10)["removed"] == []


def test_a_mistake_in_a_request_is_its_answer(link: Link) -> None:
    with pytest.raises(AgentRefused) as refused:
        link.call("watch", {"every_s": "often"}, deadline=10)
    assert refused.value.said == "internal"
    assert "watch.py" in refused.value.detail["where"]
    assert link.ping() > 0


# How it ends


def test_it_ends_with_its_connection(link: Link) -> None:
    assert psutil.pid_exists(link.hello.pid)
    link.close()
    until(lambda: not psutil.pid_exists(link.hello.pid), "the agent ends")


def test_an_agent_that_is_killed_is_an_error_with_its_name(link: Link) -> None:
    os.kill(link.hello.pid, signal.SIGKILL)
    with pytest.raises((AgentBroken, ConnectionLost), match="204-01"):
        link.call("ping", deadline=10)


def test_a_call_that_is_late_disturbs_no_other(link: Link, tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "a.wav").write_bytes(b"1")
    with pytest.raises(DeadlinePassed):
        link.call("collect", {"answers": str(folder), "settle_s": 1.0}, deadline=0.2)
    assert link.call("ping", deadline=10)["removed"] == []


# Answer files


def listed(link: Link, folder: Path, **more: Any) -> dict[str, dict[str, Any]]:
    found = link.call("collect", {"answers": str(folder), "settle_s": 0.3, **more}, deadline=20)
    return {file["path"]: file for file in found["files"]}


def test_answers_are_listed_with_their_hash(link: Link, tmp_path: Path) -> None:
    folder = tmp_path / "ответы"
    (folder / "204").mkdir(parents=True)
    (folder / "204/12345 я.wav").write_bytes(b"RIFF" * 1000)
    (folder / "empty.wav").write_bytes(b"")
    (folder / "link.wav").symlink_to("/etc/passwd")
    files = listed(link, folder)
    assert set(files) == {"204/12345 я.wav", "empty.wav"}
    answer = files["204/12345 я.wav"]
    assert answer["sha256"] == hashlib.sha256(b"RIFF" * 1000).hexdigest()
    assert (answer["size"], answer["stable"]) == (4000, True)
    assert answer["mtime"] == pytest.approx((folder / "204/12345 я.wav").stat().st_mtime)


def test_a_file_that_is_being_written_is_not_stable(link: Link, tmp_path: Path) -> None:
    with (tmp_path / "a.wav").open("wb") as recording:
        recording.write(b"1234")
        recording.flush()
        file = listed(link, tmp_path)["a.wav"]
        assert (file["stable"], file["sha256"]) == (False, None)
    assert listed(link, tmp_path)["a.wav"]["stable"] is True


def test_no_folder_is_no_empty_folder(link: Link, tmp_path: Path) -> None:
    found = link.call("collect", {"answers": str(tmp_path / "none")}, deadline=20)
    assert found["exists"] is False
    with pytest.raises(AgentRefused):
        link.call("collect", {}, deadline=20)


# Restarting the exam program


def test_restart(link: Link, tmp_path: Path) -> None:
    program = tmp_path / "vprstation"
    program.symlink_to("/bin/sleep")
    wanted = {"what": "restart-app", "process": "vprstation", "command": [str(program), "300"]}
    first = link.call("fix", wanted, deadline=20)
    try:
        assert first["done"]
        assert first["before"] == {"pids": []}
        (old,) = first["after"]["pids"]
        second = link.call("fix", wanted, deadline=20)
        assert second["before"] == {"pids": [old]}
        assert second["after"]["pids"] not in ([], [old])
        assert psutil.Process(second["after"]["pids"][0]).environ()["HOME"]
    finally:
        for process in psutil.process_iter(["name"]):
            if process.info["name"] == "vprstation":
                process.kill()
