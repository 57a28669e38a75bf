"""The service's two names: ``--public-url`` for the one that the public knows, ``--upstream-host`` for its own.

Rule of this file: text -> name, checked by the same rules as a Host field that a client sends. Nothing is looked up.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from webproxy.errors import ClientProtocolError
from webproxy.message.authority import authority
from webproxy.message.origin import origin
from webproxy.settings.wrong import TextError

#: The rules of ``--upstream-host`` that are words, and not a name.
RULES = ("auto", "preserve", "rewrite")

_RULES_AND_NAMES = f"it is {', '.join(RULES)}, or the name to send, as in localhost:8080"
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([/?#].*)?")
_PLAIN = {"ws": "http", "wss": "https"}


def upstream_host(text: str) -> str:
    """Read under which name the internal service is addressed.

    :returns: one of :data:`RULES`, or a ``host[:port]`` in lower case, without HTTP's own port, as clients send it.
    :raises TextError: neither of them, or a name that looks like a misspelt rule.
    """
    if text in RULES:
        return text
    if url := _URL.fullmatch(text):
        raise TextError(f"{text!r} is a URL", f"give its host and port alone: {url[2]}")
    if close := get_close_matches(text.lower(), RULES, n=1, cutoff=0.86):
        raise TextError(f"{text!r} is not known", f"did you mean {close[0]}? {_RULES_AND_NAMES}")
    if not _is_authority(text):
        raise TextError(f"{text!r} is not a name", _RULES_AND_NAMES)
    return origin(b"http", text.encode()).removeprefix(b"http://").decode()


def public_url(text: str) -> str:
    """Read under which origin the public knows the service, or ``auto``: as each request says.

    :returns: scheme, host, and port unless it is the scheme's own (RFC 6454 §6.2); empty for ``auto``.
    :raises TextError: not a URL of a whole service.
    """
    if text == "auto":
        return ""
    url = _URL.fullmatch(text)
    if not url:
        guess = f"https://{text}" if _is_authority(text) else "https://gpu.example.com"
        raise TextError(f"{text!r} is not a URL", f"write {guess}, or auto for what each request says")
    scheme, host, rest = url[1].lower(), url[2], url[3] or ""
    _check_scheme(scheme, host, text)
    if "@" in host:
        raise TextError("a public URL has no user and no password in it", f"write {scheme}://{host.rpartition('@')[2]}")
    if not _is_authority(host):
        raise TextError(f"{text!r} names no host", "write it as in https://gpu.example.com or http://192.0.2.7:12345")
    if rest not in ("", "/"):
        raise TextError(f"{text!r} is more than an origin", f"write {scheme}://{host}; webproxy changes no paths")
    return origin(scheme.encode(), host.encode()).decode()


def _check_scheme(scheme: str, host: str, text: str) -> None:
    if scheme not in ("http", "https"):
        right = f"{_PLAIN.get(scheme, 'https')}://{host.rpartition('@')[2]}"
        raise TextError(f"{text.partition('://')[0]}:// is not the scheme of a web page", f"write {right}")


def _is_authority(text: str) -> bool:
    """Tell whether a Host field may have this value (RFC 9112 §3.2)."""
    try:
        authority(text.encode())
    except ClientProtocolError:
        return False
    return True
