"""The built-in policy ``timeout``: an idle limit that fits the traffic.

Rule of this file: what is known of a request decides its class, and of several the one with the longest limit; what
its answer then shows may raise the class, never lower it. Each reason is a word for the log.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final

from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.policy.endpoints import find_endpoint_anew
from webproxy.policy.media import KINDS, file_like
from webproxy.policy.outcome import BUILT_IN
from webproxy.policy.path import read_text
from webproxy.policy.policy import Policy
from webproxy.policy.setting import Setting, idle_limit
from webproxy.policy.verdict import TrafficClass, Verdict

if TYPE_CHECKING:
    from webproxy.message.head import ResponseHead as ReceivedResponse
    from webproxy.policy.heads import RequestHead, ResponseHead
    from webproxy.policy.media import Kind

SUMMARY: Final = "Gives every exchange its traffic class."
"""What it does; compiled, a class does not remember what its documentation says."""

#: A path that contains one of these is LONG, wherever in it that may be, whatever the method.
LONG_PATHS: Final = ("/api/chat", "/chat/completions", "/api/generate", "/generate", "/stream", "/events")

#: An Accept that has one of these asks for a stream, or for a file.
LONG_TYPES: Final = (b"text/event-stream", b"application/x-ndjson")
DOWNLOAD_TYPE: Final = b"application/octet-stream"

LARGE: Final = 8 * 1024 * 1024
"""From how many bytes on a request counts as an upload, and a binary answer as a download."""


# RFC 6266 §4: attachment in any case; and a file name where the type should be, as ComfyUI sends it.
_FILE: Final = re.compile(rb"[ \t;]*(?:attachment[ \t]*(?:[;,]|\Z)|filename\*?[ \t]*=)", re.IGNORECASE)


# Fields of an answer that tell more than its type and length do.
_TELLING: Final = frozenset((b"content-disposition", b"content-range", b"x-accel-buffering"))


class TimeoutPolicy(Policy):
    """Gives every exchange its traffic class.

    :param default: limit of DEFAULT, in seconds, as all of them; ``math.inf`` for none.
    :param long: limit of LONG: answers that take a GPU's time, streams, answers to uploads.
    :param download: limit of DOWNLOAD.
    :param websocket: limit of WEBSOCKET.
    """

    by_head: ClassVar[bool] = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("default", idle_limit, "60s", "Idle limit of everything else."),
        Setting("long", idle_limit, "10m", "Idle limit of generations, streams, and answers to uploads."),
        Setting("download", idle_limit, "30m", "Idle limit of files."),
        Setting("websocket", idle_limit, "none", "Idle limit of WebSockets."),
    )

    def __init__(
        self, *, default: float = 60.0, long: float = 600.0, download: float = 1800.0, websocket: float = math.inf
    ) -> None:
        self.name = BUILT_IN
        self.default = TrafficClass("DEFAULT", default)
        classes = {name: TrafficClass(name, seconds) for name, seconds in (("LONG", long), ("DOWNLOAD", download))}
        self._classes = classes
        self._longest = max(long, download)
        self._range = Verdict(traffic_class=classes["DOWNLOAD"], why="range")
        self._upload = Verdict(traffic_class=classes["LONG"], why="upload")
        self._upgrade = Verdict(traffic_class=TrafficClass("WEBSOCKET", websocket), why="upgrade")
        # 0.1 us instead of 10 for a path that comes again: at most 2048 of 512 bytes, no queries.
        self._remembered = lru_cache(maxsize=2048)(self._judge)
        self._accepted = lru_cache(maxsize=256)(self._judge_accept)  # clients send few: 0.1 us instead of 1
        self._said = lru_cache(maxsize=32)(self._say)
        self._of_kind = {
            "byteranges": (self._say("DOWNLOAD", "content-type"), download),
            "stream": (self._say("LONG", "content-type"), long),
            "binary": (self._say("DOWNLOAD", "large-file"), download),
        }

    def request_received(self, request: RequestHead) -> Verdict | None:
        """Class by path, fields and body."""
        head = request._head  # noqa: SLF001 - as ``received``, without its call: every request comes here
        fields, body = head.fields.combined, head.body
        path = head.target.partition(b"?")[0]  # a query never counts
        accept = fields.get(b"accept", b"*/*")
        judge = self._remembered if len(path) + len(accept) <= 512 else self._judge
        found = judge(head.method, path, accept)
        if b"range" in fields:
            found = _longer(found, self._range)
        large = body >= LARGE or body < 0
        if large or (b"content-type" in fields and fields[b"content-type"][:10].lower() == b"multipart/"):
            found = _longer(found, self._upload)
        return found

    def response_received(self, request: RequestHead, response: ResponseHead, current: TrafficClass) -> Verdict | None:
        """Class by what the answer turns out to be; only if its limit is longer than the current one."""
        head = response._head  # noqa: SLF001 - as above
        status = head.status
        if status == 101:
            return self._upgrade
        if not head.body or current.limit >= self._longest:  # nothing to wait for, or nothing to raise
            return None
        fields = head.fields.combined
        kind = KINDS[fields[b"content-type"]] if b"content-type" in fields else "other"
        if status != 206 and fields.keys().isdisjoint(_TELLING):  # nearly every answer: its type says all
            typed = self._of_kind.get(kind)
            if typed is None or typed[1] <= current.limit or (kind == "binary" and 0 < head.body < LARGE):
                return None
            return typed[0]
        found = None
        for name, why in (("DOWNLOAD", _file_shown_by(head, kind)), ("LONG", _stream_shown_by(head, kind))):
            if why and self._classes[name].limit > current.limit:
                found = _longer(found, self._said(name, why))
        return found

    def _say(self, name: str, why: str) -> Verdict:
        return Verdict(traffic_class=self._classes[name], why=why)

    def _judge(self, method: bytes, path: bytes, accept: bytes) -> Verdict | None:
        """Judge what method, path and Accept say."""
        found = self._judge_path(method, path)
        if accept == b"*/*":
            return found
        return _longer(found, self._accepted(accept) if len(accept) <= 256 else self._judge_accept(accept))

    def _judge_path(self, method: bytes, raw: bytes) -> Verdict | None:
        """Judge what method and path say: the rule of substrings, the endpoint table, the file's extension."""
        path = read_text(raw)  # not remembered apart: what comes of all this is
        word = method.decode("latin-1")
        found = None
        for part in LONG_PATHS:  # any() takes several times as long
            if part in path:
                found = self._said("LONG", "path")
                break
        endpoint = find_endpoint_anew(word, path)
        if endpoint is not None and endpoint.traffic_class in self._classes:
            found = _longer(found, self._said(endpoint.traffic_class, "endpoint"))
        if word in {"GET", "HEAD"} and file_like(path):
            found = _longer(found, self._said("DOWNLOAD", "extension"))
        return found

    def _judge_accept(self, accept: bytes) -> Verdict | None:
        """Judge which types the client takes (RFC 9110 §12.5.1); their weights do not matter."""
        types = {member.partition(b";")[0].strip(b" \t") for member in accept.lower().split(b",")}
        found = None
        if not types.isdisjoint(LONG_TYPES):
            found = self._said("LONG", "accept")
        if DOWNLOAD_TYPE in types:
            found = _longer(found, self._said("DOWNLOAD", "accept"))
        return found


def _longer(found: Verdict | None, other: Verdict | None) -> Verdict | None:
    """Give the verdict with the longer limit, of equal ones the first."""
    if found is None or found.traffic_class is None:
        return other
    if other is None or other.traffic_class is None or other.traffic_class.limit <= found.traffic_class.limit:
        return found
    return other


def _file_shown_by(head: ReceivedResponse, kind: Kind) -> str:
    """Say what shows that an answer is a file, or a part of one; empty when nothing does."""
    fields = head.fields.combined
    if head.status == 206:
        return "status-206"
    if b"content-range" in fields:
        return "content-range"
    if kind == "byteranges":
        return "content-type"
    disposition = fields.get(b"content-disposition")
    if disposition is not None and _FILE.match(disposition):
        return "content-disposition"
    large = kind == "binary" and (head.body >= LARGE or head.body in {CHUNKED, UNTIL_CLOSE})
    return "large-file" if large else ""


def _stream_shown_by(head: ReceivedResponse, kind: Kind) -> str:
    """Say what shows that an answer comes piece by piece; empty when nothing does."""
    if kind == "stream":
        return "content-type"
    buffering = head.fields.combined.get(b"x-accel-buffering", b"")
    return "x-accel-buffering" if buffering.lower() == b"no" else ""
