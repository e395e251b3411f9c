"""What annotations need, without ``typing``: importing that costs every start of the agent 4 ms. mypy sees
the real thing."""

from __future__ import annotations

from collections import namedtuple

__all__ = ["IO", "Any", "BinaryIO", "NamedTuple", "TypeVar"]

TYPE_CHECKING = False
"""What mypy takes for typing's."""
if TYPE_CHECKING:
    from typing import IO, Any, BinaryIO, NamedTuple, TypeVar
else:
    Any = BinaryIO = IO = object

    def TypeVar(name):  # noqa: N802 - typing's name
        """Stands in annotations only."""
        return name

    class _Fields(type):
        """Makes of a class with annotations what typing.NamedTuple makes of it; methods stay."""

        def __new__(cls, name, bases, space):
            if not bases:
                return super().__new__(cls, name, bases, space)
            fields = list(space.get("__annotations__", ()))
            defaults = [space.pop(field) for field in fields if field in space]
            plain = namedtuple(name, fields, defaults=defaults, module=space["__module__"])
            return type(name, (plain,), {"__slots__": (), **space})

    class NamedTuple(metaclass=_Fields):
        """A tuple whose fields have names, as annotated."""
