"""A secret is bytes, and shows nothing."""

from __future__ import annotations

from webproxy.access.secret import NOTHING, Secret


def test_it_is_bytes_to_whoever_sends_it() -> None:
    assert b"Basic " + Secret(b"hunter2") == b"Basic hunter2"
    assert b"%b" % Secret(b"hunter2") == b"hunter2"
    assert not NOTHING


def test_it_shows_nothing() -> None:
    secret = Secret(b"hunter2")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", "{} {!r}".format(*[secret] * 2), repr((secret,))]
    assert not [text for text in shown if "hunter2" in text]
    assert repr(secret) == "Secret(...)"
