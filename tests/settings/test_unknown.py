"""Options that are none of ours are answered with what was probably wanted."""

from __future__ import annotations

import pytest

from webproxy.settings.unknown import stray_word, unknown_key, unknown_option, unknown_variable

NO_CERTIFICATE = "webproxy takes no certificate; leave it out; a self-signed certificate here would break the router's"
NOT_THERE = "there is no such option"
TWISTDS = "this is an option of twistd; write it before the word webproxy, as in twistd -n webproxy"


@pytest.mark.parametrize(
    "word", ["--certificate", "--cert", "--key", "--tls", "--ssl", "--https", "--ssl-keyfile", "--TLS", "--private_key"]
)
def test_certificates_are_refused(word: str) -> None:
    assert str(unknown_option(f"{word}=secret.pem")) == f"{word}: {NO_CERTIFICATE}"


@pytest.mark.parametrize("name", ["password", "passwd", "pass"])
def test_passwords_in_words_are_refused_with_the_reason(name: str) -> None:
    sentence = str(unknown_option(f"--{name}=hunter2"))
    assert sentence == (
        f"--{name}: every user of this machine can read a password in the words of a command (ps shows them); "
        "leave it out to be asked, or give --password-file FILE, - for stdin"
    )
    assert str(unknown_key(name, f"a.toml:1: {name}")) == (
        f"a.toml:1: {name}: a password does not belong into a file that is copied and shown; "
        'write it into a file of its own, chmod 600, and here: password-file = "/path/to/it"'
    )


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


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("prot", "there is no such setting; did you mean port?"),
        ("Log_Format", "there is no such setting; write it log-format"),
        ("cert", NO_CERTIFICATE),
        ("zebra", "there is no such setting; webproxy config schema lists those there are"),
    ],
)
def test_keys_of_files(key: str, answer: str) -> None:
    assert str(unknown_key(key, f"a.toml:1: {key}")) == f"a.toml:1: {key}: {answer}"


def test_variables_that_are_nearly_ours() -> None:
    assert str(unknown_variable("WEBPROXY_TRUSTS", "trusts")).endswith("did you mean WEBPROXY_TRUST?")
    assert unknown_variable("WEBPROXY_SERVICE_PORT", "service-port") is None
