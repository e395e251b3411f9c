"""State reasons in plain words."""

from __future__ import annotations

import pytest

from printing.queues.reasons import Severity, current, describe, stops, telling


@pytest.mark.parametrize(
    ("keyword", "what", "severity"),
    [
        ("media-empty-error", "The paper is out.", Severity.ERROR),
        ("media-empty", "The paper is out.", Severity.ERROR),
        ("media-jam-warning", "Paper is jammed.", Severity.WARNING),
        ("cover-open-report", "A cover is open.", Severity.REPORT),
        ("toner-low", "The toner is running out.", Severity.WARNING),
        ("cups-missing-filter-warning", "The queue's driver is not fully installed.", Severity.WARNING),
        ("connecting-to-device", "The print server is connecting to the printer.", Severity.REPORT),
        ("x-com-example-gears", "The printer reports: x-com-example-gears.", Severity.WARNING),
        ("x-com-example-gears-error", "The printer reports: x-com-example-gears.", Severity.ERROR),
        ("{0}-error", "The printer reports: {0}.", Severity.ERROR),
    ],
)
def test_a_reason_in_words(keyword: str, what: str, severity: Severity) -> None:
    reason = describe(keyword)
    assert reason.what.format(keyword=reason.keyword) == what
    assert reason.severity is severity


def test_what_stops_the_printing_has_a_cure() -> None:
    for keyword in ("media-empty", "media-jam", "cover-open", "door-open", "toner-empty", "output-area-full"):
        assert describe(keyword).cure


@pytest.mark.parametrize(
    ("keyword", "standstill"),
    [
        ("media-empty-error", True),
        ("media-empty-warning", False),  # of one tray of several
        ("media-jam-warning", True),
        ("cover-open-report", True),
        ("toner-low", False),
        ("paused", True),
        ("x-com-example-gears", False),
    ],
)
def test_what_stops_a_printer(keyword: str, *, standstill: bool) -> None:
    assert stops(keyword) is standstill


def test_only_telling_reasons_are_shown_each_once() -> None:
    said = ("none", "job-printing", "media-jam-error", "cups-waiting-for-job-completed", "media-jam-error")
    assert telling(said) == ("media-jam-error",)


def test_a_reason_that_only_the_server_still_has_does_not_hold() -> None:
    kept = ("media-jam-error", "paused", "cups-ipp-missing-job-history", "offline-report")
    assert current(kept, None) == kept
    assert current(kept, ()) == kept[1:]
    assert current(kept, ("toner-low-warning",)) == (*kept[1:], "toner-low-warning")
