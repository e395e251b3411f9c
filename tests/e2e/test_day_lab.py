"""The rows of the oral part, proved by the commands that ``provision day`` names: D5, D6 and D7."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
from pathlib import Path
from typing import Any

from provision.cli.exits import Exit
from tests.e2e.lab import Lab, lab
from tests.e2e.site import run
from tests.services.sshd import sshd, start


def rows(made: Lab) -> dict[str, tuple[str, str]]:
    """D5, D6, D7: what is known of them, and what it says."""
    steps: list[dict[str, Any]] = run(made.site, "day", "--json").json["steps"]
    return {row["step"]: (row["known"], row["said"]) for row in steps if row["step"] in {"D5", "D6", "D7"}}


def test_the_lab_proves_its_rows(tmp_path: Path) -> None:
    with sshd(tmp_path / "seat", 181) as seat:
        made = lab(tmp_path, [seat.endpoint], seat.folder / "user_key", program={"payload.bin": b"oral"})
        made.change("time_zone: Europe/Moscow", "time_zone: UTC")
        today = str(dt.datetime.now(dt.UTC).date())
        (made.site / "inventory.yaml").write_text(made.inventory.replace("2027-04-15", today), "utf-8")
        assert rows(made) == {
            "D5": ("open", "installed on 0 of 1 computers"),
            "D6": ("open", "0 of 1 computers are ready"),
            "D7": ("unknown", ""),
        }
        checked = made.run("--all")
        assert checked.code == Exit.DONE, checked.err
        before = rows(made)
        assert before["D5"] == ("proved", "installed on 1 of 1 computers")
        assert before["D6"] == ("proved", "1 of 1 computers are ready")
        assert before["D7"][0] == "unknown", "nobody watched yet"

    # the computer is gone when the watch begins, and comes back
    words = made.command("watch", "--room", "204", "--every", "0.5", "--no-listen")
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=made.environment()) as watch:
        try:
            assert watch.stderr is not None
            assert any("NOTED: no sign of life" in line for line in watch.stderr)
            assert rows(made)["D7"] == ("open", "0 of 1 faults were put right")
            back = start(seat.folder, 181, port=seat.endpoint.port)
            try:
                assert any("over: no sign of life" in line for line in watch.stderr)
                watch.send_signal(signal.SIGINT)
                watch.wait(timeout=60)
            finally:
                back.stop()
        finally:
            watch.kill()
    assert rows(made)["D7"] == ("proved", "1 of 1 faults were put right")
