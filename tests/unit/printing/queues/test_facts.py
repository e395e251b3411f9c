"""What attributes say of a printer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from printing.queues.facts import (
    WANTED,
    Contact,
    Counter,
    Supply,
    counter,
    lacking,
    printer_facts,
    supplies,
)
from printing.queues.ipp import Attributes

TONER = (
    "index=1;class=supplyThatIsConsumed;type=toner;unit=percent;maxcapacity=100;level=8;colorantname=black;"
)
WASTE = "index=2;class=receptacleThatIsFilled;type=wasteToner;unit=percent;maxcapacity=100;level=25;"
SHEETS = "index=3;class=supplyThatIsConsumed;type=toner;unit=impressions;maxcapacity=10000;level=1200;"
UNKNOWN = "index=4;class=supplyThatIsConsumed;type=opc;unit=percent;maxcapacity=100;level=-2;"


def test_supplies_as_printers_describe_them() -> None:
    attributes = {
        "printer-supply": (TONER, WASTE, SHEETS, UNKNOWN),
        "printer-supply-description": ("Black\nToner", "Waste box", "Big toner", "Drum"),
    }
    assert supplies(attributes) == (
        Supply("Black Toner", "toner", 8, short=True),
        Supply("Waste box", "wasteToner", 25, short=False),
        Supply("Big toner", "toner", 12, short=False, pages=1200),
        Supply("Drum", "opc", None, short=False),
    )


def test_supplies_as_cups_describes_them() -> None:
    attributes: Attributes = {
        "marker-names": ("Black", "Waste", "Photo"),
        "marker-types": ("toner", "waste-toner", "ink"),
        "marker-levels": (19, 95, -3),
        "marker-low-levels": (20, 0, 10),
        "marker-high-levels": (100, 95, 100),
        "printer-supply": (TONER,),
    }
    assert supplies(attributes) == (
        Supply("Black", "toner", 19, short=True),
        Supply("Waste", "waste-toner", 95, short=True),
        Supply("Photo", "ink", None, short=False),
    )


def test_sheets_are_counted_before_sides() -> None:
    both = {"printer-impressions-completed": (200,), "printer-media-sheets-completed": (100,)}
    assert counter(both | {"printer-state": (3,)}) == Counter(
        "printer-media-sheets-completed", 100, idle=True
    )
    sides = {"printer-impressions-completed": (200,), "printer-state": (4,)}
    assert counter(sides) == Counter("printer-impressions-completed", 200, idle=False)
    assert counter({"printer-impressions-completed": (-2,)}) is None
    assert counter({}) is None


def test_what_a_queue_does_not_offer_is_named() -> None:
    queue = {"sides-supported": ("one-sided",), "media-supported": ("iso_a4_210x297mm",)}
    ticket = {"sides": "one-sided", "media": "iso_a3_297x420mm", "number-up": "1"}
    assert list(lacking(queue, ticket)) == [("media", "iso_a3_297x420mm"), ("number-up", "1")]
    assert list(lacking({"number-up-supported": (1, 2)}, {"number-up": "1"})) == []


def test_both_voices_are_put_together() -> None:
    queue: Attributes = {
        "printer-make-and-model": ("Printer - IPP Everywhere",),
        "printer-state": (5,),
        "printer-state-reasons": ("paused", "none"),
        "pages-per-minute": (1,),
    }
    device = {"printer-make-and-model": ("Test\x1b[2J Laser",), "printer-state-reasons": ("media-jam-error",)}
    facts = printer_facts(queue, device, Contact.ANSWERS, {})
    assert facts.model == "Test [2J Laser"
    assert (facts.stopped, facts.accepting) == (True, True)
    assert facts.reasons == ("paused", "media-jam-error")
    assert facts.pages_per_minute is None


_VALUES = st.lists(st.integers() | st.text(), max_size=4).map(tuple)


@given(st.dictionaries(st.sampled_from(WANTED), _VALUES), st.dictionaries(st.sampled_from(WANTED), _VALUES))
def test_whatever_a_device_says_can_be_shown(queue: Attributes, device: Attributes) -> None:
    facts = printer_facts(queue, device, Contact.ANSWERS, {"media": "x"})
    shown = [facts.model, *facts.reasons, *facts.loaded, *(s.name + s.kind for s in facts.supplies)]
    assert all(text.isprintable() for text in shown)
    assert all(each.percent is None or 0 <= each.percent <= 100 for each in facts.supplies)
    assert len(facts.supplies) <= 16
