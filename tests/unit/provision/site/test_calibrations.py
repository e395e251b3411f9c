"""A calibration written into the inventory: what stood there stays, byte by byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.errors import ProblemsError
from provision.site.calibrations import CalibrationNotWritten, keep, line_of
from provision.site.inventory import load_inventory
from provision.site.labrules import HeadsetCalibration
from tests.unit.provision.site.builders import GOOD

ROOT = Path(__file__).parents[4]
ONE = HeadsetCalibration(
    model="046D:0a44", left_db=-37.2, right_db=-40.1, noise_dbfs=-62.0,
    test_microphone_level=80, test_volume=80,
)  # fmt: skip
OTHER = ONE.model_copy(update={"model": "0d8c:0014", "left_db": -50.0, "inverted": True})
LINE = (
    '{model: "046d:0a44", left_db: -37.2, right_db: -40.1, noise_dbfs: -62.0, test_microphone_level: 80,'
    " test_volume: 80}"
)
PROFILE = "profile:\n  variants: 2\n"


def written(tmp_path: Path, profile: str, *every: HeadsetCalibration) -> str:
    """The profile afterwards; the rest is the same, and the file is read again."""
    file = tmp_path / "inventory.yaml"
    begin, end = GOOD.split(PROFILE)
    file.write_bytes((begin + profile + end).encode())
    for one in every:
        keep(file, one)
    text = file.read_bytes().decode()
    assert text.startswith(begin)
    found = load_inventory(file).profile.lab.headset_calibrations
    assert [one.model for one in found] == list(dict.fromkeys(one.model.lower() for one in every))
    return text.removeprefix(begin).removesuffix(end)


LINES = "profile:\n  lab:\n    headset_calibrations:\n      - {}\n"
COMMENTED = "profile:\r\n  lab:\r\n    headset: true  # a\r\n                   # b\r\n"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (PROFILE, PROFILE + "  lab:\n    headset_calibrations:\n      - {}\n"),
        ("profile:\n  lab: {}\n", "profile:\n  lab: {{headset_calibrations: [{}]}}\n"),
        (
            "profile:\n  lab: {memory_gb: 2}  # alt\n",
            "profile:\n  lab: {{memory_gb: 2, headset_calibrations: [{}]}}  # alt\n",
        ),
        (
            "profile:\n  lab:\n    systems:\n      - system: linux\n",
            LINES + "    systems:\n      - system: linux\n",
        ),
        (
            COMMENTED + "    memory_gb: 2\r\n",
            COMMENTED + "    headset_calibrations:\r\n      - {}\r\n    memory_gb: 2\r\n",
        ),
        (
            "profile: {lab: {headset_calibrations: []}}\n",
            "profile: {{lab: {{headset_calibrations: [{}]}}}}\n",
        ),
    ],
)
def test_it_stands_beside_what_is_there(tmp_path: Path, profile: str, expected: str) -> None:
    assert written(tmp_path, profile, ONE) == expected.format(LINE)


def test_a_file_without_a_profile_gets_one(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    before = GOOD.replace(PROFILE, "")
    file.write_text(before)
    keep(file, ONE)
    assert file.read_text() == before.rstrip() + "\n" + LINES.format(LINE)


@pytest.mark.parametrize("profile", [PROFILE, "profile: {lab: {headset_calibrations: []}}\n"])
def test_a_model_is_there_once_and_others_stay(tmp_path: Path, profile: str) -> None:
    louder = ONE.model_copy(update={"left_db": -30.0})
    found = written(tmp_path, profile, louder, OTHER)
    keep(tmp_path / "inventory.yaml", ONE)
    after = (tmp_path / "inventory.yaml").read_text()
    assert found.replace("-30.0", "-37.2") in after, "replaced, where it stood"
    assert after.count("model:") == 2


def test_one_that_a_person_wrote_in_lines_is_replaced(tmp_path: Path) -> None:
    lines = line_of(ONE).strip("{}").replace("-37.2", "-1").replace(", ", "\n        ")
    found = written(tmp_path, LINES.format(lines + "  # alt\n\n    # later"), ONE)
    assert found == LINES.format(LINE + "  # alt\n\n    # later")


def test_the_example_keeps_its_comments(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    before = (ROOT / "inventory.yaml").read_text()
    file.write_text(before)
    keep(file, ONE)
    after = file.read_text().splitlines()
    new = [line for line in after if line not in before.splitlines()]
    assert new == ["    headset_calibrations:", f"      - {LINE}"]
    assert [line for line in after if line not in new] == before.splitlines()


def test_what_would_change_its_meaning_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    text = GOOD.replace(PROFILE, "profile:\n  lab: |\n    memory_gb: 2\n")
    file.write_text(text)
    with pytest.raises((CalibrationNotWritten, ProblemsError)):
        keep(file, ONE)
    assert file.read_text() == text


def test_levels_that_differ_and_a_model_twice_are_mistakes(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    for volume, second, expected in ((70, line_of(OTHER), "other levels"), (80, LINE, "calibrated twice")):
        lab = f"    test_volume: {volume}\n    headset_calibrations:\n      - {LINE}\n      - {second}\n"
        file.write_text(GOOD.replace(PROFILE, f"profile:\n  lab:\n{lab}"))
        with pytest.raises(ProblemsError) as caught:
            load_inventory(file)
        assert any(expected in problem.what for problem in caught.value.problems)
        assert all(problem.line for problem in caught.value.problems)
