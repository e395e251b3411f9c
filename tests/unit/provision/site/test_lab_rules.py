"""The profile's lab section: every mistake with its line, and the usual values where nothing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.site.inventory import load_inventory
from provision.site.labrules import LabRules
from tests.unit.provision.site.builders import edited, line_of, mistakes

ROOT = Path(__file__).parents[4]
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SOFTWARE = f"""\
    software:
      name: Станция
      version: 2.1
      folder: software
      files:
        - {{path: setup.exe, sha256: {SHA}}}
      windows:
        install: [setup.exe, /S]
        answers: C:\\answers
"""
VARIANTS = "  variants: 2\n"


def with_lab(*lines: str) -> str:
    return edited((VARIANTS, VARIANTS + "  lab:\n" + "".join(f"    {line}\n" for line in lines)))


def with_software(tmp_path: Path, old: str = "", new: str = "") -> str:
    (tmp_path / "software").mkdir(exist_ok=True)
    (tmp_path / "software" / "setup.exe").write_bytes(b"MZ")
    assert old in SOFTWARE
    return edited((VARIANTS, VARIANTS + "  lab:\n" + SOFTWARE.replace(old, new, 1)))


MISTAKES = [
    ("memory: 4", "memory:", "there is no key 'memory' here — Did you mean 'memory_gb'?"),
    ("memory_gb: four", "four", "'memory_gb' must be a number, not 'four' — Write it like 'memory_gb: 4'"),
    ("clock_seconds: 4000", "4000", "'clock_seconds' must be at most 3600, not 4000"),
    ("screen: big", "big", "'big' is no right value of 'screen' — Write it like 'screen: 1024x768'"),
    ("volume: 30 90", "30 90", "'30 90' is no right value of 'volume' — Write it like 'volume: 30-90'"),
    ("volume: 90-30", "90-30", "'volume' goes from high to low: 90-30 — Write the lower level first: 30-90"),
    ("volume: 0-900", "0-900", "'0-900' is no right value of 'volume'"),
    ("systems: [{system: dos}]", "dos", "'dos' is no right value of 'system' — Write one of: windows, linux"),
    ("processors: [{cores: 2}]", "cores: 2", "the key 'ghz' is missing — Add a line 'ghz: 2.5'"),
    ("headset_models: [Logitech]", "Logitech", "'Logitech' is no right value of 'headset_models'"),
    ("watch_battery_percent: 150", "150", "'watch_battery_percent' must be at most 100, not 150"),
    ("watch_disk_mb: -500", "-500", "'watch_disk_mb' must be at least 0, not -500"),
    ("mains: да", "да", "'mains' must be true or false, not 'да'"),
]


@pytest.mark.parametrize(("written", "place", "message"), MISTAKES)
def test_one_mistake_has_its_line_and_cure(written: str, place: str, message: str, tmp_path: Path) -> None:
    text = with_lab(written)
    (found,) = mistakes(tmp_path, text)
    assert found.startswith(f"inventory.yaml:{line_of(text, place)}: {message}")


def test_what_is_left_out_has_a_usual_value_and_the_example_states_them_all(tmp_path: Path) -> None:
    assert mistakes(tmp_path, with_lab("memory_gb: 8")) == []
    rules = load_inventory(tmp_path / "inventory.yaml").profile.lab
    assert rules == LabRules(memory_gb=8)
    assert load_inventory(ROOT / "inventory.yaml").profile.lab == LabRules()


def test_software_is_described(tmp_path: Path) -> None:
    assert mistakes(tmp_path, with_software(tmp_path)) == []
    software = load_inventory(tmp_path / "inventory.yaml").profile.lab.software
    assert software is not None
    assert software.windows is not None
    assert software.windows.install == ("setup.exe", "/S")
    assert software.windows.answers == "C:\\answers"


SOFTWARE_MISTAKES = [
    ("setup.exe, sha", "other.exe, sha", "other", "there is no file 'other.exe' of the exam program"),
    ("path: setup.exe", "path: ../setup.exe", "..", "'../setup.exe' is no path inside the site"),
    (SHA, "abc", "abc", "'abc' is no right value of 'sha256'"),
    ("      windows:", "      macos:", "macos", "there is no key 'macos' here"),
    ("        answers: C:\\answers\n", "", "install:", "the key 'answers' is missing"),
    ("      version: 2.1\n", "      version: 2.1\n      public_key: abc\n", "abc", "'abc' is no right value"),
    (
        "      version: 2.1\n",
        f"      version: 2.1\n      public_key: {'A' * 43}=\n",
        "name: Станция",
        "'public_key' and 'signature' belong together",
    ),
]


@pytest.mark.parametrize(("old", "new", "place", "message"), SOFTWARE_MISTAKES)
def test_one_mistake_in_the_software(old: str, new: str, place: str, message: str, tmp_path: Path) -> None:
    text = with_software(tmp_path, old, new)
    found = mistakes(tmp_path, text)[-1]
    assert found.startswith(f"inventory.yaml:{line_of(text, place)}: {message}"), found


def test_software_that_no_system_can_install(tmp_path: Path) -> None:
    windows = SOFTWARE[SOFTWARE.index("      windows:") :]
    (found,) = mistakes(tmp_path, with_software(tmp_path, windows, ""))
    assert "does not say how it is installed — Add 'windows:' or 'linux:' below it" in found


def test_a_file_twice(tmp_path: Path) -> None:
    item = f"        - {{path: setup.exe, sha256: {SHA}}}\n"
    (found,) = mistakes(tmp_path, with_software(tmp_path, item, item + item))
    assert "the file 'setup.exe' is named twice" in found
