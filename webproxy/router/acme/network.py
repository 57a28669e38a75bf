"""The way to an authority: certbot's network, with bounds.

Rule of this file: blocking, for a thread; no answer is larger than it may be, a nonce is refused so often and no more,
and whatever goes wrong comes out as :class:`~webproxy.router.acme.faults.AuthorityError`. RFC 8555 §6.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests
from acme.client import ClientNetwork
from acme.errors import Error as AcmeError
from acme.jws import Header
from josepy.errors import Error as JoseError
from josepy.jwa import ES256
from requests.adapters import HTTPAdapter

from webproxy.router.acme.faults import AuthorityError, problem, retry_after
from webproxy.version import version

if TYPE_CHECKING:
    from pathlib import Path

    from josepy.jwk import JWK

LARGEST = 1 << 20
"""Bytes of an answer."""
PATIENCE = 30
"""Seconds for a connection, and between two pieces of an answer."""
NONCES = 20
"""How often one request is tried again for its nonce; Pebble refuses one of twenty by itself."""


class _Bounded(HTTPAdapter):
    """Reads an answer whole, if it is not too large."""

    def send(self, *given: Any, **more: Any) -> requests.Response:
        """Ask, and read."""
        answer = super().send(*given, **{**more, "stream": True})
        pieces, size = [], 0
        for piece in answer.iter_content(65536):
            size += len(piece)
            if size > LARGEST:
                answer.close()
                raise AuthorityError(f"its answer is larger than {LARGEST} bytes")
            pieces.append(piece)
        answer._content = b"".join(pieces)  # noqa: SLF001 - as Response.content does
        return answer


class Network(ClientNetwork):
    """Signs and sends.

    :param key: the account's.
    :param ca: file of the authorities that the directory's own TLS is checked against.
    """

    def __init__(self, key: JWK, ca: Path | None) -> None:
        super().__init__(key, alg=ES256, user_agent=f"webproxy-router/{version()} acme-python", timeout=PATIENCE)
        self.verify_ssl = str(ca) if ca is not None else True  # type: ignore[assignment] # requests takes both
        self.session.mount("https://", _Bounded())

    def _send_request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        if not isinstance(url, str) or not url.startswith("https://"):  # RFC 8555 §6.1
            raise AuthorityError("it gave an address that is not https")
        try:
            return super()._send_request(method, url, *args, **kwargs)
        except requests.RequestException as error:
            raise AuthorityError(f"{url} {reason(error)}") from error
        except OSError as error:  # the file of authorities
            raise AuthorityError(f"{url} cannot be asked: {error.strerror or error}") from error
        except ValueError as error:  # of addresses that requests cannot read
            raise AuthorityError(f"it gave an address that makes no sense: {error}") from error

    def _check_response(self, response: requests.Response, content_type: str | None = None) -> requests.Response:  # type: ignore[override]
        """Tell an answer from a problem (RFC 8555 §6.7)."""
        if response.ok:
            return response
        try:
            said = response.json()
        except ValueError:
            said = None
        wait = retry_after(response.headers.get("Retry-After"), time.time())
        raise problem(said, wait, response.status_code)

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Sign and send; try another nonce when one is refused (RFC 8555 §6.5)."""
        for _ in range(NONCES):
            answer = self._tried(*args, **kwargs)
            if answer is not None:
                return answer
        raise AuthorityError(f"it has refused {NONCES} nonces, one after the other")

    def _tried(self, *args: Any, **kwargs: Any) -> requests.Response | None:
        """Sign and send once; ``None`` when the nonce was refused."""
        try:
            return self._post_once(*args, **kwargs)
        except AuthorityError as error:
            if error.type != "badNonce":
                raise
            self._nonces.clear()  # what else came before may be as old
            return None
        except (AcmeError, JoseError) as error:
            raise AuthorityError(f"its answer makes no sense: {type(error).__name__}") from error

    def _add_nonce(self, response: requests.Response) -> None:
        """Keep a nonce for the next request; an answer without one is none to fail for (RFC 8555 §6.5)."""
        nonce = response.headers.get(self.REPLAY_NONCE_HEADER)
        if nonce and len(self._nonces) < NONCES:
            self._nonces.add(Header._fields["nonce"].decode(nonce))

    def _get_nonce(self, url: str, new_nonce_url: str) -> str:
        nonce = super()._get_nonce(url, new_nonce_url) if self._nonces else None
        if nonce is None:
            self._add_nonce(self._check_response(self.head(new_nonce_url)))
            if not self._nonces:
                raise AuthorityError("it gives no nonce")
            nonce = self._nonces.pop()
        return nonce


def reason(error: BaseException) -> str:
    """Say in a few words why somebody could not be reached."""
    if isinstance(error, requests.exceptions.SSLError):
        return f"has a certificate that cannot be trusted: {_deepest(error)}"
    if isinstance(error, requests.exceptions.Timeout):
        return "does not answer in time"
    return f"cannot be reached: {_deepest(error)}"


def _deepest(error: BaseException) -> str:
    """Find the system's own words: what raised it is the last of a chain of errors about errors."""
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in seen and len(seen) < 20:
        seen.append(at)
        inner = getattr(at, "reason", None) or next((one for one in at.args if isinstance(one, BaseException)), None)
        at = inner if isinstance(inner, BaseException) else at.__cause__ or at.__context__
    for one in reversed(seen):
        if isinstance(one, OSError) and one.strerror and not isinstance(one, requests.RequestException):
            return getattr(one, "verify_message", "") or one.strerror
    return str(seen[-1]) or type(seen[-1]).__name__
