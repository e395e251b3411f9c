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


class SoftwareInUse(DeployError):
    """The software runs, so that its files cannot be exchanged."""

    code = "software-in-use"
    remedy = N_("Close the software at the workstation, then run the same command again.")


class NoPreviousVersion(DeployError):
    """There is nothing to go back to."""

    code = "no-previous-version"
    remedy = N_("Put the version that you want into the profile, and run 'labcheck' for the room.")


_KINDS = {
    "not-verified": NotVerified,
    "bad-signature": NotVerified,
    "install-failed": InstallFailed,
    "after-check-failed": AfterCheckFailed,
    "uninstall-failed": UninstallFailed,
    "in-use": SoftwareInUse,
    "no-previous-version": NoPreviousVersion,
}
_ENDED = (InstallFailed, AfterCheckFailed, UninstallFailed)


def failure(seat: str, refused: AgentRefused) -> LabcheckError:
    """The error for what the agent refused."""
    detail = refused.detail
    if refused.said == "locked":
        return WorkstationLocked(
            N_("{seat}: {owner} is at work there, for {minutes} min: {purpose}"),
            seat=seat,
            owner=_text(detail.get("owner")) or "—",
            minutes=int(_number(detail.get("age_s")) // 60),
            purpose=_text(detail.get("purpose")) or "—",
        )
    kind = _KINDS.get(refused.said)
    if kind is None:
        return refused
    if issubclass(kind, _ENDED):
        now = detail.get("now")
        return kind(
            N_("{seat}: {message} (in use now: {now}; its last words: {output})"),
            seat=seat,
            message=refused.params["message"],
            now=_text(now) or "—",
            output=_text(detail.get("output")) or "—",
        )
    return kind(N_("{seat}: {message}"), seat=seat, message=refused.params["message"])


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


def _number(untrusted: Any) -> float:
    fits = isinstance(untrusted, int | float) and 0 <= untrusted < 1e9
    return float(untrusted) if fits else 0.0
