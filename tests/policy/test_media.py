"""Which names and types announce large files, and which streams."""

from __future__ import annotations

import pytest

from webproxy.policy.media import KINDS, _Kinds, file_like, kind_of


@pytest.mark.parametrize("path", ["/a.zip", "/a/b.c.GGUF", "/a b.tar.gz", "a.iso"])
def test_file_like(path: str) -> None:
    assert file_like(path)


@pytest.mark.parametrize("path", ["/", "", "/zip", "/.zip", "/a.zip/", "/a.zip/b", "/a.", "/a.html", "/a.zipx"])
def test_not_file_like(path: str) -> None:
    assert not file_like(path)


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        (b"text/event-stream", "stream"),
        (b"Text/Event-Stream ; charset=utf-8", "stream"),
        (b"application/x-ndjson", "stream"),
        (b"application/grpc", "stream"),
        (b"application/grpc-web+json", "stream"),
        (b"multipart/x-mixed-replace; boundary=frame", "stream"),
        (b"multipart/byteranges; boundary=x", "byteranges"),
        (b"application/octet-stream", "binary"),
        (b"video/mp4", "binary"),
        (b"application/vnd.ms-excel", "binary"),
        (b"image/svg+xml", "other"),
        (b"application/vnd.api+json", "other"),
        (b"text/html", "other"),
        (b"application/json", "other"),
        (b"", "other"),
        (b"\xff\xfe", "other"),
        (b"text/plain; x=" + b"y" * 200, "other"),
    ],
)
def test_kinds(content_type: bytes, kind: str) -> None:
    assert kind_of(content_type) == kind


def test_kinds_are_remembered_up_to_a_bound() -> None:
    assert KINDS[b"video/mp4"] == "binary"
    kinds = _Kinds()
    assert kinds[b"text/plain; x=" + b"y" * 200] == "other"
    assert not kinds
    for number in range(300):
        assert kinds[b"text/event-stream; n=%d" % number] == "stream"
    assert len(kinds) == 256
