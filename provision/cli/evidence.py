"""What the voices of a room say, as a cell of the table, as lines below it and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape

from provision.cli.common import fill
from provision.evidence.voices import Doubt, Voice, Voices, Word
from provision.locale import gettext as _
from provision.status import RoomStatus, Verdict

_MARKS = {Word.AGREES: "[green]✓[/]", Word.DISAGREES: "[bold red]✗[/]"}


def checked(voices: Voices) -> str:
    """ "scan 5/23", "scan ✓, count ✗": who said something besides the printer."""
    said = [
        _voice(_("scan"), voices.scan, partly=f"{voices.scan.heard}/{voices.scan.of}"),
        _voice(_("count"), voices.count, partly="?"),
        _voice(_("meter"), voices.meter, partly=""),
    ]
    found = ", ".join(one for one in said if one)
    file = _("file")
    return found or (f"{file} {_MARKS[Word.AGREES]}" if voices.ready else "—")


def _voice(word: str, voice: Voice, *, partly: str) -> str:
    if voice.word is Word.SILENT:
        return f"{word} {partly}" if voice.heard else ""
    return f"{word} {_MARKS[voice.word]}"


def evidence_notes(name: str, exam: str, room: RoomStatus) -> Iterator[str]:
    """What is in doubt and its cure; or which voice is still missing, and how it is heard."""
    for doubt in room.voices.doubts:
        where = _("room {room}").format(room=room.room)
        yield f"[red]✗[/] {name}, {escape(where)}: {escape(doubt_line(doubt))}"
    if room.verdict is Verdict.CLAIMED:
        words = _("room {room}: scanned {seen} of {kits} kits; sheets to count: {sheets}").format(
            room=room.room,
            seen=room.voices.scan.heard,
            kits=room.voices.scan.of,
            sheets=room.voices.count.of,
        )
        command = f"provision confirm --exam {exam} --room {room.room}"
        yield f"[yellow]![/] {name}, {escape(words)} — {escape(command)}"


def doubt_line(doubt: Doubt) -> str:
    """What is in doubt, and what to do; kits are named where no words of it do."""
    kits = numbers(doubt.kits)
    text = fill(doubt.template, {**doubt.params, "kits": kits})
    if len(doubt.kits) > 1 and "kits" not in doubt.params:
        text += " " + _("(kits in doubt: {kits})").format(kits=kits)
    return f"{text} — {_(doubt.cure)}"


def numbers(kits: Sequence[str]) -> str:
    """ "204-01…204-05, 204-09": kits in short, three or more in a row as a range."""
    rows: list[list[str]] = []
    for kit in kits:
        room, _dash, number = kit.rpartition("-")
        before = rows[-1][-1].rpartition("-") if rows else None
        follows = before is not None and before[0] == room and int(before[2]) + 1 == int(number)
        if follows:
            rows[-1].append(kit)
        else:
            rows.append([kit])
    return ", ".join(f"{row[0]}…{row[-1]}" if len(row) > 2 else ", ".join(row) for row in rows)


def evidence_json(voices: Voices) -> dict[str, Any]:
    """The voices as data; kits by number."""
    return {
        "queue": str(voices.queue.word),
        "scan": {"word": str(voices.scan.word), "kits": voices.scan.heard, "of": voices.scan.of},
        "count": {
            "word": str(voices.count.word),
            "sheets": voices.count.heard or None,
            "expected": voices.count.of,
        },
        "meter": str(voices.meter.word),
        "doubts": [
            {"kits": list(doubt.kits), "message": fill(doubt.template, doubt.params), "remedy": _(doubt.cure)}
            for doubt in voices.doubts
        ],
    }
