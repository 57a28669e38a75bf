"""Which groups keys are agreed on in: those of Mozilla's "intermediate", and nothing beside them.

Rule of this file: one setting, which OpenSSL has and Python does not show before 3.15. Where it cannot be set, what
OpenSSL chooses by itself holds: it has two more elliptic curves (secp521r1, X448), and groups of finite fields, which
cost more and protect no better.
"""

from __future__ import annotations

import ctypes
import ssl
import sys
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL

try:
    import _ssl
except ImportError:  # pragma: no cover - a Python with another ssl
    _ssl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from types import ModuleType

ELLIPTIC = "X25519:prime256v1:secp384r1"
"""wiki.mozilla.org/Security/Server_Side_TLS, version 5.7."""
HYBRID = f"X25519MLKEM768:{ELLIPTIC}"
"""With the one that a quantum computer does not break (draft-ietf-tls-ecdhe-mlkem), which browsers offer first."""

_SET_GROUPS_LIST = 92
"""SSL_CTRL_SET_GROUPS_LIST, of SSL_CTX_ctrl(3)."""
_KNOWN = (3, 10) <= sys.version_info < (3, 15) and sys.implementation.name == "cpython"
"""Of these Pythons we know that an SSLContext begins with the SSL_CTX; aiofastnet takes it from there as well."""


def groups_of(version: tuple[int, ...]) -> str:
    """Give the groups that a version of OpenSSL has (3.5 brought the hybrid one)."""
    return HYBRID if version >= (3, 5) else ELLIPTIC


def restrict(context: ssl.SSLContext) -> bool:
    """Let a context agree on nothing else.

    :returns: whether it could be set.
    """
    wanted = groups_of(ssl.OPENSSL_VERSION_INFO)
    if hasattr(context, "set_groups"):  # pragma: no cover - Python 3.15
        context.set_groups(wanted)
        return True
    control = _control(_ssl) if _KNOWN and ssl.OPENSSL_VERSION.startswith("OpenSSL ") else None
    if control is None:
        return False
    pointer = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    return bool(control(pointer, _SET_GROUPS_LIST, 0, wanted.encode()))


def restrict_portable(context: SSL.Context) -> None:
    """Do the same to one of pyOpenSSL's, whose OpenSSL is another."""
    number = SSL.OPENSSL_VERSION_NUMBER
    wanted = groups_of((number >> 28, number >> 20 & 0xFF))
    library: Any = SSL._lib  # type: ignore[attr-defined]  # noqa: SLF001 - its own way takes one curve alone
    library.SSL_CTX_set1_curves_list(context._context, wanted.encode())  # noqa: SLF001


def _control(module: ModuleType | None) -> ctypes._NamedFuncPointer | None:
    """Find SSL_CTX_ctrl in the library that Python's ssl is linked with; ``None`` where it is linked in."""
    path = getattr(module, "__file__", None)
    if path is None:
        return None
    control = ctypes.CDLL(path).SSL_CTX_ctrl
    control.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_char_p)
    control.restype = ctypes.c_long
    return control
