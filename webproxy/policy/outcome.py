"""What comes of all the policies' verdicts on one exchange.

Rule of this file: values, and how a verdict is added to them. Who is asked, and when, is the chain's.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from webproxy.policy.verdict import Changes, Deadlines, Rejection, TrafficClass, Verdict

BUILT_IN: Final = "timeout"
"""The built-in policy's name; its is the class of an exchange that nobody has judged, for the limit is its setting."""


class Effects(NamedTuple):
    """What policies have said beside the class; hardly any exchange has it.

    :ivar rejection: to be answered instead of the internal service.
    :ivar rejected_by: name of the policy that rejects; empty when none does.
    :ivar deadlines: limits in place of the class's.
    :ivar upstream: changes to the request's fields.
    :ivar client: changes to the answer's fields; an answer of our own gets what they add.
    :ivar frames: somebody wants the frames of a WebSocket.
    """

    rejection: Rejection | None = None
    rejected_by: str = ""
    deadlines: Deadlines | None = None
    upstream: Changes | None = None
    client: Changes | None = None
    frames: bool = False


NO_EFFECTS: Final = Effects()


class Outcome(NamedTuple):
    """What the policies have said so far, taken together.

    :ivar traffic_class: the class.
    :ivar why: a word for the log: what decided the class.
    :ivar policy: name of the policy that did.
    :ivar effects: everything else; ``None`` when there is nothing else.
    """

    traffic_class: TrafficClass
    why: str
    policy: str
    effects: Effects | None = None

    @property
    def rejection(self) -> Rejection | None:
        """What is to be answered instead of the internal service."""
        return None if self.effects is None else self.effects.rejection

    @property
    def reason(self) -> str:
        """What the log says behind ``why=``: the word, with the policy's name in front unless it is the built-in's."""
        return self.why if self.policy == BUILT_IN else f"{self.policy}:{self.why}"


def with_verdict(outcome: Outcome, name: str, verdict: Verdict) -> Outcome:
    """Give the outcome with what one policy says added to it.

    :raises TypeError: that is no verdict.
    """
    if not isinstance(verdict, Verdict):
        raise TypeError(f"a hook returned {verdict!r}, not a Verdict")
    before, by, after = verdict.last_made
    if before is outcome and by is name:  # policies say the same few things again and again: 0.1 us instead of 2
        return after  # type: ignore[no-any-return]
    after = _added(outcome, name, verdict)
    object.__setattr__(verdict, "last_made", (outcome, name, after))
    return after


def _added(outcome: Outcome, name: str, verdict: Verdict) -> Outcome:
    rejection, rejected_by, deadlines, upstream, client, frames = outcome.effects or NO_EFFECTS
    if verdict.rejection is not None:
        rejection, rejected_by = verdict.rejection, name
    effects = Effects(
        rejection,
        rejected_by,
        _joined(deadlines, verdict.deadlines),
        _joined(upstream, verdict.upstream),
        _joined(client, verdict.client),
        frames or verdict.frames,
    )
    said = None if effects == NO_EFFECTS else effects
    if verdict.traffic_class is None:
        return outcome._replace(effects=said)
    return Outcome(verdict.traffic_class, verdict.why, name, said)


def with_rejection(outcome: Outcome, rejection: Rejection, name: str) -> Outcome:
    """Give the outcome with a rejection that no verdict of the policy ``name`` carries."""
    effects = outcome.effects or NO_EFFECTS
    return outcome._replace(effects=effects._replace(rejection=rejection, rejected_by=name))


def _joined(earlier: Any, later: Any) -> Any:
    """Put two values that know ``then`` together; either may be missing."""
    return later if earlier is None else earlier if later is None else earlier.then(later)
