"""One issuance: from an order to a certificate on disk (RFC 8555 §7.4), finished if it was begun before.

Rule of this file: the order of the steps, and what is on disk before each. The key is written before there is an order,
the order's address as soon as there is one, proofs before they are shown; the certificate comes with its key in one
file, and only then what was begun goes. So whatever kills the process, the next one finishes or repeats.
Called in the reactor's thread; what blocks is done in others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import CancelledError
from twisted.internet.task import deferLater
from twisted.logger import Logger

from webproxy.router.acme import account, begun
from webproxy.router.acme.authority import Authority
from webproxy.router.acme.faults import AuthorityError
from webproxy.router.acme.folder import CERTIFICATE, ORDER
from webproxy.router.acme.request import UnfitError, leaf_of, new_key, signing_request
from webproxy.router.acme.schedule import polled
from webproxy.router.acme.solver import SolverError
from webproxy.router.acme.threads import TooLongError, in_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from webproxy.router.acme.account import Account
    from webproxy.router.acme.authority import Authorization, Order
    from webproxy.router.acme.begun import Begun
    from webproxy.router.acme.folder import Folder
    from webproxy.router.acme.settings import AcmeSettings
    from webproxy.router.acme.solver import Solver

log = Logger()
_T = TypeVar("_T")

QUESTION = 120.0
"""Seconds for one question to the authority, its nonces included."""
PATIENCE = 600.0
"""Seconds for the authority to look at a proof, and for it to make a certificate."""
DISK = 60.0
"""Seconds for a file."""


class Issuance:
    """Gets certificates from one authority, one at a time.

    :param wall: seconds since the epoch.
    """

    def __init__(
        self, reactor: Any, folder: Folder, settings: AcmeSettings, solver: Solver, wall: Callable[[], float]
    ) -> None:
        self._reactor = reactor
        self._folder = folder
        self._settings = settings
        self._solver = solver
        self._wall = wall

    def __repr__(self) -> str:
        return f"<Issuance by {self._settings.directory}>"

    async def obtain(self, name: str, replaces: str = "") -> bool:
        """Get a certificate, and put it on disk.

        :param name: what it is for, and where it is kept.
        :param replaces: what identifies the one that it replaces; empty for none.
        :returns: whether the authority has renewal information.
        :raises AuthorityError: there is none, for any reason.
        """
        try:
            return await self._obtain(name, replaces)
        except AuthorityError as error:
            if error.refused:  # this order comes to nothing any more; the next one has a key of its own
                await self._disk(self._folder.remove, name, ORDER)
            raise

    async def _obtain(self, name: str, replaces: str) -> bool:
        kept = await self._begin(name)
        await self._clean(kept)
        authority = await self.signed_in()
        try:
            kept, order = await self._placed(authority, name, kept, replaces)
            await self._prove(authority, name, kept, order)
            order = await self._until(authority, order.url, ("ready", "processing", "valid"))
            if order.status == "ready":
                order = await self._ask(authority.finalize, order, signing_request(kept.key, kept.names))
                self._told(name, "asked for the certificate")
            if order.status != "valid" or not order.certificate:
                order = await self._until(authority, order.url, ("valid",))
            chain = await self._ask(authority.chain, order.certificate)
            await self._keep(name, kept, chain)
        finally:
            authority.close()
        return authority.informs

    # Before the order

    async def _begin(self, name: str) -> Begun:
        """Take up what was begun, or begin."""
        data = await self._disk(self._folder.read, name, ORDER)
        if data is not None:
            try:
                found = begun.read(data)
            except ValueError as error:
                await self._disk(self._folder.damaged, self._folder.file(name, ORDER), str(error))
            else:
                if found.serves((name,), self._settings.directory, self._wall()):
                    return found
                await self._clean(found)
        return await self._begin_anew(name)

    async def _begin_anew(self, name: str) -> Begun:
        made = begun.Begun((name,), new_key(), self._settings.directory, self._wall())
        await self._disk(self._folder.write, name, ORDER, made.written())
        self._told(name, "made a key")
        return made

    async def signed_in(self, *, account_too: bool = True) -> Authority:
        """Begin a conversation.

        :param account_too: whether anything will be signed.
        """
        known = await self._disk(self._account)
        authority = Authority(self._settings, known, self._keep_account)
        await self._ask(authority.look_up)
        if account_too:
            await self._ask(authority.sign_in)
        return authority

    def _account(self) -> Account:
        """Read our account, or have a key for one on disk."""
        where = account.file_of(self._settings.directory)
        data = self._folder.read(where, account.KIND)
        if data is not None:
            try:
                found = account.read(data)
                if found.eab_kid == self._settings.eab_kid and found.directory == self._settings.directory:
                    return found
            except ValueError as error:
                self._folder.damaged(self._folder.file(where, account.KIND), str(error))
        made = account.new(self._settings)
        self._keep_account(made)
        return made

    def _keep_account(self, known: Account) -> None:
        self._folder.write(account.file_of(self._settings.directory), account.KIND, known.written())

    async def _placed(self, authority: Authority, name: str, kept: Begun, replaces: str) -> tuple[Begun, Order]:
        """Have an order: the one that was begun, if it may still come to something, or a new one."""
        if kept.url:
            try:
                found = await self._ask(authority.order, kept.url)
            except AuthorityError as error:
                if not error.refused:
                    raise
            else:
                if found.status != "invalid":
                    self._told(name, "found the order that was begun")
                    return kept, found
            kept = await self._begin_anew(name)
        order = await self._ask(authority.new_order, kept.names, replaces)
        self._told(name, "made an order")
        kept = replace(kept, url=order.url)
        await self._disk(self._folder.write, name, ORDER, kept.written())
        self._told(name, "wrote the order down")
        return kept, order

    # Proofs

    async def _prove(self, authority: Authority, name: str, kept: Begun, order: Order) -> None:
        """Show that each name is ours, as far as that is not known."""
        if order.status != "pending":
            return
        found = [await self._ask(authority.authorization, url, self._solver.kind) for url in order.authorizations]
        for one in found:
            if one.status not in ("pending", "valid"):
                raise _come_to_nothing(one)
        open_ = [one for one in found if one.status == "pending"]
        shown = tuple((one.domain, one.name, one.value) for one in open_)
        kept = replace(kept, shown=shown)
        await self._disk(self._folder.write, name, ORDER, kept.written())
        try:
            for one in open_:
                await self._solving(self._solver.present(one.domain, one.name, one.value))
                self._told(name, "shows a proof")
            for one in open_:
                if not one.asked:
                    await self._ask(authority.answer, one.challenge)
                self._told(name, "asked the authority to look")
            for one in open_:
                await self._proved(authority, one)
                self._told(name, "proved it")
        except CancelledError:
            raise  # the next process takes the proofs away, in its own time
        except BaseException:
            await self._clean(kept)
            raise
        await self._clean(kept)

    async def _proved(self, authority: Authority, one: Authorization) -> None:
        """Wait until the authority has looked."""
        until = self._reactor.seconds() + PATIENCE
        tries = 0
        while one.status == "pending":
            if self._reactor.seconds() > until:
                raise AuthorityError(f"it has not looked at the proof for {one.domain} in {PATIENCE:g} s")
            await deferLater(self._reactor, polled(tries, one.retry_after), lambda: None)
            tries += 1
            one = await self._ask(authority.authorization, one.url, self._solver.kind)
        if one.status != "valid":
            raise _come_to_nothing(one)

    async def _clean(self, kept: Begun) -> None:
        """Take proofs away; what cannot be is told, and nothing more."""
        for proof in kept.shown:
            await self._withdraw(*proof)

    async def _withdraw(self, domain: str, record: str, value: str) -> None:
        try:
            await self._solving(self._solver.withdraw(domain, record, value))
        except AuthorityError as error:
            log.warn("a proof is still to be seen: {why}", why=error.why, kind="certificate-proof-left")  # noqa: G010

    # After it

    async def _until(self, authority: Authority, url: str, wanted: tuple[str, ...]) -> Order:
        """Wait until an order has come so far."""
        until = self._reactor.seconds() + PATIENCE
        tries = 0
        while True:
            order = await self._ask(authority.order, url)
            if order.status in wanted and (order.status != "valid" or order.certificate):
                return order
            if order.status == "invalid":
                raise order.error or AuthorityError("it calls the order invalid, and does not say why", refused=True)
            if self._reactor.seconds() > until:
                raise AuthorityError(f"the order is {order.status} after {PATIENCE:g} s still")
            await deferLater(self._reactor, polled(tries, order.retry_after), lambda: None)
            tries += 1

    async def _keep(self, name: str, kept: Begun, chain: str) -> None:
        """Put the certificate on disk, with its key."""
        try:
            leaf_of(chain, kept.key, kept.names)
        except UnfitError as error:
            raise AuthorityError(f"it gave something that cannot be used: {error}", refused=True) from error
        self._told(name, "has the certificate")
        await self._disk(self._folder.write, name, CERTIFICATE, f"{chain.strip()}\n{kept.key}".encode())
        self._told(name, "wrote the certificate down")

    async def done(self, name: str) -> None:
        """Forget what was begun: all that is to be known of the certificate is on disk."""
        await self._disk(self._folder.remove, name, ORDER)
        self._told(name, "is done")

    # How things are done

    async def _ask(self, question: Callable[..., _T], *given: Any) -> _T:
        """Ask the authority."""
        try:
            return await in_thread(self._reactor, QUESTION, question, *given)
        except TooLongError as error:
            raise AuthorityError(f"{self._settings.directory} does not answer: {error}") from error
        except OSError as error:  # the account's file
            raise AuthorityError(f"{self._folder.path} cannot be written: {error.strerror or error}") from error

    async def _disk(self, work: Callable[..., _T], *given: Any) -> _T:
        """Have something done with files."""
        try:
            return await in_thread(self._reactor, DISK, work, *given)
        except (OSError, TooLongError) as error:
            why = getattr(error, "strerror", None) or error
            raise AuthorityError(f"{self._folder.path} cannot be written: {why}") from error

    async def _solving(self, step: Awaitable[None]) -> None:
        try:
            await step
        except SolverError as error:
            raise AuthorityError(str(error)) from error

    def _told(self, name: str, step: str) -> None:
        log.debug("{name}: {step}", name=name, step=step, kind="certificate-step")


def _come_to_nothing(one: Authorization) -> AuthorityError:
    return one.error or AuthorityError(f"the authorization of {one.domain} is {one.status}", refused=True)
