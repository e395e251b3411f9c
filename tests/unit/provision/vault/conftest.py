"""An empty vault for the tests, and passphrases that cost little."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provision.secret import Secret
from provision.vault import OpenVault, Vault, passphrase

PHRASE = Secret("сорок сорок съели сыр")


@pytest.fixture(scope="session", autouse=True)
def _cheap() -> Iterator[None]:
    """scrypt with little memory: what is tested here is not what a guess costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passphrase, "LOG_N", 10)
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, _cheap: None) -> tuple[Path, Secret]:
    """An empty vault's folder, and its recovery key."""
    folder = tmp_path_factory.mktemp("vault") / "vault"
    _vault, paper = Vault.create(folder, "specialist", PHRASE)
    return folder, paper


@pytest.fixture
def paper(template: tuple[Path, Secret]) -> Secret:
    return template[1]


@pytest.fixture
def fresh(template: tuple[Path, Secret], tmp_path: Path) -> Callable[[], OpenVault]:
    """Makes an empty vault that is open."""

    def make() -> OpenVault:
        shutil.copytree(template[0], tmp_path / "vault")
        return Vault(tmp_path / "vault").open_by_paper(template[1])

    return make


@pytest.fixture
def vault(fresh: Callable[[], OpenVault]) -> OpenVault:
    return fresh()
