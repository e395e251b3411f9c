"""What can go wrong with software on a workstation, from the agent's codes."""

from __future__ import annotations

from typing import Any

from labcheck.errors import N_, LabcheckError
from labcheck.link import AgentRefused


class DeployError(LabcheckError):
    """Root of what goes wrong with the software; other refusals of the agent, too."""

    code = "deploy"
    remedy = N_("Put right what the message names, then run the same command again: it goes on.")


class SourceMissing(DeployError):
    """A file of the software is not here."""

    code = "software-missing"
    remedy = N_("Put the software's files where the profile says (lab: software), all of them.")


class SourceChanged(DeployError):
    """A file of the software here is not the one that the profile describes."""

    code = "software-changed"
    remedy = N_(
        "Get the file again from where it came; only if it is right, correct its sha256 in the profile."
    )


class WorkstationLocked(DeployError):
    """Another run changes this workstation now."""

    code = "workstation-locked"
    remedy = N_("Wait until that run has ended, or end it; a run that was cut lets go within ten minutes.")


class NotVerified(DeployError):
    """What arrived on the workstation is not what was described or signed; nothing of it was run."""

    code = "not-verified"
    remedy = N_("Run the same command again; if it stays so, check the profile's sha256, signature and key.")


class InstallFailed(DeployError):
    """The software's install command failed; what was in use before is in use again."""

    code = "install-failed"
    remedy = N_("Read its last words in the message; try the command at the workstation itself.")


class AfterCheckFailed(DeployError):
    """The software's check failed after it was installed; what was in use before is in use again."""

    code = "after-check-failed"
    remedy = N_("Read its last words in the message; ask whoever gave you the software if it goes on so.")


class UninstallFailed(DeployError):
    """The software's uninstall command failed; everything is left as it is."""

    code = "uninstall-failed"
    remedy = N_("Read its last words in the message; try the command at the workstation itself.")


class AnswersInSoftware(DeployError):
    """Answers lie, or are to lie, in a folder of the software, and would be removed with it."""

    code = "answers-in-software"
    remedy = N_(
        "Collect the answers. Then name a folder outside the software's own in inventory.yaml (profile: lab:"
        " software: answers), and bring what lies in the old one there by hand."
    )


class SoftwareInUse(DeployError):
    """The software runs, so that its files cannot be exchanged."""

    code = "software-in-use"
    remedy = N_("Close the software at the workstation, then run the same command again.")


class NoPreviousVersion(DeployError):
    """There is nothing to go back to."""

    code = "no-previous-version"
    remedy = N_("Put the version that you want into the profile, and run 'labcheck' for the room.")


_KINDS: dict[str, tuple[type[DeployError], str]] = {
    "locked": (WorkstationLocked, N_("{seat}: {owner} is at work there, for {minutes} min: {purpose}")),
    "not-verified": (NotVerified, N_("{seat}: files that arrived are not the ones described: {files}")),
    "bad-signature": (NotVerified, N_("{seat}: the signature is not that of the software's files")),
    "install-failed": (InstallFailed, N_("{seat}: the install command failed: {output} (in use now: {now})")),
    "after-check-failed": (AfterCheckFailed, N_("{seat}: the check failed: {output} (in use now: {now})")),
    "uninstall-failed": (UninstallFailed, N_("{seat}: the uninstall command failed: {output}")),
    "answers-inside": (
        AnswersInSoftware,
        N_("{seat}: the answers folder is inside the software's own, and would be removed with it: {folder}"),
    ),
    "in-use": (SoftwareInUse, N_("{seat}: the software runs there")),
    "no-previous-version": (NoPreviousVersion, N_("{seat}: there is no version before to go back to")),
}
"""The agent's codes. Its English messages are for other programs' authors, not for the school."""


def failure(seat: str, refused: AgentRefused) -> LabcheckError:
    """The error for what the agent refused."""
    if refused.said not in _KINDS:
        return refused
    kind, template = _KINDS[refused.said]
    detail = refused.detail
    listed = [*_list(detail.get("missing")), *_list(detail.get("changed"))]
    return kind(
        template,
        seat=seat,
        owner=_text(detail.get("owner")) or "—",
        minutes=int(_number(detail.get("age_s")) // 60),
        purpose=_text(detail.get("purpose")) or "—",
        files=_text(", ".join(map(str, listed))) or "—",
        folder=_text(detail.get("folder")) or "—",
        output=_text(detail.get("output")) or "—",
        now=_text(detail.get("now")) or "—",
    )


def source_missing(path: str) -> SourceMissing:
    """A file of the software is not here."""
    return SourceMissing(N_("the software's file {path} is not here"), path=path)


def source_changed(path: str) -> SourceChanged:
    """A file here is another one than described."""
    return SourceChanged(
        N_("the software's file {path} is not the one that the profile describes"), path=path
    )


def _text(untrusted: Any) -> str:
    text = " ".join(str(untrusted if untrusted is not None else "").split())[-300:]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _list(untrusted: Any) -> list[Any]:
    return untrusted[:20] if isinstance(untrusted, list) else []


def _number(untrusted: Any) -> float:
    fits = isinstance(untrusted, int | float) and 0 <= untrusted < 1e9
    return float(untrusted) if fits else 0.0
