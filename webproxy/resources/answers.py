"""The words of the answers that we give ourselves when the internal service gives none.

They say which hop failed and what to do, to somebody who may never have heard of webproxy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from webproxy.errors import UpstreamError, UpstreamProtocolError, UpstreamRefused, UpstreamSpeaksTls, UpstreamTimeout

if TYPE_CHECKING:
    from webproxy.downstream.request import Request

Missing: TypeAlias = Literal["connection", "client", "intake", "answer"]
"""What an exchange waited for when its idle limit passed."""

RELOAD_AFTER = 2
"""How soon a client should ask again while the internal service starts, in seconds."""


class Answer(NamedTuple):
    """An answer of our own.

    :ivar status: status code.
    :ivar text: a sentence or two.
    :ivar retry_after: seconds for ``Retry-After`` and for a browser's reload; 0 for neither.
    """

    status: int
    text: str
    retry_after: int = 0


def for_failure(error: UpstreamError, internal: str, *, starting: bool) -> Answer:
    """The answer to a request that the internal service did not answer.

    :param internal: its address.
    :param starting: whether it may still be on its way up.
    """
    if isinstance(error, UpstreamRefused):
        if starting:
            return Answer(503, f"The service behind this address ({internal}) is still starting.", RELOAD_AFTER)
        return Answer(502, f"webproxy: {error.detail}. Start the service there, or name its port with --internal.")
    if isinstance(error, UpstreamSpeaksTls):
        return Answer(502, f"webproxy: {error.detail}. Switch TLS off at {internal}, or name another with --internal.")
    if isinstance(error, UpstreamProtocolError):
        return Answer(502, f"webproxy: the internal service on {internal} gave no sound answer: {error.detail}.")
    if isinstance(error, UpstreamTimeout):
        return Answer(504, f"webproxy: {error.detail}.")
    return Answer(error.status, f"webproxy: {error.detail}.")


_SILENCES: dict[Missing, tuple[int, str]] = {
    "connection": (504, "the internal service on {internal} took no connection"),
    "client": (408, "the client announced a body and sent nothing more of it"),
    "intake": (504, "the internal service on {internal} took nothing more of the request's body"),
    "answer": (504, "the internal service on {internal} took the request but sent nothing"),
}


def for_silence(missing: Missing, internal: str, limit: float, traffic_class: str) -> Answer:
    """The answer to a request with which nothing happened for its whole idle limit.

    :param missing: what it waited for: who fell silent gets the blame (RFC 9110 §15.5.9 or §15.6.5).
    """
    status, who = _SILENCES[missing]
    said = who.format(internal=internal)
    return Answer(status, f"webproxy: {said} for {limit:g} s, the idle limit of class {traffic_class}.")


def give(answer: Answer, request: Request) -> None:
    """Send an answer."""
    wait = answer.retry_after
    request.answer(answer.status, answer.text, [(b"Retry-After", b"%d" % wait)] if wait else (), reload_after=wait)
