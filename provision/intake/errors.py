"""What can be wrong with a downloaded file, each with its cure."""

from __future__ import annotations

from provision.errors import N_, ProvisionError


class IntakeError(ProvisionError):
    """Root of what goes wrong with the inbox. ``params["file"]`` is a file's name, never its content."""

    code = "intake"
    remedy = N_("Look at the file named above; download it again if in doubt.")


class ArchiveDamaged(IntakeError):
    """An archive that is truncated or whose content contradicts its checksums."""

    code = "archive-damaged"
    remedy = N_("Download the archive again, wait until it is complete, and run the command again.")


class ArchiveRefused(IntakeError):
    """An archive that could do harm (bombs, links, paths leading outside, duplicates) or is empty."""

    code = "archive-refused"
    remedy = N_("Do not use this archive. Download it again; if it stays so, tell the coordinator.")


class ArchiveUnsupported(IntakeError):
    """Not an archive that can be read on this machine."""

    code = "archive-unsupported"
    remedy = N_("Unpack it elsewhere, or install the program that is named, and run the command again.")


class MemberRefused(IntakeError):
    """A file inside an archive that is not what its name says."""

    code = "member-refused"
    remedy = N_("Download the archive again; if it stays so, ask the coordinator for a corrected file.")


class CipherNeeded(IntakeError):
    """The archive is encrypted and no cipher was given."""

    code = "cipher-needed"
    remedy = N_("Download the file with the cipher into the inbox, or type the cipher when asked for it.")


class CipherRefused(IntakeError):
    """The cipher does not open the archive. Nothing was changed or deleted."""

    code = "cipher-refused"
    remedy = N_("Check that cipher and archive are of the same subject and class; download the cipher again.")


class VariantsRefused(IntakeError):
    """The files of a task archive cannot be told apart into variants without doubt."""

    code = "variants-refused"
    remedy = N_(
        "Pack an archive of this exam's variants alone, named 'вариант 1', 'вариант 2', for the inbox."
    )


class CodesRefused(IntakeError):
    """A list of participant codes that cannot be read without doubt."""

    code = "codes-refused"
    remedy = N_("Correct the place that is named, or download the list of codes again.")


class TasksMissing(IntakeError):
    """No task archive, or more than one, for an exam that is to be assembled."""

    code = "tasks-missing"
    remedy = N_("See 'provision intake'; bind a file by hand with 'provision intake --bind FILE=EXAM:tasks'.")


class InboxRefused(IntakeError):
    """The inbox itself cannot be read."""

    code = "inbox-refused"
    remedy = N_("Keep only the files downloaded for these exams in the inbox.")
