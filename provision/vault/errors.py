"""What can go wrong with the vault, each with its cure. None names what is kept there."""

from __future__ import annotations

from provision.errors import N_, ProvisionError


class VaultError(ProvisionError):
    """Root of the vault's errors."""

    code = "vault"
    remedy = N_("Nothing in the vault was changed. 'provision vault status' says how it stands.")


class NoVault(VaultError):
    """There is no vault here yet."""

    code = "no-vault"
    remedy = N_("Make one first: 'provision vault init'.")


class VaultMissing(NoVault):
    """There was a vault, and it is not where it was."""

    code = "vault-missing"
    remedy = N_(
        "Connect the disk that the folder .provision/vault lies on, or bring the folder back from a backup. "
        "Do not make a new vault: what was in this one would be lost."
    )


class VaultThere(VaultError):
    """A vault is never made over another."""

    code = "vault-there"
    remedy = N_("Use the vault that is there. To make a new one, move the folder away first, whole.")


class VaultLocked(VaultError):
    """The passphrase, or the words on paper, do not open the vault."""

    code = "vault-locked"
    remedy = N_(
        "Type the passphrase again; look at the keyboard's language and Caps Lock. If it is forgotten, the "
        "recovery sheet opens the vault: 'provision vault recover'."
    )


class PassphraseTooShort(VaultError):
    """A new passphrase is too short."""

    code = "passphrase-too-short"
    remedy = N_("Choose a longer one: four or five words that do not belong together are good.")


class RecoveryRefused(VaultError):
    """What was typed is no recovery key, or not of this vault."""

    code = "recovery-refused"
    remedy = N_(
        "Compare each word with the sheet; the first four letters of each are enough. Only the newest sheet "
        "is valid."
    )


class VaultDamaged(VaultError):
    """A file of the vault is not the one that was written."""

    code = "vault-damaged"
    remedy = N_(
        "Keep the vault's folder as it is, and bring that file back from a backup. All other items can be "
        "read."
    )


class VaultChanged(VaultError):
    """Another command gave the vault a new key while this one had the old."""

    code = "vault-changed"
    remedy = N_("Run the same command again.")


class NoSuchItem(VaultError):
    """The vault has no such item, or several that the words fit."""

    code = "no-such-item"
    remedy = N_("'provision vault list' shows what is there.")


class NameRefused(VaultError):
    """A name that an item cannot have."""

    code = "name-refused"
    remedy = N_("Give a shorter name, without '..', and not beginning with '/'.")


class SourceChanged(VaultError):
    """A file changed while it was put into the vault; nothing was kept."""

    code = "source-changed"
    remedy = N_("Close the program that writes the file, then put it in again.")


class NoSuchHolder(VaultError):
    """Nobody of that role has a passphrase to the vault."""

    code = "no-such-holder"
    remedy = N_("'provision vault status' says who has one.")


class PlaceRefused(VaultError):
    """Decrypted material is not written where it would stay."""

    code = "place-refused"
    remedy = N_(
        "Leave the item in the vault, or say plainly that it is to lie there in the open: --in-the-open."
    )
