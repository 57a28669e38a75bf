"""A conversation with an authority, in RFC 8555's words: directory, account, order, authorization, certificate.

Rule of this file: one question a function, blocking, for a thread; nothing is decided here, nothing is waited for.
Whatever comes back is checked before anybody uses it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from acme import messages
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from josepy.errors import Error as JoseError
from josepy.json_util import JSONObjectWithFields, field
from josepy.jwk import JWKEC

from webproxy.router.acme import ari
from webproxy.router.acme.faults import AuthorityError, problem, retry_after
from webproxy.router.acme.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests
    from cryptography.x509 import CertificateSigningRequest

    from webproxy.router.acme.account import Account
    from webproxy.router.acme.schedule import Window
    from webproxy.router.acme.settings import AcmeSettings
    from webproxy.router.acme.solver import Kind

NAMES = 100
"""Authorizations of an order."""


class Order(NamedTuple):
    """An order, as the authority last told it (RFC 8555 §7.1.3).

    :ivar status: pending, ready, processing, valid or invalid.
    :ivar authorizations: their addresses.
    :ivar certificate: its address, once there is one.
    :ivar error: why it is invalid.
    :ivar retry_after: seconds after which to look again, if the authority said so.
    """

    url: str
    status: str
    authorizations: tuple[str, ...]
    finalize: str
    certificate: str
    error: AuthorityError | None
    retry_after: float | None


class Authorization(NamedTuple):
    """That a domain is ours, or is to be shown to be (RFC 8555 §7.1.4).

    :ivar status: pending, valid, or one of those that come to nothing.
    :ivar name: where the proof is to be shown, as :meth:`Solver.present` has it.
    :ivar value: the proof.
    :ivar challenge: its address.
    :ivar asked: whether the authority has been told to look.
    """

    url: str
    domain: str
    status: str
    name: str
    value: str
    challenge: str
    asked: bool
    error: AuthorityError | None
    retry_after: float | None


class _NewOrder(messages.NewOrder):
    """With what the library does not know of (RFC 9773 §5)."""

    replaces: str = field("replaces", omitempty=True)


class _Nothing(JSONObjectWithFields):
    """``{}``, which the library would take for no body at all, and that is something else (RFC 8555 §6.3)."""

    def __bool__(self) -> bool:
        return True


class Authority:
    """One conversation.

    :param keep: has an account written down.
    """

    def __init__(self, settings: AcmeSettings, account: Account, keep: Callable[[Account], None]) -> None:
        self._settings = settings
        self._account = account
        self._keep = keep
        key: Any = load_pem_private_key(account.key.encode(), None)
        self._key = JWKEC(key=key)
        self._network = Network(self._key, settings.ca)
        self._directory: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<Authority {self._settings.directory}>"

    def close(self) -> None:
        """Close its connections."""
        self._network.session.close()

    # Directory and account

    def look_up(self) -> None:
        """Ask for the directory (RFC 8555 §7.1.1)."""
        said = _json(self._network.get(self._settings.directory))
        if not all(isinstance(said.get(name), str) for name in ("newNonce", "newAccount", "newOrder")):
            raise AuthorityError(f"{self._settings.directory} is no ACME directory")
        self._directory = said

    @property
    def informs(self) -> bool:
        """Whether it has renewal information."""
        return isinstance(self._directory.get("renewalInfo"), str)

    def sign_in(self) -> None:
        """Have an account there (RFC 8555 §7.3), with what the settings say now."""
        if not self._account.url:
            self._register()
        self._network.account = {"uri": self._account.url}  # type: ignore[assignment] # all that is read of it
        if self._account.email != self._settings.email:
            contact = (f"mailto:{self._settings.email}",) if self._settings.email else ()
            self._ask(self._account.url, messages.UpdateRegistration(contact=contact))
            self._changed(email=self._settings.email)

    def _register(self) -> None:
        settings = self._settings
        said: dict[str, Any] = {"terms_of_service_agreed": True}
        if settings.eab_kid:  # RFC 8555 §7.3.4
            said["external_account_binding"] = messages.ExternalAccountBinding.from_data(
                self._key.public_key(), settings.eab_kid, settings.eab_key, messages.Directory(self._directory)
            )
        self._network.account = None
        answer = self._ask(
            self._directory["newAccount"], messages.NewRegistration.from_data(email=settings.email or None, **said)
        )
        self._changed(url=_location(answer), email=settings.email)

    def _changed(self, **what: str) -> None:
        self._account = replace(self._account, **what)
        self._keep(self._account)

    # Orders

    def new_order(self, names: tuple[str, ...], replaces: str) -> Order:
        """Make an order (RFC 8555 §7.4).

        :param replaces: what identifies the certificate that it is to replace (RFC 9773 §5); empty for none.
        """
        profile = self._profile()
        identifiers = [messages.Identifier(typ=messages.IDENTIFIER_FQDN, value=name) for name in names]
        wish = _NewOrder(identifiers=identifiers, profile=profile, replaces=replaces if self.informs else "")
        try:
            answer = self._ask(self._directory["newOrder"], wish)
        except AuthorityError as error:
            if error.type == "accountDoesNotExist":  # it has forgotten us; the same key may have another
                self._register()
                self._network.account = {"uri": self._account.url}  # type: ignore[assignment]
            elif not wish.replaces or error.type not in ("alreadyReplaced", "malformed"):
                raise
            answer = self._ask(self._directory["newOrder"], wish.update(replaces=""))
        return _order(_location(answer), answer)

    def _profile(self) -> str:
        """Give the profile that is wanted (draft-ietf-acme-profiles), if there is such a one."""
        wanted = self._settings.profile
        meta = self._directory.get("meta")
        offered = meta.get("profiles") if isinstance(meta, dict) else None
        if wanted and (not isinstance(offered, dict) or wanted not in offered):
            names = ", ".join(sorted(offered)[:10]) if isinstance(offered, dict) else ""
            told = f"the profiles {names}" if names else "no profiles"
            raise AuthorityError(f"it has no profile {wanted}; it offers {told}", refused=True)
        return wanted

    def order(self, url: str) -> Order:
        """Ask how an order stands."""
        return _order(url, self._ask(url))

    def authorization(self, url: str, kind: Kind) -> Authorization:
        """Ask how an authorization stands, and what is to be shown for it.

        :raises AuthorityError: as well when it takes no proof of this kind.
        """
        answer = self._ask(url)
        said = _json(answer)
        try:
            found = messages.Authorization.from_json(said)
            domain = found.identifier.value
            bodies = [one for one in found.challenges if one.chall.typ == kind]
        except (JoseError, AttributeError, TypeError, ValueError) as error:
            raise AuthorityError("its authorization makes no sense") from error
        if not bodies:
            raise AuthorityError(f"it takes no {kind} for {domain}", refused=True)
        body: Any = bodies[0]
        name = body.chall.validation_domain_name(domain) if kind == "dns-01" else body.chall.encode("token")
        return Authorization(
            url,
            domain,
            found.status.name,
            name,
            body.chall.validation(self._key),
            body.uri,
            body.status not in (None, messages.STATUS_PENDING),
            _error(said),
            _wait(answer),
        )

    def answer(self, challenge: str) -> None:
        """Say that a proof is shown (RFC 8555 §7.5.1)."""
        self._ask(challenge, _Nothing())

    def finalize(self, order: Order, request: CertificateSigningRequest) -> Order:
        """Send the request for the certificate (RFC 8555 §7.4)."""
        return _order(order.url, self._ask(order.finalize, messages.CertificateRequest(csr=request)))

    def chain(self, url: str) -> str:
        """Fetch a certificate and its chain, PEM (RFC 8555 §7.4.2)."""
        return self._ask(url).text

    # Renewal information

    def window(self, identifier: str) -> tuple[Window | None, float | None]:
        """Ask when a certificate should be renewed (RFC 9773 §4).

        :returns: the window, if the authority names one; and after how many seconds to ask again, if it says so.
        """
        answer = self._network.get(f"{self._directory['renewalInfo'].rstrip('/')}/{identifier}")
        return ari.window(_json(answer)), _wait(answer)

    def _ask(self, url: str, said: Any = None) -> requests.Response:
        """Post; without a body that is a GET (RFC 8555 §6.3)."""
        return self._network.post(url, said, new_nonce_url=self._directory["newNonce"])


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise AuthorityError("its answer is no JSON object")
    return said


def _order(url: str, answer: requests.Response) -> Order:
    said = _json(answer)
    try:
        found = messages.Order.from_json(said)
        listed = said.get("authorizations") or []
        authorizations = tuple(listed) if isinstance(listed, list) else (None,)
        texts = (found.finalize, found.certificate or "", *authorizations)
    except (JoseError, TypeError, ValueError) as error:
        raise AuthorityError("its order makes no sense") from error
    if len(authorizations) > NAMES or not all(isinstance(text, str) for text in texts) or found.status is None:
        raise AuthorityError("its order makes no sense")
    failed = said.get("error")
    why = problem(failed) if isinstance(failed, dict) else None
    return Order(url, found.status.name, authorizations, texts[0], texts[1], why, _wait(answer))


def _error(said: dict[str, Any]) -> AuthorityError | None:
    """Find what a challenge has failed for (RFC 8555 §8)."""
    for challenge in said.get("challenges") or ():
        error = challenge.get("error") if isinstance(challenge, dict) else None
        if isinstance(error, dict):
            return problem(error)
    return None


def _location(answer: requests.Response) -> str:
    found = answer.headers.get("Location")
    if not found:
        raise AuthorityError("it does not say where it keeps what it has made")
    return found


def _wait(answer: requests.Response) -> float | None:
    return retry_after(answer.headers.get("Retry-After"), time.time())
