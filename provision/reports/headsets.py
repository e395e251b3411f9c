"""The headsets' evidence as a page: one file that any browser shows without a network, and that prints.

Whatever is not ours (names of devices and seats) is escaped; the page itself forbids all that is not in it.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from labcheck.finding import TITLES, Finding
from labcheck.headset.plain import ALL_WELL, Explanation, explain
from labcheck.headset.precedence import primary
from labcheck.outcome import Outcome
from printing.documents.room import Translate
from provision.errors import N_
from provision.reports.headset_pictures import courses_png, matrix_png, spectrogram_png

if TYPE_CHECKING:
    from labcheck.headset.test import RoomResult, SeatResult

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
_WORDS = {Outcome.PASS: N_("in order"), Outcome.WARN: N_("in order, see remarks")}
_NOT_CHECKED, _BAD = N_("not checked"), N_("not in order")
_STYLE = """
:root { font: 15px/1.4 "PT Sans", "DejaVu Sans", Arial, sans-serif; color: #000; background: #fff; }
body { max-width: 62em; margin: 1.5em auto; padding: 0 1em; }
h1 { font-size: 1.6em; margin: 0 0 .2em; } h2 { font-size: 1.2em; margin: 0 0 .4em; }
p { margin: .4em 0; } a { color: inherit; }
.lead { font-size: 1.15em; } .small { font-size: .85em; color: #333; }
section { border-top: 2px solid #000; padding: .8em 0 1em; break-inside: avoid; }
.mark { display: inline-block; padding: 0 .5em; border: 2px solid #000; font-weight: bold; }
.mark.bad { background: #000; color: #fff; } .mark.unknown { border-style: dashed; }
code { font: .9em "DejaVu Sans Mono", monospace; }
table { border-collapse: collapse; width: 100%; font-size: .85em; margin: .5em 0; }
th, td { border-bottom: 1px solid #999; padding: .2em .5em .2em 0; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; }
tr.bad td { font-weight: bold; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15em .8em; margin: .5em 0; }
dt { font-weight: bold; } dd { margin: 0; }
.pictures { display: flex; flex-wrap: wrap; gap: .6em; align-items: flex-start; }
figure { margin: .3em 0; } figure img { max-width: 100%; height: auto; display: block; }
figcaption { font-size: .8em; color: #333; max-width: 56em; }
.pictures figcaption { max-width: 28em; }
audio { width: 100%; max-width: 34em; }
@media print {
  audio { display: none; }
  body { max-width: none; margin: 0; padding: 0; font-size: 11px; }
  .pictures { flex-wrap: nowrap; }
  .pictures figure { flex: 3 1 0; }
  .pictures figure + figure { flex: 2 1 0; }
}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a test was held, on the school's clock, and the language that its page is in.
    ``seats``: of the room, in the order in which they are told."""

    school: str
    room: str
    seats: tuple[str, ...]
    at: dt.datetime
    language: str


def page(result: RoomResult, place: Place, files: dict[str, str], translate: Translate) -> str:
    """The page of a room. ``files``: the name of each seat's recording in the page's folder."""
    result = replace(result, seats=tuple(sorted(result.seats, key=lambda one: place.seats.index(one.seat))))
    parts = [*_top(result, place, translate), *_matrix(result, translate)]
    for seat in result.seats:
        parts += _seat(seat, place.room, files.get(seat.seat), translate)
    return "\n".join([*parts, "</body></html>", ""])


def mark(outcome: Outcome) -> str:
    """A headset's outcome in a few words, untranslated."""
    return _NOT_CHECKED if outcome is Outcome.NOT_CHECKED else _WORDS.get(outcome, _BAD)


def untold(said: Explanation, translate: Translate) -> str:
    """What could not be told beside what is wrong."""
    _ = translate
    checks = ", ".join(_(TITLES[check]) for check in said.open)
    return _("Cannot be told until this is put right: {checks}. Check again then.").format(checks=checks)


def _top(result: RoomResult, place: Place, translate: Translate) -> Iterator[str]:
    _ = translate
    title = _("Headsets, room {room}").format(room=place.room)
    said = {seat.seat: explain(seat.findings) for seat in result.seats}
    good = [name for name, one in said.items() if one.outcome.good]
    yield f'<!DOCTYPE html>\n<html lang="{escape(place.language)}">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{escape(title)}</h1>"
    yield f"<p>{escape(place.school)}, {place.at:%d.%m.%Y, %H:%M}</p>"
    text = _("{good} of {all} headsets are in order.").format(good=len(good), all=len(said))
    yield f'<p class="lead"><strong>{escape(text)}</strong></p>'
    bad = [(seat, said[seat.seat]) for seat in result.seats if not said[seat.seat].outcome.good]
    if bad:
        yield "<ul>"
        for seat, one in bad:
            name = f"{place.room}-{seat.seat}"
            heard = one.points[0].heard.said(translate) if one.points else ""
            link = f'<a href="#n{seat.number}">{escape(name)}</a>'
            yield f"<li>{link}: <strong>{escape(_(mark(one.outcome)))}</strong>. {escape(heard)}</li>"
        yield "</ul>"


def _matrix(result: RoomResult, translate: Translate) -> Iterator[str]:
    _ = translate
    if len(result.seats) < 2:
        return
    picture = matrix_png(result.matrix, [(seat.number, seat.seat) for seat in result.seats], translate)
    title = _("Who hears whom")
    yield f"<section><h2>{escape(title)}</h2>"
    text = _(
        "Each row is the microphone of a seat, each column a seat whose earphones played. The darker, the"
        " louder: white is not heard or fainter than -75 dB, black is -30 dB and louder; the numbers are"
        " decibels. In a good room the framed squares are the only dark ones: each microphone hears its own"
        " earphones. A dark square elsewhere: this microphone hears another seat. A dash: no recording came."
    )
    yield _figure(picture, _("Who hears whom"), text)
    yield "</section>"


def _seat(seat: SeatResult, room: str, file: str | None, translate: Translate) -> Iterator[str]:
    _ = translate
    said = explain(seat.findings)
    kind = "" if said.outcome.good else " unknown" if said.outcome is Outcome.NOT_CHECKED else " bad"
    cause = primary(said.findings)
    code = "" if cause is None else f" <code>{escape(cause.value)}</code>"
    verdict = f'<span class="mark{kind}">{escape(_(mark(said.outcome)))}</span>{code}'
    yield f'<section id="n{seat.number}"><h2>{escape(f"{room}-{seat.seat}")} {verdict}</h2>'
    yield from _plainly(said, translate)
    if seat.heard is not None:
        yield from _recording(seat, file, translate)
    yield from _table(said, seat.seat, translate)
    yield "</section>"


def _plainly(said: Explanation, translate: Translate) -> Iterator[str]:
    _ = translate
    if not said.points:
        heard = ALL_WELL.said(translate) if said.outcome.good else _("The headset was not tested.")
        yield f"<p>{escape(heard)}</p>"
    for point in said.points:
        rows = (
            (_("Heard"), point.heard),
            (_("Expected"), point.expected),
            (_("Why"), point.why),
            (_("What to do"), point.remedy),
        )
        told = ((name, phrase.said(translate)) for name, phrase in rows)
        items = (f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in told if text)
        yield f"<dl>{''.join(items)}</dl>"
    if said.open:
        yield f"<p>{escape(untold(said, translate))}</p>"


def _recording(seat: SeatResult, file: str | None, translate: Translate) -> Iterator[str]:
    from labcheck.headset.evidence import evidence, listening  # noqa: PLC0415 - bring numpy and scipy
    from labcheck.headset.signals import stimulus  # noqa: PLC0415

    _ = translate
    heard = seat.heard
    assert heard is not None  # noqa: S101 - told to mypy
    shown = evidence(heard.recording, stimulus(seat.number), seat.measures)
    yield '<div class="pictures">'
    text = _("What the microphone recorded: time across, pitch up, darker is louder.")
    yield _figure(spectrogram_png(shown.spectrogram, translate), _("Spectrogram"), text)
    if shown.left is not None or shown.right is not None:
        text = _("How well each earphone's sound is found in it: heard when a peak passes the dashed line.")
        yield _figure(courses_png((shown.left, shown.right), translate), _("Correlation"), text)
    sound, gain = listening(heard.recording)
    data = base64.b64encode(sound).decode("ascii")
    yield f'</div><audio controls preload="none" src="data:audio/mpeg;base64,{data}"></audio>'
    louder = _("Made louder by {gain} dB to be listened to.").format(gain=gain)
    devices = ", ".join(dict.fromkeys((heard.microphone.name, heard.earphones.name)))
    link = "" if file is None else f' <a href="{escape(quote(file))}">{escape(file)}</a>'
    yield f'<p class="small">{escape(devices)}. {escape(louder)}{link}</p>'


def _table(said: Explanation, seat: str, translate: Translate) -> Iterator[str]:
    _ = translate
    names = (_("Check"), _("Measured"), _("Demanded"), _("Reserve"))
    head = "".join(f'<th{_number(at)} scope="col">{escape(name)}</th>' for at, name in enumerate(names))
    yield f"<table><thead><tr>{head}</tr></thead><tbody>"
    for finding in said.findings:
        bad = "" if finding.outcome is Outcome.PASS else ' class="bad"'
        cells = _cells(finding, seat, translate)
        row = "".join(f"<td{_number(at)}>{escape(cell)}</td>" for at, cell in enumerate(cells))
        yield f"<tr{bad}>{row}</tr>"
    yield "</tbody></table>"


def _cells(finding: Finding, seat: str, translate: Translate) -> tuple[str, ...]:
    code = f" [{finding.cause.value}]" if finding.cause else ""
    return (
        translate(TITLES[finding.check]),
        finding.said_at(seat, translate) + code,
        finding.limit.said(translate),
        "" if finding.margin is None else f"{finding.margin:.0%}",
    )


def _number(column: int) -> str:
    return ' class="number"' if column == 3 else ""


def _figure(png: bytes, name: str, caption: str) -> str:
    data = base64.b64encode(png).decode("ascii")
    image = f'<img alt="{escape(name)}" src="data:image/png;base64,{data}">'
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"
