"""What the help texts list without loading the vault is what the vault knows."""

from __future__ import annotations

from provision.cli.vault_options import KINDS, ROLES
from provision.people import Role
from provision.vault import Kind


def test_kinds_and_roles() -> None:
    assert set(KINDS) == {kind.value for kind in Kind} - {Kind.PEOPLE.value}
    assert tuple(role.value for role in Role) == ROLES
