"""The words of an audit: what each check is called, why it matters, and what is put right in which way."""

from __future__ import annotations

from collections.abc import Mapping

from provision.audit.known import Hit, Sort
from provision.audit.model import Check, Outcome, Severity
from provision.errors import N_, Phrase

TITLES: Mapping[Check, str] = {
    Check.DOWNLOADS: N_("Downloads"),
    Check.DESKTOP: N_("Desktop"),
    Check.DOCUMENTS: N_("Documents"),
    Check.TEMPORARY: N_("Temporary files"),
    Check.TRASH: N_("Trash"),
    Check.MAIL: N_("Mail"),
    Check.MESSENGERS: N_("Messengers"),
    Check.CLOUD: N_("Cloud folders"),
    Check.CACHES: N_("Browser caches"),
    Check.OFFICE: N_("Office programs' own copies"),
    Check.CLIPBOARD: N_("Clipboard history"),
    Check.REMOVABLE: N_("Other disks and USB sticks"),
    Check.BACKUPS: N_("Backups"),
    Check.PUBLIC: N_("Public folders"),
    Check.SPOOL: N_("Print server's leftovers"),
    Check.HOME: N_("Rest of the home folders"),
    Check.BROWSERS: N_("Download histories"),
    Check.RECENT: N_("Lists of recent files"),
    Check.LOCKS: N_("Documents left open"),
    Check.THUMBNAILS: N_("Small pictures of documents"),
    Check.SHELLS: N_("Command histories"),
    Check.SITE_MODES: N_("Rights to the site's files"),
    Check.UNSEALED: N_("What could be in the vault"),
    Check.KEYS: N_("SSH keys"),
    Check.SPOOLING: N_("What the print server keeps"),
    Check.PRINT_SHARING: N_("Who reaches the print server"),
    Check.SHARES: N_("Shared folders"),
    Check.SWAP: N_("Swap"),
    Check.HIBERNATION: N_("Hibernation"),
    Check.LEDGER: N_("Record"),
    Check.ACCESS: N_("Who opened what"),
    Check.KNOWLEDGE: N_("What was looked for"),
    Check.WINDOWS: N_("Windows"),
}

_COPY = N_(
    "Whoever uses this computer, now or after it is repaired or written off, can read the file. "
    "Tasks that are known "
    "before the exam make its results worthless, and the school answers for it."
)
_SENT = N_(
    "What lies in mail, messengers or cloud folders is on other people's computers too, and cannot "
    "be called back. "
    "Login, password, cipher and codes must never go through open channels."
)
_TRACE = N_(
    "The list shows whoever sits down here that materials were opened outside of the protected storage, and "
    "leads to a copy that may still be there."
)
_DISK = N_(
    "What was decrypted in memory can be written to the disk by the system itself, and is read from "
    "there when the "
    "disk is taken out."
)

WHY: Mapping[Check, str] = {
    **dict.fromkeys(Check, _COPY),
    **dict.fromkeys((Check.MAIL, Check.MESSENGERS, Check.CLOUD, Check.PUBLIC), _SENT),
    **dict.fromkeys((Check.BROWSERS, Check.RECENT, Check.LOCKS, Check.THUMBNAILS), _TRACE),
    **dict.fromkeys((Check.SWAP, Check.HIBERNATION), _DISK),
    Check.TRASH: N_("A file in the trash is not deleted: it is brought back with two clicks."),
    Check.REMOVABLE: N_("A USB stick is lost, lent and forgotten. Whoever finds it has the tasks."),
    Check.SPOOL: N_(
        "Printed papers stay on the print server's disk and can be printed again by its administrator."
    ),
    Check.SPOOLING: N_(
        "Every kit that was printed lies on the disk as long as the print server keeps it; whoever "
        "administers the "
        "server can read and print it again."
    ),
    Check.PRINT_SHARING: N_(
        "Other computers of the school's network can see what is printed here and when, and may send "
        "or cancel jobs."
    ),
    Check.SHARES: N_(
        "Anybody in the school's network who opens the shared folder reads what lies in it, pupils too."
    ),
    Check.SHELLS: N_(
        "What was typed after a command is kept for years in a file that everybody finds. With login "
        "and password "
        "somebody can act in the school's name in the information system."
    ),
    Check.SITE_MODES: N_(
        "Another user of this computer, a pupil's account for example, could read or change the files."
    ),
    Check.UNSEALED: N_(
        "Answers, marks and forms hold codes, voices and staff's names. Unencrypted, whoever takes the disk "
        "has them; in the vault, nobody without the passphrase."
    ),
    Check.KEYS: N_(
        "The key opens the computers of the language lab. A copied file without a passphrase is enough."
    ),
    Check.BACKUPS: N_(
        "A backup holds what was deleted long ago, and is read by people who look after backups."
    ),
    Check.LEDGER: N_(
        "The record proves who did what. When its chain is broken, nothing can be proved any more."
    ),
    Check.ACCESS: N_(
        "Whoever opened the vault answers for it; an entry that nobody remembers is a sign of misuse."
    ),
    Check.KNOWLEDGE: N_(
        "Only what is known can be found again: without the materials a copy cannot be recognised."
    ),
    Check.WINDOWS: N_("Not everything that Windows keeps can be read by this program."),
}

