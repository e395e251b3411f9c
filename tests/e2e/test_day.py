"""``provision day`` on the example school, from nothing to wiped: every row, with its proof."""

from __future__ import annotations

import datetime as dt
import os
import pty
import select
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from labcheck.finding import Check, Finding
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING
from provision.lab import requirements_of, terms_of
from provision.ledger import Ledger
from provision.ledger.lab import SeatResult, record
from provision.runbook.look import unseen
from provision.runbook.sign import sign as sign_step
from provision.site.site import open_site
from tests.e2e.site import Ran, command_line, environment, example, fewer, inside, run

DAY = "2026-04-15"
MORNING = ("--date", DAY, "--at", "07:40")
NAME = "Петрова Анна Ивановна"
SECRET_FILE = "Петрова Анна коды.xlsx"


@pytest.fixture(scope="module", name="site")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example school on a day in the past; what it downloads lies in ``downloads`` beside it."""
    site = fewer(example(tmp_path_factory.mktemp("day")), 8)
    inventory = site / "inventory.yaml"
    inventory.write_text(inventory.read_text("utf-8").replace("2027-04-15", DAY), encoding="utf-8")
    (site / "inbox").rename(site.parent / "downloads")
    (site / "inbox").mkdir()
    (site / "procedure.yaml").write_text("keep: {answers: 3650, marks: 3650}\n", encoding="utf-8")
    return site


def steps(site: Path, *words: str) -> dict[str, dict[str, Any]]:
    ran = inside(site, "day", "--json", *(words or MORNING))
    found = {row["step"]: row for row in ran.json["steps"]}
    assert ran.code == (7 if any(row["state"] == "late" for row in found.values()) else 0), ran.err
    return found


def states(site: Path, *words: str) -> dict[str, str]:
    return {name: row["state"] for name, row in steps(site, *words).items()}


def sign(site: Path, step: str, *words: str, name: str = NAME) -> Ran:
    return run(site, "day", "sign", step, "--date", DAY, "--name", name, *words)


def take_in(site: Path) -> list[dict[str, Any]]:
    downloads = str(site.parent / "downloads")
    ran = run(site, "intake", "--watch", "--once", "--existing", "--downloads", downloads, "--json")
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = ran.json["files"]
    return found


def lab_is_ready(site: Path) -> None:
    """What ``labcheck`` would have written down on the morning."""
    opened = open_site(site)
    at = dt.datetime(2026, 4, 15, 7, 50, tzinfo=opened.zone)
    room = opened.inventory.room("204")
    wanted = requirements_of(opened.inventory, at)
    good = (Finding(Check.SYSTEM, Outcome.PASS, NOTHING, NOTHING, None, NOTHING),)
    record(
        Ledger(site / ".provision", lambda: at),
        room.number,
        [SeatResult(one.seat, Outcome.PASS, good, terms_of(wanted, one)) for one in room.workstations],
    )


def test_from_empty_to_wiped(site: Path, tmp_path: Path) -> None:
    # nothing is here: no step is done, and each says what is lacking
    before = steps(site)
    assert run(site, "day", "--json", *MORNING).json["steps"] == [*before.values()], (
        "started as a person does"
    )
    assert len(before) == 23
    assert {row["state"] for row in before.values()} == {"late", "now", "next"}
    assert before["P10"]["said"] == "for 0 of 5 exams"
    assert before["D1"]["deadline"] == "2026-04-15T07:30:00+03:00"

    # downloads arrive
    downloads = site.parent / "downloads"
    (downloads / SECRET_FILE).write_bytes((downloads / "export_14042027.xlsx").read_bytes())
    (downloads / "export_14042027.xlsx").unlink()
    taken = take_in(site)
    assert len(taken) == 7
    assert all(one["plain_gone"] for one in taken)
    assert list(downloads.iterdir()) == []
    now = steps(site)
    assert {name for name, row in now.items() if row["state"] == "proved"} == {"P10", "P11", "D2"}
    assert now["P9"]["said"] == "codes for 5, template for 0 of 5 exams"

    # people sign what only they can know; a word is no proof
    for step in ("P1", "P9"):
        assert sign(site, step).code == 0
    opened = open_site(site)
    desk = unseen(opened, dt.date.fromisoformat(DAY))
    for step in ("P2", "P3", "P4", "P5", "P6", "P7", "P8", "D1", "D5", "D7", "R1", "A2"):
        sign_step(desk, Ledger(opened.state), step, NAME, None, lambda: "")
    now = steps(site)
    assert now["P9"]["state"] == "signed"
    assert now["P1"]["signed"][0]["initials"] == "П.А.И."

    # papers, and the lab
    assert run(site, "rooms", "--date", DAY).code == 0
    lab_is_ready(site)

    # after: criteria and reports, bound to their exams
    for subject in ("Математика", "Английский язык"):
        for name, heading in (("критерии", "Критерии оценивания"), ("отчёт", "Статистика по отметкам")):
            text = f"{heading}\n{subject}, 7 класс\n7А, 7Б\n"
            (downloads / f"{name} {subject}.txt").write_text(text, encoding="utf-8")
    arrived = {(one["kind"], tuple(one["exams"])) for one in take_in(site)}
    english = ("en-7a", "en-7b", "en-7a-2")
    assert arrived == {
        (kind, ids) for kind in ("criteria", "report") for ids in (("ma-7a", "ma-7b"), english)
    }
    ready = states(site)
    assert (ready["D3"], ready["D4"], ready["D6"]) == ("proved", "proved", "proved")
    assert {name for name, state in ready.items() if state in {"late", "now", "next"}} == {"W1"}

    # paper to be signed
    sheet = tmp_path / "list.pdf"
    assert run(site, "day", "--pdf", str(sheet), *MORNING).code == 0
    text = "".join(page.extract_text() for page in PdfReader(sheet).pages)
    assert all(name in text for name in ready)
    assert "П.А.И." in text
    assert "Петрова" not in text

    # wiped: asked for twice, proved, and what was proved before stays so
    shown = run(site, "wipe", "--date", DAY)
    assert (shown.code, [*(site / "inbox").iterdir()] != []) == (7, True)
    wiped = run(site, "wipe", "--date", DAY, "--yes")
    assert wiped.code == 0, wiped.err
    assert list((site / "inbox").iterdir()) == []
    assert list((site / "out").rglob("*.pdf")) == []
    after = steps(site)
    assert {row["state"] for row in after.values()} == {"proved", "signed"}
    assert after["D3"]["said"] == "proved before the materials were removed"
    again = inside(site, "wipe", "--date", DAY, "--yes")
    assert (again.code, "nothing of 2026-04-15 may be removed now" in again.err) == (3, True)

    # the record holds no name of anybody, and is whole
    assert run(site, "ledger", "verify").code == 0
    recorded = b"".join(path.read_bytes() for path in (site / ".provision").glob("ledger*"))
    assert "Петрова".encode() not in recorded
    assert SECRET_FILE.encode() not in recorded


@pytest.fixture(scope="module", name="other")
def _other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = example(tmp_path_factory.mktemp("other"))
    shutil.rmtree(site / "inbox")
    return site


def test_a_step_of_two_needs_the_second_persons_passphrase(other: Path) -> None:
    site = other
    text = "steps:\n  D1: {second: coordinator}\n"
    (site / "procedure.yaml").write_text(text, encoding="utf-8")
    assert run(site, "day", "sign", "D1", "--name", NAME).code == 0
    row = steps(site, "--at", "07:00")["D1"]
    assert (row["state"], row["second_missing"]) == ("now", True)
    refused = inside(site, "day", "sign", "d1", "--name", "Иванов Пётр", "--role", "coordinator")
    assert (refused.code, "provision second-person" in refused.err) == (3, True)
    same = inside(site, "day", "sign", "Д1", "--name", NAME, "--role", "coordinator")
    assert "the same person signed step D1 already" in same.err
    assert run(site, "day", "unsign", "D1", "--name", NAME).code == 0
    assert not steps(site, "--at", "07:00")["D1"]["signed"]
    unknown = inside(site, "day", "sign", "D99", "--name", NAME)
    assert (unknown.code, "there is no step D99" in unknown.err) == (3, True)


def test_opens_the_page_and_nothing_else(other: Path, tmp_path: Path) -> None:
    site = other
    said = tmp_path / "said"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {said}\n', encoding="utf-8")
    browser.chmod(0o755)
    ran = run(site, "day", "open", "P6", BROWSER=str(browser))
    assert ran.code == 0, ran.err
    assert said.read_text("utf-8").split() == ["https://lk-fisoko.obrnadzor.gov.ru/"]
    assert inside(site, "day", "open", "P1").code == 3


def heeds_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_watching_shows_the_board_and_ends_with_ctrl_c(other: Path) -> None:
    site = other
    here, there = pty.openpty()
    watching = subprocess.Popen(
        command_line(site, "day", "--watch"),
        stdin=there,
        stdout=there,
        stderr=there,
        env=environment(TERM="xterm", COLUMNS="80", LINES="24"),
        start_new_session=True,
        preexec_fn=heeds_ctrl_c,  # noqa: PLW1509 - one thread; a background shell would pass on "ignored"
    )
    os.close(there)
    seen = b""
    try:
        while b"Ctrl-C" not in seen:
            assert select.select([here], [], [], 60)[0], seen
            seen += os.read(here, 65536)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=30) == 130
    finally:
        watching.kill()
        watching.wait()
        os.close(here)
    assert "NEXT" in seen.decode()
