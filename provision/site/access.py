"""How this computer logs in to the workstations of a lab. Passwords stand in no file: they are asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provision.site.frozen import Frozen

Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[\w.:-]+$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Account = Annotated[str, Field(min_length=1, max_length=60)]
HostKey = Annotated[str, Field(min_length=1, max_length=2000)]


class Jump(Frozen):
    """A computer through which alone the workstations can be reached."""

    host: Annotated[Host, Field(examples=["gate.school"])]
    """Its address or name."""
    port: Annotated[Port, Field(examples=["22"])] = 22
    """Its SSH port."""
    user: Annotated[Account, Field(examples=["exam"])] = "exam"
    """The account there; it takes the same key or password as the workstations."""
    host_key: Annotated[HostKey | None, Field(examples=["ssh-ed25519 AAAA…"])] = None
    """Its SSH host key as in ``known_hosts``; without it nothing is sent through it."""


class Access(Frozen):
    """How to log in. Without ``key`` and ``agent`` the password is asked for."""

    key: Annotated[str | None, Field(min_length=1, max_length=500, examples=["~/.ssh/lab"])] = None
    """A private key file: from the home folder (``~/``), absolute, or relative to the site."""
    agent: Annotated[bool, Field(examples=["false"])] = False
    """Whether the keys of the running SSH agent may be tried."""
    jump: Annotated[Jump | None, Field(examples=["{host: gate.school}"])] = None
    """The computer through which the workstations are reached; without it they are called directly."""
