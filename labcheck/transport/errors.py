"""What can go wrong between here and a workstation, each with its cure.

Everything that the server says is untrusted: it is bounded and made printable before it gets into a message.
"""

from __future__ import annotations

from labcheck.errors import N_, LabcheckError


class TransportError(LabcheckError):
    """Root of what goes wrong on the way to one workstation."""

    code = "transport"
    remedy = N_("Look at the workstation named, then run the same command again with '--retry-failed'.")


class Unreachable(TransportError):
    """No connection; ``how`` says what came instead (a value of labcheck.reach.Reach, which has remedies)."""

    code = "unreachable"
    remedy = N_("Check that the computer is on, its network cable, and its address in inventory.yaml.")


class NotSsh(TransportError):
    """Something answers that does not speak SSH, or stops speaking it."""

    code = "not-ssh"
    remedy = N_("Correct host or port in inventory.yaml; if they are right, restart the SSH server there.")


class HostKeyUnknown(TransportError):
    """No host key is pinned for the workstation."""

    code = "host-key-unknown"
    remedy = N_("Compare the fingerprint at the computer itself, then pin it with 'labcheck trust'.")


class HostKeyChanged(TransportError):
    """Another key than the pinned one: reinstalled, exchanged, or somebody in between."""

    code = "host-key-changed"
    remedy = N_(
        "Do not use this workstation until somebody knows why its key changed (reinstalled? another computer"
        " at this address?). Then pin the new key with 'labcheck trust'."
    )


class AuthFailed(TransportError):
    """The server accepts none of the keys and passwords that were tried."""

    code = "auth-failed"
    remedy = N_("Check user, key and password for this workstation.")


class PasswordExpired(TransportError):
    """The account's password must be changed before anything can be done."""

    code = "password-expired"
    remedy = N_("Log in at the computer itself, change the password there, and use the new one.")


class DeadlinePassed(TransportError):
    """It took longer than it may."""

    code = "deadline-passed"
    remedy = N_("See what keeps the computer or its network so slow, then run the same command again.")


class ConnectionLost(TransportError):
    """The connection broke, or the program at its other end is gone."""

    code = "connection-lost"
    remedy = N_("Check the computer's cable and power, then run the same command again: it goes on.")


class TransferRefused(TransportError):
    """A file cannot be read or written there: no SFTP, no right, no space, no such folder."""

    code = "transfer-refused"
    remedy = N_("Put that right on the workstation (free space, rights, the server's SFTP), then try again.")


class AlreadyThere(TransferRefused):
    """Something lies under the name that a new file was to get."""

    code = "already-there"
    remedy = N_("See at the workstation itself what lies there; nothing of it was touched.")


class SudoRefused(TransportError):
    """The account may not act as administrator, or the password for it is wrong."""

    code = "sudo-refused"
    remedy = N_("Check the administrator's password, and that the account may use sudo there.")


class SystemUnknown(TransportError):
    """The workstation's system is neither Linux nor Windows, or does not say what it is."""

    code = "system-unknown"
    remedy = N_("Only Linux and Windows workstations can be checked; take this one out of inventory.yaml.")
