"""The print journal's lines in words, for the screen and for paper alike."""

from __future__ import annotations

from collections.abc import Callable

from printing.documents.happened import Line, PrintJournal, Section
from printing.documents.room import Translate
from printing.journal import Delivery
from provision.errors import N_
from provision.printjournal import Account, Act, Happening
from provision.spoilage import words_of
from provision.work import What

_WHAT = {
    What.COVER: N_("cover"),
    What.KITS: N_("kits"),
    What.BRIEFING: N_("briefing"),
    What.PROTOCOL: N_("protocol"),
    What.CODES: N_("codes"),
}

_STATES = {
    Delivery.SUBMITTING: N_("being sent"),
    Delivery.ACCEPTED: N_("waits at the printer"),
    Delivery.PRINTING: N_("being printed"),
    Delivery.CLAIMED: N_("printed (printer)"),
    Delivery.STORED: N_("stored as a file"),
    Delivery.FAILED: N_("not printed"),
    Delivery.UNKNOWN: N_("fate unknown"),
    Delivery.PRINTED_SAYS_PERSON: N_("printed (person)"),
    Delivery.NOT_PRINTED_SAYS_PERSON: N_("not printed (person)"),
}

_ACTS = {
    Act.RESOLVED: N_("Fate settled: {subject}"),
    Act.SPOILED: N_("Spoiled: {subject}: {reason}"),
    Act.ORDERED: N_("Additional print ordered: {subject}: {reason}"),
    Act.SCANNED: N_("Barcodes scanned"),
    Act.COUNTED: N_("Sheets counted"),
    Act.COMPLETE: N_("Scanned completely"),
    Act.AGAIN: N_("Scanning begun anew"),
    Act.EXTRA_REMOVED: N_("Second paper of a kit destroyed"),
    Act.METERED: N_("The printer's own counter went on by"),
    Act.TESTED: N_("Test page printed"),
    Act.JUDGED: N_("Test page judged"),
    Act.APPOINTED: N_("Appointed to confirm additional prints"),
}


def line_of(happening: Happening, translate: Translate) -> Line:
    """One line in the language of ``translate``."""
    return Line(
        happening.at,
        happening.room,
        _what(happening, translate),
        happening.printer,
        happening.sheets,
        _outcome(happening, translate),
        happening.who,
    )


def on_paper(account: Account, school: str, translate: Translate) -> PrintJournal:
    """The whole journal, a section for each exam and one for printers and staff."""
    _ = translate
    sections = []
    for exam in account.exams:
        title = f"{exam.subject} {exam.class_name}"
        if exam.follows or exam.part > 1:
            title += " · " + _("part {part}").format(part=exam.part)
        sections.append(_section(account, exam.id, title, translate))
    sections.append(_section(account, "", _("Printers and staff"), translate))
    full = tuple(section for section in sections if section.lines)
    confirmed = any(happening.authorised_by for happening in account.happenings)
    return PrintJournal(
        school, account.made, account.sums, full, account.events, account.last_hash, confirmed
    )


def _section(account: Account, exam: str, title: str, translate: Translate) -> Section:
    lines = tuple(line_of(h, translate) for h in account.happenings if h.exam == exam)
    return Section(title, lines)


def _what(happening: Happening, translate: Callable[[str], str]) -> str:
    _ = translate
    subject = _subject(happening, _)
    if happening.act is Act.PRINTED:
        return subject[:1].upper() + subject[1:]
    return _(_ACTS[happening.act]).format(subject=subject, reason=_reason(happening, _))


def _subject(happening: Happening, translate: Translate) -> str:
    """ "kit 204-07, pages 3, 5, copy 2"; "codes (23)"; "cover"."""
    _ = translate
    if happening.what is None:
        return ""
    if happening.what is What.CODES:
        return _("participant codes ({count})").format(count=len(happening.kits))
    if happening.what is not What.KITS:
        return _(_WHAT[happening.what])
    if len(happening.kits) > 1:
        kits = f"{happening.kits[0]} … {happening.kits[-1]}"
        return _("kits {kits} ({count})").format(kits=kits, count=len(happening.kits))
    words = [_("kit {number}").format(number=happening.kits[0])]
    if happening.pages:
        words.append(_("p. {pages}").format(pages=ranges(happening.pages)))
    if happening.copy > 1:
        words.append(_("copy {copy}").format(copy=happening.copy))
    return ", ".join(words)


def ranges(pages: tuple[int, ...]) -> str:
    """ "1-4, 7": runs of three pages or more drawn together."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    words = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(words)


def _reason(happening: Happening, translate: Translate) -> str:
    if happening.act not in {Act.SPOILED, Act.ORDERED}:
        return happening.reason
    words, own = words_of(happening.reason)
    return own or translate(words)


def _outcome(happening: Happening, translate: Translate) -> str:
    _ = translate
    if happening.state is not None:
        return _(_STATES[happening.state])
    if happening.authorised_by:
        return _("confirmed by {who}").format(who=happening.authorised_by)
    if happening.act is Act.JUDGED:
        return _("good") if happening.good else _("bad")
    if happening.act is Act.COUNTED and happening.good is not None:
        return _("agrees") if happening.good else _("does not agree")
    return ""
