"""What the screen says of printers in every state they may be in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from printing.errors import N_, QueueClosed, QueueUnreachable
from printing.queues.facts import Contact, PrinterFacts, Supply
from printing.queues.spool import Setting, SpoolReport
from provision.cli.sightings import sightings_json, sightings_notes, sightings_tables
from provision.ledger.judged import Judgement
from provision.printers import Load, Sighting
from provision.site.model import Printer

MEDIA = ("iso_a4_210x297mm", "iso_a3_297x420mm")
FACTS = PrinterFacts(
    model="Test Laser",
    contact=Contact.ANSWERS,
    stopped=False,
    accepting=True,
    reasons=(),
    offered={"media": MEDIA},
    lacking=(),
)
GOOD = Setting("server:631", "PreserveJobFiles", "No", True, N_("printed papers stay"), "PreserveJobFiles No")
SPOOL = SpoolReport(settings=(GOOD,), stray=None)
FINE = Sighting(
    printer=Printer(name="Laser [b]", queue="cups:laser", a3=True),
    load=Load(sent=10, left=40, minutes=2, latest_start=dt.datetime(2027, 4, 15, 8, 30, tzinfo=dt.UTC)),
    facts=FACTS,
    refusal=None,
    spool=SPOOL,
    doubtful=(),
    judged=None,
)


def tables(one: Sighting) -> str:
    console = Console(width=120)
    with console.capture() as shown:
        for each in sightings_tables([one], dt.UTC):
            console.print(each)
    return shown.get()


def notes(*found: Sighting) -> list[str]:
    return list(sightings_notes(found, []))


def with_facts(**changes: object) -> Sighting:
    return replace(FINE, facts=replace(FACTS, **changes))  # type: ignore[arg-type]


def test_a_printer_without_fault_has_its_work_and_one_proof() -> None:
    shown = tables(FINE)
    for word in ("Laser [b]", "answers", "50", "10", "40", "2 minutes", "2027-04-15 08:30"):
        assert word in shown
    assert notes(FINE) == [r"[green]✓[/] Laser \[b]: none of our papers lies on its print server"]


@pytest.mark.parametrize(
    ("one", "word", "usable"),
    [
        (replace(FINE, facts=None, spool=None, refusal=QueueUnreachable(N_("gone"))), "UNREACHABLE", False),
        (replace(with_facts(contact=Contact.SILENT), refusal=QueueClosed(N_("off"))), "SILENT", False),
        (replace(FINE, refusal=QueueClosed(N_("closed"))), "CANNOT BE USED", False),
        (with_facts(reasons=("media-empty-error",)), "NEEDS HELP", False),
        (with_facts(reasons=("toner-low-warning",)), "answers", True),
        (with_facts(contact=Contact.NOT_ASKED), "queue answers", True),
        (
            replace(with_facts(contact=Contact.NOT_ASKED), printer=Printer(name="x", queue="folder:x")),
            "folder",
            True,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_state_has_its_word(one: Sighting, word: str, usable: bool) -> None:
    assert word in tables(one)
    assert one.usable is usable


def test_what_stops_the_printing_is_said_first() -> None:
    one = with_facts(reasons=("toner-low-warning", "media-empty-error", "connecting-to-device-report"))
    said = [line for line in notes(one) if "papers" not in line]
    assert [line[:10] for line in said] == ["[bold red]", "[yellow]![", "[dim]·[/] "]
    assert said[0].endswith("The paper is out. Put paper into the tray.")


def test_toner_is_set_against_the_work_only_where_the_printer_knows() -> None:
    vague = Supply("Black", "toner", 8, short=True)
    enough, scarce = (Supply("Big", "toner", 50, short=False, pages=n) for n in (40, 39))
    assert "toner 8 %" in tables(with_facts(supplies=(vague,)))
    assert any("8 % left" in line for line in notes(with_facts(supplies=(vague,))))
    assert any(
        "[green]✓[/] Laser" in line and "40 pages" in line for line in notes(with_facts(supplies=(enough,)))
    )
    assert any("✗" in line and "39 pages" in line for line in notes(with_facts(supplies=(scarce,))))
    unknown = Supply("Drum", "opc", None, short=False)
    assert "drum ?" in tables(with_facts(supplies=(unknown,)))


def test_a3_that_the_inventory_promises_is_held_against_the_queue() -> None:
    line = "inventory.yaml says that it takes A3; its queue does not offer A3"
    assert any(line in note for note in notes(with_facts(offered={"media": MEDIA[:1]})))
    assert not any(line in note for note in notes(FINE))


def test_what_lies_on_the_server_is_told_and_never_passed_over() -> None:
    kept = replace(FINE, spool=replace(SPOOL, kept=("a", "b", "c")), doubtful=("c",))
    said = "\n".join(notes(kept))
    assert "2 printed documents still lie on the print server" in said
    assert "1 document of unknown fate lies on the print server until you decide" in said
    assert "none of our papers" not in said
    stray = replace(FINE, spool=replace(SPOOL, stray=(Path("/spool/d00007-001"),)))
    assert "rm /spool/d00007-001" in "\n".join(notes(stray))
    assert "none of our papers" not in "\n".join(notes(stray))


def test_settings_of_one_server_are_told_once() -> None:
    bad = replace(GOOD, value="1d", good=False)
    unread = replace(GOOD, name="MaxJobs", value=None, good=None, line="MaxJobs 500")
    one = replace(FINE, spool=replace(SPOOL, settings=(bad, unread)))
    said = notes(one, replace(one, printer=Printer(name="Other", queue="cups:other")))
    assert sum("PreserveJobFiles is 1d: printed papers stay" in line for line in said) == 1
    assert sum("could not be checked" in line and "MaxJobs 500" in line for line in said) == 1


def test_a_bad_test_page_is_not_forgotten() -> None:
    judged = Judgement(good=False, who="Anna", note="[b]pale", at=dt.datetime(2027, 4, 14, 12, tzinfo=dt.UTC))
    one = replace(FINE, judged=judged)
    assert "✗ 2027-04-14 12:00" in tables(one)
    assert any(r"judged bad: \[b]pale (Anna)" in line for line in notes(one))
    assert sightings_json([one])["printers"][0]["judged"]["good"] is False
