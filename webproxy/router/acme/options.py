"""The options that say where certificates come from, and what they come to together.

Rule of this file: as ``router/options``, whose table these rows join.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from webproxy.errors import SettingsError
from webproxy.router.acme.settings import PRODUCTION, STAGING, AcmeSettings, Challenge
from webproxy.settings.choices import one_of, switch
from webproxy.settings.files import readable_file
from webproxy.settings.option import Option
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST_KEY = 1024
"""Characters of a MAC key."""
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{16,}")


def file(text: str) -> Path:
    """Read a file that is there.

    :raises TextError: it is not, or cannot be read.
    """
    found = readable_file(text)
    if not found:
        raise TextError("no file is named", "give the path of one")
    return Path(found)


def directory(text: str) -> str:
    """Read the URL of a directory (RFC 8555 §6.1: https, always).

    :raises TextError: it is none.
    """
    right = f"write it as in {PRODUCTION}"
    try:
        parts = urlsplit(text)
        sound = parts.scheme == "https" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or not text.isascii() or not text.isprintable() or " " in text or parts.username is not None:
        raise TextError(f"{text!r} is no https URL", right)
    return text


def email(text: str) -> str:
    """Read an address for mail.

    :raises TextError: it is none.
    """
    if not re.fullmatch(r"[!-?A-~]{1,64}@[a-zA-Z0-9.-]{1,253}", text):
        raise TextError(f"{text!r} is no address for mail", "write it as in anna@example.com")
    return text


def mac_key(text: str) -> str:
    """Read a file with the MAC key of an account.

    :returns: the key, without what base64 has at its end.
    :raises TextError: there is none in it.
    """
    path = file(text)
    with path.open("rb") as opened:
        said = opened.read(LARGEST_KEY + 1).decode("latin-1").strip().rstrip("=")
    if len(said) > LARGEST_KEY or not _BASE64URL.fullmatch(said):
        raise TextError(f"{path} holds no key", "the authority gives one as base64url: letters, digits, - and _")
    return said


def word(text: str) -> str:
    """Read one word that is the authority's.

    :raises TextError: it is none.
    """
    if not re.fullmatch(r"[!-~]{1,256}", text):
        raise TextError(f"{text!r} is not one word", "write it as the authority does")
    return text


def command(text: str) -> tuple[str, ...]:
    """Read a command and its first words; no shell reads them.

    :raises TextError: there is no such command.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    found = shutil.which(words[0]) if words else None
    if found is None:
        raise TextError(f"{text!r} is no command", "give the path of one that this user may run")
    return (str(Path(found).absolute()), *words[1:])


OPTIONS = (
    Option(
        name="acme-agree-terms",
        metavar="yes",
        help="Get certificates from an authority, whose terms of service you have read and agree to.",
        parse=switch,
        default="no",
        example="yes",
    ),
    Option(
        name="acme-directory",
        metavar="URL",
        help="The authority's ACME directory; without it, that of Let's Encrypt.",
        parse=directory,
        example=PRODUCTION,
    ),
    Option(
        name="acme-staging",
        metavar="yes|no",
        help="Try things out with Let's Encrypt's staging: generous, and trusted by no browser.",
        parse=switch,
        default="no",
        example="yes",
    ),
    Option(
        name="acme-challenge",
        metavar="|".join(get_args(Challenge)),
        help="How the domain is shown to be yours: by the router's own name server, by a command that sets records in "
        "DNS, or on port 80 with a certificate for each name. Without it, hook if there is one, else dns-01.",
        parse=one_of(Challenge),
        example="http-01",
    ),
    Option(
        name="acme-hook",
        metavar="COMMAND",
        help="The command, and its first words; 'present' or 'withdraw', the domain, the record's name and its text "
        "follow. It ends when the record is seen everywhere. No shell is asked.",
        parse=command,
        example="/etc/webproxy-router/hook",
    ),
    Option(
        name="acme-email",
        metavar="ADDRESS",
        help="Where the authority may write to.",
        parse=email,
        example="anna@example.com",
    ),
    Option(
        name="acme-eab-kid",
        metavar="ID",
        help="Which account of yours at the authority certificates belong to, for authorities that want one.",
        parse=word,
        example="kid-1",
    ),
    Option(
        name="acme-eab-key-file",
        metavar="FILE",
        help="A file with that account's MAC key.",
        parse=mac_key,
        example="/etc/webproxy-router/eab",
    ),
    Option(
        name="acme-profile",
        metavar="NAME",
        help="Which of the authority's kinds of certificates.",
        parse=word,
        example="shortlived",
    ),
    Option(
        name="acme-ca",
        metavar="FILE",
        help="Authorities, PEM, that the directory's own TLS is checked against, for one that not everybody knows.",
        parse=file,
        example="/etc/webproxy-router/company.pem",
    ),
)

