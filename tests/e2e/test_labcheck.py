"""A whole lab made ready by the command as a person types it, on real SSH servers with real faults."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pexpect
import pikepdf
import pytest

from labcheck.outcome import Outcome
from labcheck.transport.base import Endpoint
from provision.cli.exits import Exit
from provision.ledger import Ledger
from provision.ledger.lab import latest
from provision.site.site import open_site
from tests.e2e.lab import Lab, lab, payload
from tests.e2e.site import Ran
from tests.services.process import until
from tests.services.sshd import Sshd, free_port_at, keygen, start

PROGRAM = {"payload.bin": payload(200_000)}
HIDDEN = "for p in /usr/bin/python3 /usr/bin/python3.[0-9]*; do [ -L $p ] || mount --bind /dev/null $p; done"
FULL = "mount -t tmpfs -o size=64k tmpfs {home}"
NUMBERS = range(171, 180)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key"
    keygen(path)
    return path


def server(folder: Path, key: Path, number: int, inside: str = "") -> Sshd:
    """A workstation that the key opens; ``inside`` is done first, in a mount namespace of its own."""
    folder.mkdir(parents=True)
    (folder / "home").mkdir()
    for end in ("", ".pub"):
        shutil.copy(f"{key}{end}", folder / f"user_key{end}")
    script = inside.format(home=folder / "home") + ' && exec "$0" "$@"'
    return start(folder, number, command=("unshare", "--mount", "sh", "-c", script) if inside else ())


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Iterator[dict[str, Sshd]]:
    folder = tmp_path_factory.mktemp("farm")
    insides = {"well": "", "other": "", "changed": "", "unknown": "", "no-python": HIDDEN, "full": FULL}
    servers = {}
    try:
        for number, (name, inside) in zip(NUMBERS, insides.items(), strict=False):
            servers[name] = server(folder / name, key, number, inside)
        yield servers
    finally:
        for one in servers.values():
            one.stop()


@pytest.fixture
def school(tmp_path: Path, farm: dict[str, Sshd], key: Path) -> Lab:
    to: dict[str, Endpoint] = {name: one.endpoint for name, one in farm.items()}
    dead = Endpoint("", "127.0.204.179", free_port_at("127.0.204.179"), "root", to["well"].host_key)
    endpoints = [
        to["well"],
        dead,
        replace(to["changed"], host_key=to["well"].host_key),
        replace(to["unknown"], host_key=None),
        to["no-python"],
        to["full"],
        to["other"],
    ]
    made = lab(tmp_path, endpoints, key, program=PROGRAM)
    made.change("time_zone: Europe/Moscow", "time_zone: UTC")
    return made


NAMES = ("well", "dead", "changed", "unknown", "no-python", "full", "other")
OUTCOMES = {
    "well": ("pass", None),
    "dead": ("unreachable", "the SSH server"),
    "changed": ("untrusted", "why its key changed"),
    "unknown": ("untrusted", "labcheck trust"),
    "no-python": ("fail", "Install Python 3.9"),
    "full": ("fail", "free space"),
    "other": ("pass", None),
}


def seats(made: Lab, ran: Ran) -> dict[str, dict[str, Any]]:
    """Our name of a workstation -> what was said of it."""
    (room,) = ran.json["rooms"]
    by_seat = {one["seat"]: one for one in room["workstations"]}
    return {name: by_seat[seat] for name, seat in zip(NAMES, made.seats, strict=True) if seat in by_seat}


def test_every_fault_has_its_own_outcome_and_remedy_and_the_others_are_ready(
    school: Lab, tmp_path: Path
) -> None:
    junit, pdf = tmp_path / "lab.xml", tmp_path / "lab.pdf"
    ran = school.run("--room", "204", "--json", "--junit", str(junit), "--pdf", str(pdf))
    assert ran.code == Exit.INCOMPLETE, ran.err
    found = seats(school, ran)
    assert {name: one["outcome"] for name, one in found.items()} == {
        name: outcome for name, (outcome, _remedy) in OUTCOMES.items()
    }
    for name, (_outcome, remedy) in OUTCOMES.items():
        remedies = " ".join(finding["remedy"] for finding in found[name]["findings"])
        assert remedy is None or remedy in remedies
    assert ran.json["changed"] == 2
    assert (ran.json["rooms"][0]["ready"], ran.json["rooms"][0]["of"]) == (2, 7)

    cases = ET.parse(junit).getroot().findall(".//testcase[@name='ready']")
    well, *_rest, other = cases
    assert [len(case) for case in (well, other)] == [0, 0]
    assert [case[0].get("type") for case in cases[1:-1]] == [OUTCOMES[name][0] for name in NAMES[1:-1]]
    assert not ET.parse(junit).getroot().findall(".//skipped")
    with pikepdf.open(pdf) as document:
        assert len(document.pages) >= 2

    again = school.run("--room", "204", "--json", "--seat", school.seats[0])
    assert again.code == Exit.DONE
    assert again.json["changed"] == 0
    assert seats(school, again)["well"]["outcome"] == "pass"

    retry = school.run("--room", "204", "--json", "--retry-failed")
    assert retry.code == Exit.INCOMPLETE
    assert set(seats(school, retry)) == {"dead", "changed", "unknown", "no-python", "full"}


def test_a_person_reads_what_to_do(school: Lab) -> None:
    shown = school.run("--room", "204", COLUMNS="200")
    assert "READY 2 of 7" in shown.out
    assert f"204-{school.seats[1]}" in shown.out
    assert "Ready: " + ", ".join([school.seats[0], school.seats[6]]) in shown.out
    assert f"204-{school.seats[0]}: ready" in shown.err  # a line for each seat as it ends


def test_the_record_counts_for_the_papers_of_the_day(school: Lab) -> None:
    junit = school.site.parent / "after.xml"
    told = school.run("--room", "204", "--seat", school.seats[0], "--junit", str(junit)).out
    assert told.index("READY ") < told.index("Written: "), "nobody waits for papers to know how it stands"
    left = school.run("--room", "204", "--retry-failed", "--json")
    assert school.seats[0] not in {one["seat"] for one in left.json["rooms"][0]["workstations"]}
    done = school.run("--room", "204", "--retry-failed", "--seat", school.seats[0])
    assert done.code == Exit.DONE
    assert "Nothing is left to check" in done.out


def test_plan_says_what_would_be_done_and_writes_nothing(school: Lab, farm: dict[str, Sshd]) -> None:
    shutil.rmtree(farm["well"].home / ".local", ignore_errors=True)
    shutil.rmtree(farm["well"].home / ".cache", ignore_errors=True)
    before = sorted(farm["well"].home.rglob("*"))
    ran = school.run("plan", "--room", "204", "--json")
    assert ran.code == Exit.INCOMPLETE
    found = seats(school, ran)
    assert (found["well"]["action"], found["well"]["has"]) == ("install", None)
    assert found["well"]["bytes_to_send"] >= 200_000
    assert (found["dead"]["outcome"], found["unknown"]["error"]) == ("unreachable", "host-key-unknown")
    assert sorted(farm["well"].home.rglob("*")) == before
    assert not list((school.site / ".provision").glob("ledger*"))


def test_a_paper_that_has_no_place_is_told_before_anything_is_done(school: Lab, tmp_path: Path) -> None:
    ran = school.run("--room", "204", "--pdf", str(tmp_path / "none" / "x.pdf"))
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert "cannot be written" in ran.err


def test_install_and_uninstall(school: Lab, farm: dict[str, Sshd]) -> None:
    seat = ("--room", "204", "--seat", school.seats[0])
    assert school.run(*seat).code == Exit.DONE
    (farm["well"].home / "answers" / "12345.wav").write_bytes(b"answer")
    gone = school.run("uninstall", *seat, "--yes", "--json")
    assert (gone.code, gone.json["workstations"][0]["state"]) == (Exit.DONE, "removed")
    assert (farm["well"].home / "answers" / "12345.wav").read_bytes() == b"answer"
    with closing(Ledger(school.site / ".provision")) as ledger:
        (checked,) = latest(ledger).values()
    assert checked.result.outcome is Outcome.NOT_CHECKED, "what was found before counts no longer"
    asked = school.run("uninstall", *seat)
    assert (asked.code, "--yes" in asked.err) == (Exit.INCOMPLETE, True), "nobody is there to ask"
    assert school.run("plan", *seat, "--json").json["rooms"][0]["workstations"][0]["action"] == "install"
    assert school.run("uninstall", *seat, "--yes", "--json").json["workstations"][0]["state"] == "absent"


# Trust


def test_trust_pins_on_a_persons_word_and_keeps_the_file(school: Lab, farm: dict[str, Sshd]) -> None:
    before = school.inventory
    talk = pexpect.spawn(
        school.command("trust", "--room", "204")[0],
        school.command("trust", "--room", "204")[1:],
        env=school.environment(COLUMNS="200"),
        encoding="utf-8",
        timeout=60,
    )
    talk.expect("Do you trust this key")
    talk.sendline("y")
    talk.expect("1 key pinned")
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == Exit.INCOMPLETE  # the dead one, and the changed one
    key = farm["unknown"].endpoint.host_key
    assert key is not None
    host = f"host: {farm['unknown'].endpoint.host}, "
    (old,) = [line for line in before.splitlines() if host in line]
    (new,) = [line for line in school.inventory.splitlines() if host in line]
    assert new == old.replace("}   # у окна", f", host_key: {key}}}   # у окна")
    assert school.inventory.replace(new, old) == before


def test_trust_for_scripts_pins_only_what_is_expected(school: Lab, farm: dict[str, Sshd]) -> None:
    before = school.inventory
    nobody = school.run("trust", "--room", "204")
    assert nobody.code == Exit.INCOMPLETE
    assert "Nothing was pinned" in nobody.out
    wrong = school.run("trust", "--room", "204", "--yes", "--fingerprint", "SHA256:other", "--json")
    assert (wrong.json["pinned"], school.inventory) == (0, before)
    shown = {one["seat"]: one for one in wrong.json["workstations"]}
    changed, unknown = shown[school.seats[2]], shown[school.seats[3]]
    assert (changed["trust"], unknown["trust"]) == ("changed", "unknown")
    prints = [word for one in (changed, unknown) for word in ("--fingerprint", one["fingerprint"])]
    right = school.run("trust", "--room", "204", "--yes", *prints, "--json")
    assert right.json["pinned"] == 1  # a changed key is named
    seat = school.seats[2]
    named = school.run("trust", "--room", "204", "--seat", seat, "--replace", seat, "--yes", *prints)
    assert named.code == Exit.DONE
    stations = {one.seat: one for one in open_site(school.site).inventory.room("204").workstations}
    assert stations[seat].host_key == farm["changed"].endpoint.host_key
    assert stations[school.seats[3]].host_key == farm["unknown"].endpoint.host_key
    assert school.run("--room", "204", "--seat", seat, "--seat", school.seats[3]).code == Exit.DONE


# Stopping


def test_ctrl_c_ends_in_order_and_says_who_was_not_checked(school: Lab, farm: dict[str, Sshd]) -> None:
    """A check that takes long: the first Ctrl-C lets it end, and begins nothing more."""
    home = farm["other"].home
    (school.site / "software" / "setup.sh").write_text(_SLOW)
    text = (school.site / "inventory.yaml").read_text()
    (school.site / "inventory.yaml").write_text(_with_checksum(text, _SLOW))
    words = school.command("--room", "204", "--seat", school.seats[6])
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=school.environment()
    ) as run:
        try:
            until((home / "installing").exists, "the install command")
            run.send_signal(signal.SIGINT)
            began = time.monotonic()
            time.sleep(1)  # it is let go on: nothing is cut in the middle of an installation
            (home / "go-on").touch()
            out, err = run.communicate(timeout=60)
        finally:
            (home / "go-on").touch()
            run.kill()
    assert run.returncode == Exit.INTERRUPTED
    assert time.monotonic() - began < 30
    assert f"Not checked: 204-{school.seats[6]}" in err
    assert "READY" in out
    assert "Traceback" not in err


_SLOW = """\
#!/bin/sh
case "$1" in
install)
    touch "$HOME/installing"
    while ! [ -e "$HOME/go-on" ]; do sleep 0.1; done
    mkdir -p "$HOME/answers" ;;
