"""A headset that does not leak: the automatic test cannot hear it, and a person at its seat makes it ready.

Somebody without ears listens at the seat's virtual earcups, presses what the page offers, and speaks."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from provision.cli.exits import Exit
from tests.e2e.test_rehearsal import LABCHECK, checked, environment, labcheck, rehearsal, temporary
from tests.services.listening import Browser, Person, listening, voice

__all__ = ["environment", "temporary"]
NO_LEAK = ("--fault", "204-01=dead-left", "--fault", "204-01=dead-right")
"""Neither cup reaches the microphone; what they play can be heard all the same."""


def test_a_person_at_the_seat_makes_a_headset_ready_that_does_not_leak(
    tmp_path: Path, environment: dict[str, str], temporary: Path
) -> None:
    site = tmp_path / "site"
    seat = ("--room", "204", "--seat", "1А", "--site", str(site))
    with rehearsal(environment, site, "--seats", "1", "--reserves", "0", "--trusted", *NO_LEAK):
        code, seats = checked(environment, site)
        assert (code, seats["1А"]["outcome"]) == (Exit.INCOMPLETE, "fail")
        assert {one["cause"] for one in seats["1А"]["findings"] if one["outcome"] == "fail"} == {
            "nothing-heard"
        }

        stopped = labcheck(environment, "spoken", *seat, "--json")
        assert stopped.returncode == Exit.INCOMPLETE, stopped.stderr
        assert json.loads(stopped.stdout)["recorded"] is False, "nobody sits here, so nothing was found"

        (socket,) = temporary.rglob("sound/native")
        command = [LABCHECK, "spoken", *seat, "--at-seat", "--who", "Анна", "--json"]
        with (
            listening(f"unix:{socket}") as listener,
            subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True) as run,
        ):
            assert run.stderr is not None
            url = next(found[0] for line in run.stderr if (found := re.findall(r"http://127\S+", line)))
            browser = Browser(url, Person(listener, voice()))
            out, err = run.communicate(timeout=180)
        assert run.returncode == Exit.DONE, out + err
        found = json.loads(out)
        assert (found["recorded"], found["headset"]) == (True, "warn")
        assert [screen["screen"] for screen in browser.screens].count("word") == 12
        assert browser.screens[-1]["screen"] == "end"

    told = labcheck(environment, "headset", "--explain", "204-1А", "--site", site, "--json")
    assert told.returncode == Exit.DONE, told.stdout
    assert json.loads(told.stdout)["explained"]["outcome"] == "warn"
    kept = [
        path for path in (*site.rglob("*"), *temporary.rglob("*")) if path.suffix in {".wav", ".flac", ".pcm"}
    ]
    assert not kept, "a voice is nobody's file"
