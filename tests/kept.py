"""What an object holds, whether its class was compiled or not: slots are descriptors in both."""

from __future__ import annotations

from inspect import isdatadescriptor
from typing import Any


def kept_by(thing: object, *, but: str = "") -> dict[str, Any]:
    """Name and value of each attribute that the classes of ``thing`` declare.

    :param but: one that does not count.
    """
    names = {name for kind in type(thing).__mro__ for name, found in vars(kind).items() if isdatadescriptor(found)}
    names = {name for name in names if not name.startswith("__") and name != but}
    assert names, f"{thing!r} declares nothing"
    return {name: getattr(thing, name, None) for name in sorted(names)}
