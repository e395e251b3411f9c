"""A vault that stays open between commands: the kernel holds its key, and forgets it by itself.

No process of ours waits in the background: there is none that could be killed, attacked or forgotten. The
time runs anew with each use. Where there is no key ring (Windows, many containers), every command asks for
the passphrase.
"""

from __future__ import annotations

import json

from provision.secret import Secret
from provision.vault import keys, platform
from provision.vault.errors import VaultChanged, VaultDamaged
from provision.vault.vault import OpenVault, Vault


def remember(vault: OpenVault, minutes: int) -> bool:
    """Leave it open for so many minutes after its last use; False where that cannot be."""
    payload = {"minutes": minutes, "own": [key.reveal() for key in vault.keys.own]}
    return platform.hold(_name(vault), json.dumps(payload).encode(), 60 * minutes)


def remembered(vault: Vault) -> OpenVault | None:
    """The vault, if it is open; None when it is locked."""
    payload = platform.held(_name(vault))
    if payload is None:
        return None
    try:
        told = json.loads(payload)
        own = tuple(Secret(key) for key in told["own"])
        opened = vault.open_with(keys.reload(vault.folder, keys.Keys(own, {})))
        remember(opened, int(told["minutes"]))
    except (ValueError, KeyError, TypeError, VaultChanged, VaultDamaged):
        return None  # somebody else's key of that name: the passphrase decides
    return opened


def lock(vault: Vault) -> bool:
    """Close it now; whether it was open."""
    return platform.forget(_name(vault))


def _name(vault: Vault) -> str:
    """Another one after each rotation."""
    return f"vpr-vault:{keys.recipient(vault.folder)}"