_ONLY_WITH = "certificates from files and from an authority exclude each other; give either"


def settle(values: dict[str, Any], said: Mapping[str, object]) -> tuple[AcmeSettings | None, list[SettingsError]]:
    """Find out where certificates come from.

    :param values: of all options; what belongs here is taken out.
    :param said: what somebody has said.
    :returns: the authority, ``None`` for files; and what is wrong.
    """
    mine = {option.name: values.pop(option.name, None) for option in OPTIONS}
    named = [name for name in said if name.startswith("acme-")]
    if "certificate" in said or "key" in said:
        errors = [SettingsError(f"--{name}", "of no use with --certificate", _ONLY_WITH) for name in named]
        lacks = [name for name in ("certificate", "key") if name not in said]
        errors += [
            SettingsError(f"--{name}", "not given", "a certificate and its key belong together") for name in lacks
        ]
        return None, errors
    if mine["acme-agree-terms"] is False:
        if named:
            right = "read the authority's terms of service, and write --acme-agree-terms yes if you agree"
            return None, [SettingsError("--acme-agree-terms", "not given", right)]
        right = "give --certificate and --key, or have the router get its certificates: --acme-agree-terms yes"
        return None, [SettingsError("--certificate", "not given", right)]
    challenge: Challenge = mine["acme-challenge"] or ("hook" if mine["acme-hook"] else "dns-01")
    errors = list(_contradictions(mine, challenge, values, said))
    found = AcmeSettings(
        directory=STAGING if mine["acme-staging"] else mine["acme-directory"] or PRODUCTION,
        challenge=challenge,
        email=mine["acme-email"] or "",
        eab_kid=mine["acme-eab-kid"] or "",
        eab_key=mine["acme-eab-key-file"] or "",
        profile=mine["acme-profile"] or "",
        hook=mine["acme-hook"] or (),
        ca=mine["acme-ca"],
    )
    return found, errors


def _contradictions(
    mine: Mapping[str, Any], challenge: str, values: Mapping[str, Any], said: Mapping[str, object]
) -> Iterator[SettingsError]:
    """Find what does not go together."""
    if mine["acme-staging"] and mine["acme-directory"]:
        yield SettingsError("--acme-staging", "there is an --acme-directory", "give one of the two")
    if (mine["acme-eab-kid"] is None) != (mine["acme-eab-key-file"] is None):
        lacks = "acme-eab-key-file" if mine["acme-eab-kid"] else "acme-eab-kid"
        yield SettingsError(f"--{lacks}", "not given", "an account's id and its key belong together")
    if challenge == "hook" and not mine["acme-hook"]:
        yield SettingsError("--acme-hook", "not given", "--acme-challenge hook wants a command")
    if challenge != "hook" and mine["acme-hook"]:
        yield SettingsError("--acme-hook", f"of no use with --acme-challenge {challenge}", "leave one of the two out")
    if challenge == "http-01" and values.get("http-port", 80) is None:
        yield SettingsError("--http-port", "none, and --acme-challenge http-01 needs it", "authorities ask on port 80")
    if challenge == "http-01" and "control-certificate" not in said:
        right = "with --acme-challenge http-01 there is no certificate of *.DOMAIN that machines could see"
        yield SettingsError("--control-certificate", "not given", right)
