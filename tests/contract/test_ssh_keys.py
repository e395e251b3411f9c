"""Keys renewed while files go through, and ciphers that are not the first choice: on real servers."""

from __future__ import annotations

import io
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from labcheck.transport import ssh
from tests.services.sshd import sshd


@pytest.mark.parametrize("limits", [{"REKEY_BYTES": 300_000}, {"REKEY_PACKETS": 20}])
def test_keys_that_have_sealed_enough_are_renewed_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(ssh._Packetizer, name, value)
    renewed: list[int] = []
    usual = ssh._Packetizer.set_outbound_cipher

    def noted(packetizer: Any, *given: Any, **settings: Any) -> None:
        renewed.append(1)
        usual(packetizer, *given, **settings)

    monkeypatch.setattr(ssh._Packetizer, "set_outbound_cipher", noted)
    with sshd(tmp_path, 32) as server:
        transport = ssh.connect(server.endpoint, server.credentials)
        try:
            data = random.Random(3).randbytes(3_000_000)
            path = f"{transport.home()}/renewed"
            transport.put(io.BytesIO(data), path, deadline=60)
            assert Path(path).read_bytes() == data
            assert transport.run("echo here", deadline=10).stdout == b"here\n"
            assert len(renewed) > 3
        finally:
            transport.close()


@pytest.mark.parametrize(
    ("options", "cipher"),
    [
        (["RekeyLimit 256K"], "aes128-gcm@openssh.com"),
        (["Ciphers aes256-gcm@openssh.com"], "aes256-gcm@openssh.com"),
        (["Ciphers aes128-ctr", "RekeyLimit 256K"], "aes128-ctr"),
    ],
)
def test_servers_that_renew_keys_and_want_other_ciphers(
    tmp_path: Path, options: list[str], cipher: str
) -> None:
    with sshd(tmp_path, 31, options=options) as other:
        transport = ssh.connect(other.endpoint, other.credentials)
        try:
            data = random.Random(4).randbytes(3_000_000)
            with ThreadPoolExecutor(3) as pool:  # of several that send at once none gets in another's way
                paths = [f"{transport.home()}/many-{number}" for number in range(3)]
                list(pool.map(lambda path: transport.put(io.BytesIO(data), path, deadline=60), paths))
            for path in paths:
                assert Path(path).read_bytes() == data
            assert transport.connection.transport.local_cipher == cipher
        finally:
            transport.close()


def test_programs_that_end_while_keys_are_renewed_cost_nobody_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh._Packetizer, "REKEY_BYTES", 1_000_000)
    with sshd(tmp_path, 33) as server:
        transport = ssh.connect(server.endpoint, server.credentials)

        def work(number: int) -> bool:
            data, path = random.Random(number).randbytes(300_000), f"{server.home}/busy-{number}"
            transport.put(io.BytesIO(data), path, deadline=30)
            said = transport.run(["cat", path], deadline=30).stdout
            return said == data[: len(said)] and Path(path).read_bytes() == data

        try:
            with ThreadPoolExecutor(6) as pool:
                assert all(pool.map(work, range(36)))
        finally:
            transport.close()
