"""The print journal without people's names: by numbers; and without what they wrote in their own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from provision.aliases import Aliases
from provision.printjournal import Account, Act
from provision.spoilage import words_of


def nameless(account: Account, translate: Callable[[str], str]) -> Account:
    """The same happenings; a note or an own reason could name somebody, so it stays out."""
    aliases = Aliases(translate)
    return replace(
        account,
        happenings=tuple(
            replace(
                one,
                who=aliases.of(one.who),
                authorised_by=aliases.of(one.authorised_by),
                reason=_reason(one.act, one.reason),
            )
            for one in account.happenings
        ),
    )


def _reason(act: Act, reason: str) -> str:
    if act not in {Act.SPOILED, Act.ORDERED}:
        return ""
    return reason.partition(":")[0] if words_of(reason)[1] else reason
