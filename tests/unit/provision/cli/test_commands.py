"""The commands as a person types them: exit codes, JSON, and what the screen says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from provision.cli.exits import Exit
from provision.cli.labcheck import labcheck as labcheck_group
from tests.e2e.site import Ran, environment, example, inside, run


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example school; tests that change it copy nothing and use their own."""
    return example(tmp_path_factory.mktemp("commands"))


def labcheck(site: Path, *words: str) -> Ran:
    command = [str(Path(sys.executable).with_name("labcheck")), *words, "--site", str(site)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False, timeout=60)
    return Ran(done.returncode, done.stdout, done.stderr)


def provision(*words: str) -> Ran:
    command = [str(Path(sys.executable).with_name("provision")), *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False, timeout=60)
    return Ran(done.returncode, done.stdout, done.stderr)


def test_init_starts_a_site_and_overwrites_nothing(tmp_path: Path) -> None:
    first = provision("init", str(tmp_path / "new"), "--json")
    assert first.code == Exit.DONE
    assert {Path(made).name for made in first.json["made"]} >= {
        "inventory.yaml",
        "participants.xlsx",
        "inbox",
    }
    (tmp_path / "new" / "inventory.yaml").write_text("mine")
    assert provision("init", str(tmp_path / "new"), "--json").json["made"] == []
    assert (tmp_path / "new" / "inventory.yaml").read_text() == "mine"
    assert provision("init", "--example", str(tmp_path / "new")).code == Exit.SITE


def test_check_counts_what_is_there(school: Path) -> None:
    ran = run(school, "check", "--json")
    assert ran.code == Exit.DONE
    assert ran.json["schema_version"] == 1
    assert ran.json["pupils"] == {"7А": 22, "7Б": 21}
    assert "No mistakes were found." in inside(school, "check").out


def test_check_names_file_line_and_cure(tmp_path: Path) -> None:
    site = example(tmp_path)
    text = (site / "inventory.yaml").read_text(encoding="utf-8")
    (site / "inventory.yaml").write_text(text.replace("ppm: 30", "pmm: 30"), encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "ppm: 30" in row)
    ran = run(site, "check")
    assert ran.code == Exit.SITE
    assert f"inventory.yaml:{line}:" in ran.err
    assert "ppm" in ran.err
    told = inside(site, "check", "--json").json
    assert (told["error"], len(told["details"])) == ("problems", 1)


def test_schema_is_a_json_schema() -> None:
    assert json.loads(provision("schema").out)["type"] == "object"


def test_intake_knows_everything_by_content(school: Path) -> None:
    told = inside(school, "intake", "--json").json
    assert [m for m in told["missing"] if m["needed"]] == []
    kinds = [arrival["kind"] for arrival in told["arrivals"]]
    assert sorted(kinds) == ["briefing", "cipher", "cipher", "codes", "instructions", "tasks", "tasks"]


def test_intake_binds_what_a_person_says_and_remembers(tmp_path: Path) -> None:
    site = example(tmp_path)
    (site / "inbox" / "x.txt").write_text("что-то", encoding="utf-8")
    said = run(site, "intake", "--bind", "x.txt=ma-7a,ma-7b:briefing", "--json")
    for ran in (said, inside(site, "intake", "--json")):
        (arrival,) = [a for a in ran.json["arrivals"] if a["file"] == "x.txt"]
        assert (arrival["kind"], arrival["exams"]) == ("briefing", ["ma-7a", "ma-7b"])


@pytest.mark.parametrize(
    "said", ["x.txt=ma-9z:codes", "x.txt=ma-7a:nonsense", "nothing.txt=ma-7a:codes", "x"]
)
def test_a_wrong_binding_is_refused(school: Path, said: str) -> None:
    ran = inside(school, "intake", "--bind", said)
    assert ran.code == Exit.SITE
    assert "FILE=EXAM:KIND" in ran.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("rooms", "--nonsense"), Exit.USAGE),
        (("nonsense",), Exit.USAGE),
        (("print", "Физика"), Exit.SITE),
        (("resolve", "ma-7a/201/kits/201-01", "--printed"), Exit.SITE),
        (("ledger", "forget"), Exit.USAGE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value.name,
)
def test_what_cannot_be_meant_is_refused_in_words(school: Path, words: tuple[str, ...], code: Exit) -> None:
    refused(run(school, *words), code)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("rooms", "--exam", "ma-9z"), Exit.SITE),
        (("rooms", "--room", "999"), Exit.SITE),
        (("rooms", "--date", "tomorrow"), Exit.SITE),
        (("rooms", "--date", "2020-01-01"), Exit.SITE),
        (("print", "матем", "--what", "stamps"), Exit.SITE),
        (("resolve", "ma-7a/201/kits/201-01"), Exit.USAGE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value.name,
)
def test_so_is_what_these_commands_cannot_do(school: Path, words: tuple[str, ...], code: Exit) -> None:
    refused(inside(school, *words), code)


def refused(ran: Ran, code: Exit) -> None:
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert ran.err.strip()


def test_a_folder_that_is_no_site_is_told_and_left_alone(tmp_path: Path) -> None:
    for words in (("rooms",), ("status",), ("check",), ("intake",), ("ledger", "verify")):
        ran = inside(tmp_path, *words)
        assert ran.code == Exit.SITE
        assert "inventory.yaml" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_labcheck_calls_nothing_ready_that_it_cannot_reach(school: Path) -> None:
    ran = labcheck(school, "--room", "204", "--json")
    assert ran.code == Exit.INCOMPLETE
    (room,) = ran.json["rooms"]
    assert len(room["workstations"]) == 14
    assert {one["outcome"] for one in room["workstations"]} <= {"unreachable", "untrusted"}
    assert (room["state"], room["ready"]) == ("problems", 0)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), Exit.USAGE),
        (("--room", "204", "--all"), Exit.USAGE),
        (("--room", "201"), Exit.LAB),
        (("--room", "204", "--seat", "9Я"), Exit.SITE),
        (("--room", "204", "plan"), Exit.USAGE),
        (("trust", "--room", "204", "--yes"), Exit.USAGE),
    ],
    ids=str,
)
def test_labcheck_wants_to_know_what_is_meant(school: Path, words: tuple[str, ...], code: Exit) -> None:
    ran = inside(school, *words, group=labcheck_group)
    assert ran.code == code
    assert "Traceback" not in ran.err
