"""Words that look like options, keys and variables that look like settings, and are none of ours.

Rule of this file: a word -> the SettingsError that answers it: what the person probably wanted, and why it is refused.
"""

from __future__ import annotations

from difflib import get_close_matches

from webproxy.errors import SettingsError
from webproxy.settings.options import BY_NAME
from webproxy.settings.ports import NO_TLS
from webproxy.settings.wrong import near_miss

#: Parts of option names that ask for TLS, in our neighbours' words (nginx, uvicorn, gunicorn, twist web, vLLM).
TLS_WORDS = frozenset({"acme", "cert", "certfile", "certificate", "certs", "https", "keyfile", "letsencrypt", "pem"})
TLS_WORDS |= {"privatekey", "privkey", "ssl", "sslcert", "sslkey", "tls"}

#: Whole names that do, and whose parts may mean something else.
TLS_NAMES = frozenset({"key", "private-key", "ca", "ca-certs", "chain"})

#: Names by which a password is offered on a command line or in a settings file.
PASSWORD_NAMES = frozenset({"pass", "passwd", "password", "passphrase", "pw"})

#: Options of twistd itself, which stand before the word ``webproxy``.
TWISTD_NAMES = frozenset({"n", "nodaemon", "b", "debug", "l", "logfile", "logger", "syslog", "prefix", "pidfile"})
TWISTD_NAMES |= {"r", "reactor", "help-reactors", "d", "rundir", "chroot", "u", "uid", "g", "gid", "euid", "umask"}


def unknown_option(word: str) -> SettingsError:
    """Answer a word that starts with a dash, but is no option of ours.

    :param word: as it was written; a value after ``=`` is left out.
    """
    written = word.partition("=")[0]
    name = written.lstrip("-").lower().replace("_", "-")
    if _asks_for_tls(name):
        return SettingsError(written, "webproxy takes no certificate", f"leave it out; {NO_TLS}")
    if name in PASSWORD_NAMES:
        what = "every user of this machine can read a password in the words of a command (ps shows them)"
        return SettingsError(written, what, "leave it out to be asked, or give --password-file FILE, - for stdin")
    if name in BY_NAME:
        return SettingsError(written, "there is no such option", f"write it --{name}")
    if name in TWISTD_NAMES:
        return SettingsError(
            written, "this is an option of twistd", "write it before the word webproxy, as in twistd -n webproxy"
        )
    if meant := _begins_with(name) or near_miss(name, BY_NAME):
        return SettingsError(written, "there is no such option", f"did you mean --{meant}?")
    return SettingsError(written, "there is no such option", "--help lists those there are")


def unknown_key(key: str, where: str) -> SettingsError:
    """Answer a key of a settings file that is no setting of ours.

    :param where: its address.
    """
    name = key.lower().replace("_", "-")
    if _asks_for_tls(name):
        return SettingsError(where, "webproxy takes no certificate", f"leave it out; {NO_TLS}")
    if name in PASSWORD_NAMES:
        right = 'write it into a file of its own, chmod 600, and here: password-file = "/path/to/it"'
        return SettingsError(where, "a password does not belong into a file that is copied and shown", right)
    if name in BY_NAME:
        return SettingsError(where, "there is no such setting", f"write it {name}")
    meant = _begins_with(name) or near_miss(name, BY_NAME)
    right = f"did you mean {meant}?" if meant else "webproxy config schema lists those there are"
    return SettingsError(where, "there is no such setting", right)


def unknown_variable(variable: str, name: str) -> SettingsError | None:
    """Answer a variable that is nearly one of ours; None if it may well be somebody else's.

    :param name: the option that it would set.
    """
    meant = next(iter(get_close_matches(name, BY_NAME, n=1, cutoff=0.8)), None)
    if meant is None:
        return None
    right = f"did you mean WEBPROXY_{meant.upper().replace('-', '_')}?"
    return SettingsError(variable, "there is no such setting", right)


def _asks_for_tls(name: str) -> bool:
    return name in TLS_NAMES or not TLS_WORDS.isdisjoint(name.split("-"))


def stray_word(word: str) -> SettingsError:
    """Answer a word that is neither an option nor the value of one."""
    return SettingsError(repr(word), "an option must stand before this word", f"did you mean --internal {word}?")


def _begins_with(name: str) -> str | None:
    """Find the option that an abbreviation stands for; the first one, if for several."""
    return next((known for known in BY_NAME if name and known.startswith(name)), None)
