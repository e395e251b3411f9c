"""Each fault of the virtual lab, met as a real workstation's: it shows as what it is, and as nothing else."""

from __future__ import annotations

import getpass
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from labcheck.deploy import Package, apply, described
from labcheck.errors import LabcheckError
from labcheck.judges.base import Seen
from labcheck.outcome import Outcome
from labcheck.push import start
from labcheck.rehearsal.errors import AddressTaken
from labcheck.rehearsal.examprogram import ANSWERS, files, software
from labcheck.rehearsal.faults import Fault
from labcheck.rehearsal.headset import MODEL
from labcheck.rehearsal.lab import Lab, host_keys
from labcheck.rehearsal.seat import Place
from labcheck.rehearsal.sshserver import free_port
from labcheck.requirements import Range, Requirements, SystemVersion
from labcheck.transport.base import Credentials, Endpoint
from labcheck.transport.ssh import connect
from labcheck.verdict import judge, required
from tests.services.bundles import BUNDLES
from tests.services.process import until

WELL = "well"
SOUND = {"headset", "default-input", "default-output", "input-muted", "output-muted", "input-volume"}
SOUND |= {"output-volume"}
EXPECTED: Mapping[str, object] = {
    WELL: {},
    Fault.DEAD: "unreachable",
    Fault.HANGS: "deadline-passed",
    Fault.CHANGED_KEY: "host-key-changed",
    Fault.NO_PYTHON: "no-python",
    Fault.NO_SFTP: "transfer-refused",
    Fault.SLOW: {"network": "fail"},
    Fault.CLOCK_OFF: {"clock": "fail"},
    Fault.WRONG_ZONE: {"time-zone": "fail"},
    Fault.FULL_DISK: {"disk": "fail"},
    Fault.NOT_WRITABLE: {"answers-writable": "fail"},
    Fault.DISTURBING_PROCESS: {"processes": "fail"},
    Fault.REMOTE_CONTROL: {"remote-control": "fail"},
    Fault.UNPLUGGED: {
        **dict.fromkeys(SOUND, "not-checked"),
        **dict.fromkeys(("headset", "default-input", "default-output"), "fail"),
    },
    Fault.MONITOR_ONLY: {"headset": "fail", "default-input": "fail"},
    Fault.WRONG_DEFAULT: {"default-input": "fail", "default-output": "fail", "other-sound": "warn"},
    Fault.WRONG_DEVICE: {"default-input": "fail", "other-sound": "warn"},
    Fault.MUTED: {"input-muted": "fail"},
    Fault.LOW_VOLUME: {"input-volume": "fail"},
    Fault.SOUND_HANGS: dict.fromkeys(SOUND | {"other-sound"}, "not-checked"),
    Fault.OLD_SOFTWARE: {},
    Fault.INSTALL_FAILS: "install-failed",
    Fault.PROGRAM_ENDED: {},
}
"""What comes of it: a code of an error, or the checks that do not pass."""
PLACES = [
    Place(fault, f"127.0.204.{number}", free_port(f"127.0.204.{number}"))
    for number, fault in enumerate(EXPECTED, 101)
]
CONTENTS = files()
WANTED = Requirements(
    systems=(SystemVersion("linux"),),
    min_free_disk_mb=512,
    answers_writable=True,
    plain_answers_path=True,
    max_clock_offset_s=60.0,
    utc_offset_minutes=180,
    forbid_processes=("zoom",),
    forbid_remote_control=True,
    max_network_ms=200.0,
    headset=True,
    headset_usb_ids=(MODEL,),
    input_volume=Range(40, 100),
    output_volume=Range(30, 90),
    software=software(CONTENTS),
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(PLACES, tmp_path_factory.mktemp("lab") / "keys", utc_offset_minutes=180) as started:
        started.start({fault: {Fault(fault)} for fault in EXPECTED if fault != WELL})
        yield started


@pytest.fixture(scope="module")
def found(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What came of every seat, all visited in one go."""
    folder = tmp_path_factory.mktemp("software")
    for path, data in CONTENTS.items():
        (folder / path).write_bytes(data)
    package = Package(software(CONTENTS), {path: folder / path for path in CONTENTS})
    keys = host_keys(lab.login_key.parent, PLACES)
    with ThreadPoolExecutor(6) as pool:
        came = pool.map(lambda place: visit(lab, place, keys[place.seat], package), PLACES)
        return dict(zip(EXPECTED, came, strict=True))


def visit(lab: Lab, place: Place, key: str, package: Package) -> object:
    """An error's code, or check -> outcome of those that did not pass."""
    endpoint = Endpoint(place.seat, place.host, place.port, getpass.getuser(), key)
    try:
        transport = connect(endpoint, Credentials(key_files=(lab.login_key,)), deadline=10)
        try:
            link = start(transport, BUNDLES)
            apply(link, transport, package, owner="test", deadline=60)
            asked = time.time()
            told = described(package.software, "linux")
            facts = link.facts({"answers": ANSWERS, "software": told}, deadline=60)
            findings = judge(facts, WANTED, Seen(asked, time.time()))
        finally:
            transport.close()
    except LabcheckError as error:
        return error.code
    assert {finding.check for finding in findings} == set(required(WANTED))
    return {one.check.value: one.outcome.value for one in findings if one.outcome is not Outcome.PASS}


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_shows_as_what_it_is_and_as_nothing_else(found: dict[str, object], fault: str) -> None:
    assert found[fault] == EXPECTED[fault]


def test_faults_come_and_go_while_the_lab_runs(lab: Lab, found: dict[str, object]) -> None:
    assert found[WELL] == {}
    place = PLACES[0]
    key = host_keys(lab.login_key.parent, PLACES)[place.seat]
    endpoint = Endpoint(place.seat, place.host, place.port, getpass.getuser(), key)
    transport = connect(endpoint, Credentials(key_files=(lab.login_key,)), deadline=10)
    try:
        link = start(transport, BUNDLES)

        def outcomes() -> set[str]:
            asked = time.time()
            facts = link.facts({"answers": ANSWERS}, deadline=60)
            seen = Seen(asked, time.time())
            return {one.check.value for one in judge(facts, WANTED, seen) if one.outcome is Outcome.FAIL}

        before = outcomes()
        lab.set(place.seat, {Fault.MUTED, Fault.FULL_DISK, Fault.DISTURBING_PROCESS})
        three = {"input-muted", "disk", "processes"}
        until(lambda: outcomes() - before == three, "all three seen")  # a list of processes is kept for 1 s
        lab.set(place.seat, {Fault.MONITOR_ONLY})
        until(lambda: outcomes() - before == {"headset", "default-input"}, "the microphone's end")
        lab.set(place.seat, ())
        assert outcomes() == before, "over the same connection, which none of these faults may touch"
        lab.set(place.seat, {Fault.DEAD})
        with pytest.raises(LabcheckError):
            link.ping(deadline=10)
    finally:
        transport.close()
    lab.set(place.seat, {Fault.HANGS})
    with pytest.raises(LabcheckError, match="not done within"):
        connect(endpoint, Credentials(key_files=(lab.login_key,)), deadline=2)
    lab.set(place.seat, ())
    connect(endpoint, Credentials(key_files=(lab.login_key,)), deadline=10).close()


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for temporary files whose name is short enough for sockets."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield Path(folder)


def test_nothing_is_left_of_a_lab(tmp_path: Path, temporary: Path) -> None:
    place = Place("204-99", "127.0.204.99", free_port("127.0.204.99"))
    others = {process.pid for process in psutil.Process().children(recursive=True)}
    with Lab([place], tmp_path / "keys", utc_offset_minutes=0) as small:
        small.start({place.seat: {Fault.SLOW, Fault.DISTURBING_PROCESS}})
        begun = [p for p in psutil.Process().children(recursive=True) if p.pid not in others]
        assert {"sshd", "pulseaudio", "parec", "zoom"} <= {process.name() for process in begun}
        assert [*temporary.iterdir()]
        with pytest.raises(AddressTaken):
            Lab([place], tmp_path / "keys", utc_offset_minutes=0).start({})
    assert not [process for process in begun if process.is_running()]
    assert not [*temporary.iterdir()]
    assert free_port(place.host, place.port) == place.port
