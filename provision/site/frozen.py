"""What all parts of the inventory are: frozen, without unknown keys, each key described."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of the inventory's types; an attribute's docstring is its description in the JSON schema (see
    provision.site.schema: pydantic would look for them at every start)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        allow_inf_nan=False,
    )