_VAULT = N_("If it is still needed, take it into the vault first (provision vault put). Then: {command}")
COPY_CURES: Mapping[Check, str] = {
    Check.HOME: _VAULT,
    Check.TRASH: N_("Empty the trash. Or this file alone: {command}"),
    Check.MAIL: N_(
        "Delete the message here and in the folder of sent or deleted mail, then compact the "
        "folders. Tell the coordinator: "
        "what was sent is known to others, and a cipher or password must be replaced."
    ),
    Check.MESSENGERS: N_(
        "Delete the file ({command}) and the message, for everybody in the chat. Tell the "
        "coordinator: what was sent is "
        "known to others."
    ),
    Check.CLOUD: N_("Delete it here ({command}) and in the cloud's own trash, and end its sharing links."),
    Check.CACHES: N_("Close the browser and clear its cache (Ctrl+Shift+Del). Or this file alone: {command}"),
    Check.OFFICE: N_("Close the office program, then: {command}"),
    Check.CLIPBOARD: N_("Clear the clipboard's history, and switch it off for the day of the exam."),
    Check.REMOVABLE: N_("Delete it from the disk ({command}), and take the disk out of the computer."),
    Check.BACKUPS: N_(
        "Delete it ({command}), or close it to others: chmod 600. Leave the site out of plain backups."
    ),
    Check.PUBLIC: N_("Delete it at once: {command}"),
    Check.SPOOL: N_("cancel -a -x deletes all jobs and their files."),
}

DELETE = N_("delete it in the file manager")
NOT_LOOKED = N_(
    "Look there yourself, or run the audit again: as root, with --seconds and --megabytes raised, "
    "with the vault open."
)

_SAID: Mapping[Sort, str] = {
    Sort.ARCHIVE: N_("the task archive, still encrypted{exams}"),
    Sort.TASKS: N_("tasks that can be read{exams}"),
    Sort.CIPHER: N_("a cipher or password{exams}"),
    Sort.CODES: N_("{count} participant codes of this school"),
    Sort.CRITERIA: N_("marking criteria{exams}"),
    Sort.PEOPLE: N_("the list of participants"),
    Sort.KEY: N_("the key of the record"),
}
_ONE_CODE = N_("a participant code (…{tail})")


def said(hits: tuple[Hit, ...]) -> Phrase:
    """What was recognised, as one phrase; a code by its last two digits at the most."""
    phrases = [_one(hit) for hit in hits]
    first = phrases[0]
    for other in phrases[1:]:
        first = Phrase(N_("{one}; {other}"), {"one": first, "other": other})
    return first


def _one(hit: Hit) -> Phrase:
    if hit.sort is Sort.CODES and hit.count == 1:
        return Phrase(_ONE_CODE, {"tail": hit.tail})
    if hit.sort is Sort.CODES and not hit.count:
        return Phrase(N_("the list of participant codes"), {})
    exams = f" ({', '.join(hit.exams)})" if hit.exams else ""
    return Phrase(_SAID[hit.sort], {"exams": exams, "count": hit.count})


UNSEEN: Mapping[str, str] = {
    "denied": N_("no rights: {count}"),
    "big": N_("too big: {count}"),
    "files": N_("beyond the number of files: {count}"),
    "bytes": N_("beyond the amount of data: {count}"),
    "seconds": N_("beyond the time: {count}"),
    "depth": N_("too deep: {count}"),
    "encrypted": N_("encrypted archives: {count}"),
    "damaged": N_("damaged or unreadable: {count}"),
    "nested": N_("packed too often: {count}"),
    "telegram": N_("Telegram's own store, which only Telegram reads: {count}"),
    "outlook": N_("Outlook's data files: {count}"),
    "whatsapp": N_("WhatsApp's encrypted store: {count}"),
    "homes": N_("other users' homes, which only root may read: {count}"),
}


def unseen(why: Mapping[str, int]) -> Phrase:
    """Why something was not looked at, with its numbers."""
    phrases = [Phrase(UNSEEN[reason], {"count": count}) for reason, count in sorted(why.items())]
    first = phrases[0]
    for other in phrases[1:]:
        first = Phrase(N_("{one}; {other}"), {"one": first, "other": other})
    return first


OUTCOMES: Mapping[Outcome, str] = {
    Outcome.LEAK: N_("LEAK"),
    Outcome.RISK: N_("risk"),
    Outcome.NOT_CHECKED: N_("not checked"),
    Outcome.OK: N_("well"),
}
SEVERITIES: Mapping[Severity, str] = {
    Severity.HIGH: N_("at once"),
    Severity.MEDIUM: N_("before the exam"),
    Severity.LOW: N_("when there is time"),
    Severity.NONE: "",
}
