"""Canaries: what goes wrong is told without pupils' names, codes and ciphers.

What a whole day shows of them in processes and files is in test_whole_day.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.site import ALL_DAYS, example, run
from tests.e2e.test_morning import canaries, listed_codes


def edited(site: Path, name: str, old: str, new: str) -> None:
    path = site / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda site: edited(site, "inventory.yaml", "rows: 6", "rows: 2"), 3),
        (lambda site: edited(site, "inventory.yaml", r"\d{5}", r"\d{6}"), 4),
        (lambda site: edited(site, "inventory.yaml", "variants: 2", "variants: 3"), 5),
        (lambda site: edited(site, "inventory.yaml", "folder:out", "folder:participants.xlsx"), 6),
    ],
    ids=["too few seats", "no codes", "wrong variants", "no folder"],
)
def test_errors_show_none_either(tmp_path: Path, break_it: object, code: int) -> None:
    site = example(tmp_path)
    secrets = canaries(site) | listed_codes(site)
    break_it(site)  # type: ignore[operator]
    ran = run(site, "rooms", *ALL_DAYS)
    assert ran.code == code, ran.err
    assert [secret for secret in secrets if secret in ran.out + ran.err] == []


def test_a_record_that_is_none_is_told_without_values(tmp_path: Path) -> None:
    site = example(tmp_path)
    (site / ".provision").mkdir(mode=0o700)
    (site / ".provision" / "ledger.sqlite3").write_bytes(b"not a database" * 1000)
    ran = run(site, "rooms", *ALL_DAYS)
    assert ran.code != 0
    assert [secret for secret in canaries(site) | listed_codes(site) if secret in ran.out + ran.err] == []
