"""What a policy may say of an exchange: values, checked when they are made.

Rule of this file: whatever a verdict may say is said here, and a verdict that could harm (a line break in a field, a
field that changes where a message ends) cannot be made. Limits are seconds without a byte; ``math.inf`` is no limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from webproxy.message.hop_by_hop import ESSENTIAL, HOP_BY_HOP

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Fields that say how messages are framed or how long a connection lasts: the proxy's own, never a policy's.
PROTECTED = HOP_BY_HOP | ESSENTIAL | {b"expect", b"trailer", b"x-request-id"}

_CLASS = re.compile(r"[A-Z][A-Z0-9_-]{0,31}")
_WHY = re.compile(r"[!-~]{0,64}")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}")
_VALUE = re.compile(r"(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?")
_SENTENCE = re.compile(r"[ -~\xa0-\U0010ffff]{1,1000}")


@dataclass(frozen=True, slots=True)
class TrafficClass:
    """A kind of traffic, and how long it may be silent.

    :param name: in capitals, as in the log; a policy may have classes of its own.
    :param limit: idle limit in seconds, ``math.inf`` for none.
    :raises ValueError: a name that is not one word in capitals, or a limit that is not above 0.
    """

    name: str
    limit: float

    def __post_init__(self) -> None:
        if not _CLASS.fullmatch(self.name):
            raise ValueError(f"the class {self.name!r} is not one word in capitals")
        if not self.limit > 0:
            raise ValueError(f"the limit of {self.name} is {self.limit}; it must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Limits that a policy sets itself, in place of what the class says; ``None`` leaves one as it is.

    :param connect: until the connection to the internal service stands.
    :param head: from the request to the head of its answer.
    :param idle: between two bytes of the answer.
    :param stall: for how long the client may read nothing.
    :param upload: between two bytes of the request's body.
    :raises ValueError: a limit that is not above 0.
    """

    connect: float | None = None
    head: float | None = None
    idle: float | None = None
    stall: float | None = None
    upload: float | None = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if (limit := getattr(self, name)) is not None and not limit > 0:
                raise ValueError(f"the deadline {name} is {limit}; it must be above 0")

    def then(self, later: Deadlines) -> Deadlines:
        """Give these with what ``later`` sets in place of its own."""
        own, new = ({name: getattr(lines, name) for name in self.__slots__} for lines in (self, later))
        return Deadlines(**{name: own[name] if new[name] is None else new[name] for name in own})


@dataclass(frozen=True, slots=True)
class Rejection:
    """An answer of the policy's own, in place of the internal service's.

    :param status: 400 to 599.
    :param reason: a sentence for people, in the answer's body and in the log.
    :param retry_after: seconds for Retry-After; ``None`` for none.
    :raises ValueError: no such status, a reason with control characters or of no length, a negative wait.
    """

    status: int
    reason: str
    retry_after: int | None = None

    def __post_init__(self) -> None:
        if not 400 <= self.status <= 599:
            raise ValueError(f"a rejection's status is 400 to 599, not {self.status}")
        if not _SENTENCE.fullmatch(self.reason):
            raise ValueError(f"a rejection's reason is a sentence, not {self.reason!r}")
        if self.retry_after is not None and self.retry_after < 0:
            raise ValueError(f"Retry-After is {self.retry_after}; it must not be below 0")


@dataclass(frozen=True, slots=True)
class Changes:
    """Fields to take away from a head, and then to add to it.

    :param add: (name, value) pairs.
    :param remove: names, in any case; every field of that name goes.
    :ivar pairs: what to add, in bytes.
    :ivar names: what to remove, in bytes and lower case.
    :raises ValueError: not a field name or value (RFC 9110 §5), or one of ``PROTECTED``.
    """

    add: Iterable[tuple[str, str]] = ()
    remove: Iterable[str] = ()
    pairs: tuple[tuple[bytes, bytes], ...] = field(init=False, repr=False, compare=False)
    names: frozenset[bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        added = tuple((name, value) for name, value in self.add)
        removed = tuple(self.remove)
        for name, value in added:
            if not _VALUE.fullmatch(value):
                raise ValueError(f"{value!r} is no value for the field {name}")
        pairs = tuple((_checked(name), value.encode("latin-1")) for name, value in added)
        names = frozenset(_checked(name).lower() for name in removed)
        object.__setattr__(self, "add", added)
        object.__setattr__(self, "remove", removed)
        object.__setattr__(self, "pairs", pairs)
        object.__setattr__(self, "names", names)

    def then(self, later: Changes) -> Changes:
        """Give the changes that amount to these and then ``later``."""
        kept = [pair for pair, (name, _) in zip(self.add, self.pairs, strict=True) if name.lower() not in later.names]
        return Changes((*kept, *later.add), (*self.remove, *later.remove))


def _checked(name: str) -> bytes:
    """Check a field's name (RFC 9110 §5.1)."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no field name")
    if name.lower().encode() in PROTECTED:
        raise ValueError(f"{name} frames the message or belongs to the connection: it is the proxy's own")
    return name.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a policy says of an exchange. Nothing said is left as it is; to say nothing at all, a hook returns None.

    :param traffic_class: the class; replaces what earlier policies said, up or down.
    :param why: a short word for the log: what decided the class.
    :param deadlines: limits in place of the class's.
    :param rejection: answer this, and do not ask the internal service (see :func:`reject`). On the response: answer
        this instead, and close the connection to it.
    :param upstream: changes to the request on its way to the internal service.
    :param client: changes to the answer on its way to the client. An answer of our own, a rejection's, gets what is
        to be added; its few fields are the proxy's, and none of them is removed.
    :param frames: of a WebSocket, bridge frame by frame rather than as a tunnel. On the request only.
    :raises ValueError: ``why`` is not one word.
    """

    traffic_class: TrafficClass | None = None
    why: str = ""
    deadlines: Deadlines | None = None
    rejection: Rejection | None = None
    upstream: Changes | None = None
    client: Changes | None = None
    frames: bool = False
    # What was made of it last time: the outcome before, whose verdict it was, the outcome after.
    last_made: tuple[Any, str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _WHY.fullmatch(self.why):
            raise ValueError(f"why is one short word, not {self.why!r}")
        object.__setattr__(self, "last_made", (None, "", None))


def reject(status: int, reason: str, retry_after: int | None = None, *, client: Changes | None = None) -> Verdict:
    """Give the verdict that answers instead of the internal service.

    :param status: 400 to 599.
    :param reason: a sentence for people; the log has it too.
    :param retry_after: seconds for Retry-After.
    :param client: fields to add to the answer, ``RateLimit`` for example; what it would remove is not there.
    :raises ValueError: as :class:`Rejection` does.
    """
    return Verdict(rejection=Rejection(status, reason, retry_after), client=client)
