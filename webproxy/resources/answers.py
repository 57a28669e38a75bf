"""The words of the answers that we give ourselves when the internal service gives none.

They say which hop failed and what to do, to somebody who may never have heard of webproxy.
"""

from __future__ import annotations

from typing import NamedTuple

from webproxy.errors import UpstreamError, UpstreamRefused, UpstreamSpeaksTls, UpstreamTimeout

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
    if isinstance(error, UpstreamTimeout):
        return Answer(504, f"webproxy: {error.detail}.")
    return Answer(error.status, f"webproxy: {error.detail}.")


def for_silence(internal: str, limit: float, traffic_class: str) -> Answer:
    """The answer to a request for which the internal service kept silent for its whole idle limit."""
    return Answer(
        504,
        f"webproxy: the internal service on {internal} took the request but sent nothing for {limit:g} s, "
        f"the idle limit of class {traffic_class}.",
    )
