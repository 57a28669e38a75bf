"""The part of the table of options that is about the router: where it is, who we are to it, who may still come past it.

Rule of this file: a row an option, and the parsers of what only these rows hold. Nothing is connected to.
"""

from __future__ import annotations

import re
import ssl

from webproxy.settings.choices import one_of
from webproxy.settings.credentials import existing, one_line
from webproxy.settings.model import Direct, Hsts
from webproxy.settings.names import public_url
from webproxy.settings.option import Option
from webproxy.settings.wrong import TextError

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_TOKEN = re.compile(rb"[\x21-\x7e]{1,512}")
_LONGEST_LABEL = 40
_EXAMPLE = "https://router.internal:8443"


def router_url(text: str) -> str:
    """Read where the router's control port is.

    :returns: scheme, host and port, without a slash at the end; empty for none.
    :raises TextError: not https, or without a port.
    """
    if not text:
        return ""
    _, colon, port = text.removesuffix("/").rpartition(":")
    if not colon or not port.isdecimal():
        raise TextError(f"{text!r} names no port", f"write the router's control port, as in {_EXAMPLE}")
    url = public_url(text)
    if not url.startswith("https://"):
        raise TextError(f"{text!r} is not https", f"the token would travel in clear; write {_EXAMPLE}")
    return url if url.endswith(f":{int(port)}") else f"{url}:{int(port)}"


def token_file(text: str) -> str:
    """Read which file holds the token; a token that cannot be one is found out here.

    :returns: an absolute path: the token is read anew for every word to the router.
    :raises TextError: there is no such file, or it holds no token.
    """
    path = existing("the line that webproxy-router tokens add prints, chmod 600")(text)
    check_token(path)
    return path


def check_token(path: str) -> str:
    """Read the token that a file holds.

    :raises TextError: it holds none.
    """
    token = one_line(path)
    if not _TOKEN.fullmatch(token):
        raise TextError(f"{path} holds no token", "write the line that webproxy-router tokens add prints")
    return token.decode("ascii")


def authority_file(text: str) -> str:
    """Read which file holds the certificates that vouch for the router.

    :returns: an absolute path.
    :raises TextError: it holds none.
    """
    path = existing("certificates as PEM")(text)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ValueError):
        raise TextError(f"{path} holds no certificate", "give the file of the authority, as PEM") from None
    return path


def label(text: str) -> str:
    """Read what the public name should begin with; empty: whatever the router makes.

    :returns: in lower case: names are compared without case (RFC 4343).
    :raises TextError: it cannot be part of a name.
    """
    if not text:
        return ""
    lower = text.lower()
    if not _LABEL.fullmatch(lower):
        raise TextError(f"{text!r} is no label", "write letters, digits and hyphens, none of these at an end: myapp")
    if len(lower) > _LONGEST_LABEL:
        raise TextError(f"{text!r} is too long", f"give at most {_LONGEST_LABEL} characters")
    return lower


ROUTER = (
    Option(
        name="router",
        metavar="URL",
        help="Get a public https address from the router whose control port this is.",
        parse=router_url,
        default="",
        example=_EXAMPLE,
    ),
    Option(
        name="router-token-file",
        metavar="FILE",
        help="The file with the token that the router's operator gave you; read again for every registration.",
        parse=token_file,
    ),
    Option(
        name="router-ca",
        metavar="FILE",
        help="Take the router's word if one of the certificates in this file vouches for it, and not the public ones.",
        parse=authority_file,
    ),
    Option(
        name="label",
        metavar="NAME",
        help="What the public name should begin with, as in myapp for myapp-husky-delta.",
        parse=label,
        default="",
        example="myapp",
    ),
    Option(
        name="direct",
        metavar="refuse|allow",
        help="Once there is a public address, tell it to who comes to the port past the router (refuse), or serve them "
        "as well, unencrypted (allow).",
        parse=one_of(Direct),
        default="refuse",
    ),
    Option(
        name="hsts",
        metavar="on|off",
        help="Tell browsers that come through the router to stay with https for a year (Strict-Transport-Security).",
        parse=one_of(Hsts),
        default="on",
    ),
)
