"""``provision confirm`` as a person uses it: a file, a pipe, a terminal with a scanner that types."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pexpect
import pytest

from printing.journal import Delivery
from provision.cli.evidence import numbers
from tests.e2e.site import command_line, environment, inside, run
from tests.unit.provision.evidence.rooms import EXAM, ROOM, Sheets, deliver, new_school, school_in

HERE = ("confirm", "--exam", EXAM, "--room", ROOM)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("school")


@pytest.fixture
def site(folder: Path) -> Path:
    """The example school; the queue says of everything that it is done, of kit 201-05 nobody knows."""
    made = new_school(folder)
    deliver(made, {"201-05": Delivery.UNKNOWN})
    return made


@pytest.fixture
def sheets(site: Path) -> Sheets:
    return Sheets.of(site)


def codes(sheets: Sheets) -> set[str]:
    return {place.kit.code for room in sheets.plan.rooms for place in room.kits}


def test_a_file_reports_all_that_is_wrong_with_it(site: Path, sheets: Sheets, tmp_path: Path) -> None:
    lines = [*sheets.firsts("201-05", "201-09"), *sheets.kit("201-05"), "nonsense", sheets.mark("201-03")]
    scanned = tmp_path / "scanned.txt"
    scanned.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", encoding="utf-8")
    ran = run(site, *HERE, "--scan", str(scanned), "--complete")
    assert ran.code == 7, ran.err
    assert f"line {len(lines) - 1}: ✗" in ran.out
    assert f"line {len(lines)}: ! 201-03 p. 1" in ran.out
    assert "not among the room's papers: 201-09" in ran.out
    assert "kit 201-03: two papers with the same mark" in ran.out
    assert "ma-7a/201/kits/201-05 is on paper" in ran.out
    assert "DISAGREES" in ran.out
    status = inside(site, "status", "--exam", EXAM)
    assert "scan ✗" in status.out
    assert "201-09" in status.out
    found = run(site, *HERE, "--scan", "-", "--json")  # standard input is empty
    assert found.json["state"] == "disagree"
    assert found.json["missing"] == [{"kit": "201-09", "pages": []}]
    assert not [code for code in codes(sheets) if code in ran.out + ran.err + status.out + found.out]


def test_a_pipe_is_read_to_its_end(site: Path, sheets: Sheets) -> None:
    lines = [*sheets.firsts("201-05"), *sheets.kit("201-05"), "", " "]
    done = subprocess.run(
        command_line(site, *HERE, "--scan", "-", "--complete", "--json"),
        input="\n".join(lines),
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ready = inside(site, "status", "--exam", EXAM, "--json").json
    (room,) = [room for exam in ready["exams"] for room in exam["rooms"] if room["room"] == ROOM]
    assert room["state"] == "ready"
    assert room["evidence"]["scan"] == {"word": "agrees", "kits": 23, "of": 23}
    assert "scan ✓" in inside(site, "status", "--exam", EXAM).out


@pytest.mark.parametrize("locale", ["C.UTF-8", "ru_RU.UTF-8"])
def test_at_a_terminal_every_line_is_answered_at_once(site: Path, sheets: Sheets, locale: str) -> None:
    first, *words = command_line(site, *HERE)
    child = pexpect.spawn(
        first, words, env=environment(LC_ALL=locale, TERM="xterm"), encoding="utf-8", timeout=60
    )
    child.expect("> ")
    child.sendline(sheets.mark("201-01"))
    child.expect("✓ 201-01 [^\r\n]+ 1\r\n> ")
    child.sendline(sheets.mark("201-01"))
    child.expect("! 201-01 [^\a]*\a\r\n> ")
    child.sendline(sheets.mark("201-02")[:-2])
    child.expect("✗ [^\a]*\a\r\n> ")
    child.sendline("201-02")
    child.expect("✓ 201-02\r\n> ")
    child.sendline("")
    child.expect("201-01")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 7
    again = inside(site, *HERE, "--extra-removed", "201-01", "--json")
    assert again.json["duplicates"] == []
    assert again.json["evidence"]["scan"]["kits"] == 2


def test_what_was_scanned_before_a_crash_is_kept(site: Path, sheets: Sheets) -> None:
    first, *words = command_line(site, *HERE)
    child = pexpect.spawn(first, words, env=environment(), encoding="utf-8", timeout=60)
    child.expect("> ")
    for number in ("201-01", "201-02"):
        child.sendline(sheets.mark(number))
        child.expect(f"✓ {number}")
    child.kill(9)
    child.close(force=True)
    assert inside(site, *HERE, "--scan", "/dev/null", "--json").json["evidence"]["scan"]["kits"] == 2


def test_a_count_is_typed(site: Path) -> None:
    expected = inside(site, *HERE, "--counted", "1", "--json").json["evidence"]["count"]["expected"]
    assert run(site, *HERE, "--counted", str(expected)).code == 0
    assert "count ✓" in inside(site, "status", "--exam", EXAM).out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("confirm",), 2),
        (("confirm", "--room", "999"), 3),
        (("confirm", "--room", ROOM), 2),  # two exams there that day
        (("confirm", "--room", "204", "--exam", EXAM, "--counted", "1"), 3),
        ((*HERE, "--exam", "nonsense"), 3),
        ((*HERE, "--counted", "many"), 2),
        ((*HERE, "--counted", "-1"), 2),
        ((*HERE, "--extra-removed", "201-01"), 3),
        ((*HERE, "--scan", "/no/such/file"), 2),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(folder: Path, words: tuple[str, ...], code: int) -> None:
    started = run if words == ("confirm",) else inside
    ran = started(school_in(folder), *words)
    assert ran.code == code, ran.out + ran.err
    assert "Traceback" not in ran.err
    assert ran.err.strip()


@pytest.mark.parametrize(
    ("kits", "text"),
    [
        ([], ""),
        (["204-01"], "204-01"),
        (["204-01", "204-02"], "204-01, 204-02"),
        (["204-01", "204-02", "204-03", "204-05"], "204-01…204-03, 204-05"),
        (["204-09", "204-10", "204-11", "205-12"], "204-09…204-11, 205-12"),
        (["а-б-01", "а-б-02", "а-б-03"], "а-б-01…а-б-03"),
    ],
)
def test_kits_are_listed_in_short(kits: list[str], text: str) -> None:
    assert numbers(kits) == text
