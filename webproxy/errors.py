"""Errors by whose fault they are and in which phase they happened.

Rule of this room: an error's type says who must mend it (operator, client, upstream) and carries what the
answer needs; nothing here formats an answer or knows a transport.
"""

from __future__ import annotations

from typing import Literal

Phase = Literal["connect", "head", "body"]


class WebproxyError(Exception):
    """Base of every error that webproxy raises on purpose."""


class SettingsError(WebproxyError):
    """An option or a settings value is wrong: the operator mends it before the start (exit status 2).

    :param where: the option, or file and key path, that holds the value.
    :param what: what is wrong with it, value included.
    :param right: what would be right; may be empty when ``what`` already says so.
    """

    exit_status = 2

    def __init__(self, where: str, what: str, right: str = "") -> None:
        super().__init__(where, what, right)
        self.where = where
        self.what = what
        self.right = right

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}"
        return f"{sentence}; {self.right}" if self.right else sentence


class StartError(WebproxyError):
    """The settings are right, but starting fails: a port in use, an unwritable log (exit status 1)."""

    exit_status = 1

    def __init__(self, what: str, right: str = "") -> None:
        super().__init__(what, right)
        self.what = what
        self.right = right

    def __str__(self) -> str:
        return f"{self.what}; {self.right}" if self.right else self.what


class ClientProtocolError(WebproxyError):
    """The client broke HTTP or a limit of ours; it is answered with ``status`` and the connection closes.

    :param status: status code of the answer (4xx or 5xx of RFC 9110 §15).
    :param detail: one sentence for the client and the log.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


class UpstreamError(WebproxyError):
    """The internal service, or the way to it, failed.

    :param detail: one sentence for the client and the log.
    """

    status = 502

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class UpstreamRefused(UpstreamError):
    """No connection came about; not a byte was sent, so another attempt harms nobody."""


class UpstreamTimeout(UpstreamError):
    """A deadline passed.

    :param phase: what was being waited for.
    """

    status = 504

    def __init__(self, detail: str, phase: Phase) -> None:
        super().__init__(detail)
        self.phase = phase


class UpstreamGone(UpstreamError):
    """An established connection ended before the answer was complete.

    :param bytes_sent: how many bytes of the request had been written to it.
    :param head_received: whether the answer's head had arrived.
    """

    def __init__(self, detail: str, *, bytes_sent: int, head_received: bool) -> None:
        super().__init__(detail)
        self.bytes_sent = bytes_sent
        self.head_received = head_received


class UpstreamProtocolError(UpstreamError):
    """What the internal service sent is not HTTP, or is ambiguous HTTP; it is never repaired."""


class UpstreamSpeaksTls(UpstreamProtocolError):
    """The internal service speaks TLS where plain HTTP is wanted: the operator mends it."""

    def __init__(self) -> None:
        super().__init__("the internal service speaks TLS, and webproxy wants its plain HTTP port")
