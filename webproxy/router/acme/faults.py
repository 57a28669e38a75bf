"""What can go wrong with an authority: an error that carries its words, and how long it wants to be left alone.

Rule of this file: everything that an authority or the way to it does wrong becomes one error, with a sentence of one
line and bounded length; who reads it may show it to anybody.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

LONGEST = 500
"""Characters of an authority's words."""
_PREFIX = "urn:ietf:params:acme:error:"


class AuthorityError(Exception):
    """The authority did not do what was asked.

    :param why: a sentence, the authority's own if there is one.
    :param retry_after: seconds for which it wants to be left alone; ``None`` when it said nothing.
    :param type: of its problem (RFC 8555 §6.7), without the prefix; empty when it did not get so far.
    :param refused: whether it has answered, and would answer the same again: the order is of no use any more.
    """

    def __init__(self, why: str, *, retry_after: float | None = None, type: str = "", refused: bool = False) -> None:  # noqa: A002 - RFC 7807's name
        super().__init__(why)
        self.why = plain(why)
        self.retry_after = retry_after
        self.type = type
        self.refused = refused


def plain(text: str) -> str:
    """Put a text on one line that is not too long, without anything that a terminal would obey."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text[: LONGEST * 4]).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def problem(said: Any, retry_after: float | None = None, status: int = 0) -> AuthorityError:
    """Read a problem document (RFC 7807, RFC 8555 §6.7).

    :param said: the JSON that came; anything at all.
    :param status: of the answer that it came in; 0 for one inside of another object.
    """
    if not isinstance(said, dict):
        return AuthorityError(
            f"it answered {status}, and does not say why", retry_after=retry_after, refused=_final(status, "")
        )
    type_ = said.get("type")
    short = type_.removeprefix(_PREFIX) if isinstance(type_, str) else ""
    parts = [part for part in said.get("subproblems") or () if isinstance(part, dict)][:5]
    details = [_detail(said), *(_detail(part) for part in parts)]
    words = "; ".join(detail for detail in details if detail) or f"it answered {status}, and does not say why"
    why = f"{words} ({short})" if short else words
    return AuthorityError(why, retry_after=retry_after, type=short, refused=_final(status, short))


def _detail(said: dict[str, Any]) -> str:
    detail = said.get("detail") or said.get("title")
    about = said.get("identifier")
    name = about.get("value") if isinstance(about, dict) else None
    text = detail if isinstance(detail, str) else ""
    return f"{name}: {text}" if isinstance(name, str) and text else text


def _final(status: int, type_: str) -> bool:
    """Whether asking the same again would come to the same: not after 429, and not when it is the server's fault."""
    return type_ not in ("rateLimited", "badNonce", "serverInternal") and (status < 500 and status != 429)


def retry_after(text: str | None, now: float) -> float | None:
    """Read a Retry-After (RFC 9110 §10.2.3): seconds, or a date.

    :param now: seconds since the epoch.
    :returns: seconds from now; ``None`` when nothing that makes sense was said.
    """
    if text is None or len(text) > 64:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
