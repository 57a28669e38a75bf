"""Options that are none of ours are answered with what was probably wanted."""

from __future__ import annotations

import pytest

from webproxy.settings.unknown import stray_word, unknown_option

NO_CERTIFICATE = "webproxy takes no certificate; leave it out; a self-signed certificate here would break the router's"
NOT_THERE = "there is no such option"
TWISTDS = "this is an option of twistd; write it before the word webproxy, as in twistd -n webproxy"


@pytest.mark.parametrize(
    "word", ["--certificate", "--cert", "--key", "--tls", "--ssl", "--https", "--ssl-keyfile", "--TLS", "--private_key"]
)
def test_certificates_are_refused(word: str) -> None:
    assert str(unknown_option(f"{word}=secret.pem")) == f"{word}: {NO_CERTIFICATE}"


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("--prot", f"{NOT_THERE}; did you mean --port?"),
        ("--prot=80", f"{NOT_THERE}; did you mean --port?"),
        ("--int", f"{NOT_THERE}; did you mean --internal?"),
        ("-p", f"{NOT_THERE}; did you mean --port?"),
        ("--on_disconnect", f"{NOT_THERE}; write it --on-disconnect"),
        ("-port", f"{NOT_THERE}; write it --port"),
        ("--zebra", f"{NOT_THERE}; --help lists those there are"),
        ("--", f"{NOT_THERE}; --help lists those there are"),
        ("-n", TWISTDS),
        ("--reactor=epoll", TWISTDS),
        ("--logfile", TWISTDS),
    ],
)
def test_others_are_told_what_was_meant(word: str, answer: str) -> None:
    error = unknown_option(word)
    assert str(error) == f"{word.partition('=')[0]}: {answer}"
    assert error.exit_status == 2


def test_a_word_too_many() -> None:
    assert str(stray_word("8080")) == "'8080': an option must stand before this word; did you mean --internal 8080?"
