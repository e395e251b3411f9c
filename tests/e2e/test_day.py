"""``provision day`` at the terminal: signing by word and taking it back, pages, and watching.

The whole procedure is in test_whole_day.py, passphrases in test_day_signed.py, the lab in test_day_lab.py.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.site import command_line, environment, example, run

NAME = "Петрова Анна Ивановна"


@pytest.fixture(scope="module", name="other")
def _other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = example(tmp_path_factory.mktemp("other"))
    shutil.rmtree(site / "inbox")
    return site


def test_a_word_is_given_and_taken_back(other: Path) -> None:
    signed = run(other, "day", "sign", "п1", "--name", NAME, "--json")
    assert (signed.json["step"], signed.json["initials"], signed.json["way"]) == ("P1", "П.А.И.", "word")
    steps = {row["step"]: row for row in run(other, "day", "--json", "--at", "07:00").json["steps"]}
    assert (steps["P1"]["state"], steps["P1"]["known"]) == ("signed", "unknown"), "a word is no proof"
    assert steps["D1"]["deadline"] == "2027-04-15T07:30:00+03:00"
    assert steps["P10"]["said"] == "for 0 of 5 exams"
    assert run(other, "day", "unsign", "P1", "--name", NAME).code == 0
    again = run(other, "day", "unsign", "P1", "--name", NAME)
    assert again.code == 3
    unknown = run(other, "day", "sign", "D99", "--name", NAME)
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
    assert run(site, "day", "open", "P1").code == 3


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
