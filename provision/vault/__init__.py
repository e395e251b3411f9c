"""The vault: an encrypted store for what must not lie about, and the only door to it. See docs/vault.md."""

from provision.vault.item import Item, Kind
from provision.vault.vault import OpenVault, Sealed, Vault

__all__ = ["Item", "Kind", "OpenVault", "Sealed", "Vault"]
