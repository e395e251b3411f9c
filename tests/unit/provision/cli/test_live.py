"""What the screen says while printers stop and go on, whatever the moments at which it looks."""

from __future__ import annotations

import pytest

from provision.cli.live import Live
from provision.station import PrinterNow

PRINTER = "Учительская"


def stands(*reasons: str, at: str = "", still: bool = False) -> PrinterNow:
    return PrinterNow(PRINTER, 4, 20, at, reasons, still, 60.0)


JAMMED = stands("media-jam-error", at="ma-7a/201", still=True)
OPENED = stands("cover-open", at="ma-7a/201", still=True)
PRINTS = stands(at="ma-7a/201")
BETWEEN = stands()
RECOVERS = stands(at="ma-7a/201", still=True)
WARNS = stands("toner-low-warning", at="ma-7a/201")


def told(*boards: PrinterNow, capsys: pytest.CaptureFixture[str]) -> list[str]:
    with Live(quiet=False) as live:
        for board in boards:
            live.look([board], None)
    return [line for line in capsys.readouterr().err.splitlines() if line]


@pytest.mark.parametrize("between", [(), (BETWEEN,), (RECOVERS,), (RECOVERS, BETWEEN)])
def test_a_printer_that_recovered_is_said_to_go_on_once(
    between: tuple[PrinterNow, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(PRINTS, JAMMED, JAMMED, *between, PRINTS, PRINTS, capsys=capsys)
    assert [line.startswith(f"{PRINTER}: Paper is jammed.") for line in said] == [True, False]
    assert said[1] == f"{PRINTER}: goes on."


@pytest.mark.parametrize("boards", [(PRINTS, WARNS, PRINTS), (JAMMED, OPENED), (BETWEEN,)])
def test_nothing_goes_on_that_never_stopped_or_still_does(
    boards: tuple[PrinterNow, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not [line for line in told(*boards, capsys=capsys) if "goes on" in line]