esac
"""


def _with_checksum(text: str, content: str) -> str:
    import hashlib  # noqa: PLC0415 - here alone
    import re  # noqa: PLC0415

    digest = hashlib.sha256(content.encode()).hexdigest()
    return re.sub(r"(path: setup.sh, sha256: )[0-9a-f]+", rf"\g<1>{digest}", text).replace(
        "version: 2.1", "version: 2.2"
    )


# The whole


def test_a_password_is_asked_for_and_nowhere_else(tmp_path: Path, farm: dict[str, Sshd]) -> None:
    """Where the inventory names no key; what is typed shows nowhere."""
    made = lab(tmp_path, [farm["well"].endpoint], None)
    made.change("time_zone: Europe/Moscow", "time_zone: UTC")
    command, *words = made.command("--room", "204")
    talk = pexpect.spawn(command, words, env=made.environment(COLUMNS="200"), encoding="utf-8", timeout=60)
    talk.expect("Password of the account root at the workstations")
    talk.sendline("not-the-password")
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == Exit.INCOMPLETE
    assert "not-the-password" not in (talk.before or "")
    for file in made.site.rglob("*"):
        assert not file.is_file() or b"not-the-password" not in file.read_bytes()


def test_a_file_of_the_program_that_is_not_the_described_one_stops_everything_first(school: Lab) -> None:
    (school.site / "software" / "payload.bin").write_bytes(os.urandom(200_000))
    ran = school.run("--room", "204", "--json")
    assert ran.code == Exit.LAB
    assert ran.json["error"] == "software-changed"
