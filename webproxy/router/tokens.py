"""``webproxy-router tokens add|list|revoke``: what lets a tenant's machines register.

Rule of this file: a token is printed once, by ``add``, alone on standard output, and written nowhere.
"""

from __future__ import annotations

import json
import math
import re
import secrets
import time

import click

from webproxy.errors import SettingsError
from webproxy.router.opened import as_json, in_state, store_in
from webproxy.router.registry import digest_of
from webproxy.router.rows import Token
from webproxy.settings.expiry import expiry
from webproxy.settings.port_range import DEFAULT, port_range
from webproxy.settings.wrong import TextError, near_miss

PREFIX = "wpr_"
"""How a token begins, so that whoever finds one knows what it is."""

_TENANT = re.compile(r"[A-Za-z0-9._@-]{1,64}")


@click.group()
def tokens() -> None:
    """Make, list and revoke the tokens with which machines register."""


@tokens.command()
@click.argument("tenant")
@click.option("--names", default=10, type=click.IntRange(1), show_default=True, help="How many names it may have.")
@click.option("--ports", default=DEFAULT, metavar="FIRST-LAST", show_default=True, help="Which ports it may register.")
@click.option("--expires", default="never", metavar="WHEN", help="90d or 12h from now on, a date, or never.")
@in_state
def add(tenant: str, names: int, ports: str, expires: str, state: str) -> None:
    """Make a token for a tenant, and print it: this once, for only its hash is kept."""
    if not _TENANT.fullmatch(tenant):
        raise SettingsError("TENANT", f"{tenant!r} is no name for one", "write letters, digits and . _ - @, at most 64")
    now = time.time()
    where = "--ports"
    try:
        range_ = port_range(ports)
        where = "--expires"
        until = expiry(expires, now)
    except TextError as wrong:
        raise SettingsError(where, wrong.what, wrong.right) from None
    secret = PREFIX + secrets.token_urlsafe(32)
    expiring = None if math.isinf(until) else until
    with store_in(state, make=True) as store:
        store.put_token(Token(tenant, digest_of(secret.encode()), names, range_[0], range_[-1], now, expiring))
    click.echo(secret)
    click.echo(f"a token of {tenant}; the line above is not shown again", err=True)


@tokens.command(name="list")
@in_state
@as_json
def list_tokens(*, state: str, as_json: bool) -> None:
    """List the tokens that there are, by their ids."""
    with store_in(state) as store:
        found = store.tokens()
    if as_json:
        click.echo(json.dumps([{**one._asdict(), "digest": one.digest.hex(), "id": identity(one)} for one in found]))
        return
    now = time.time()
    for one in found:
        good = "revoked" if one.revoked is not None else "good" if one.good(now) else "expired"
        click.echo(f"{identity(one)}  {one.tenant}  {one.quota} names  ports {one.first_port}-{one.last_port}  {good}")


@tokens.command()
@click.argument("which")
@in_state
def revoke(which: str, state: str) -> None:
    """Revoke a token by its id, or all of a tenant: nobody registers or renews with it any more."""
    with store_in(state) as store, store.transaction():
        known = store.tokens()
        found = [one for one in known if which in (identity(one), one.tenant)]
        if not found:
            meant = near_miss(which, [word for one in known for word in (identity(one), one.tenant)])
            right = f"did you mean {meant}?" if meant else "webproxy-router tokens list shows those there are"
            raise SettingsError(which, "there is no such token or tenant", right)
        for one in found:
            if one.revoked is None:
                store.put_token(one._replace(revoked=time.time()))
    click.echo(f"{which} is revoked; leases that there are end within 90 s")


def identity(token: Token) -> str:
    """Give what a token is called by: the beginning of its hash."""
    return token.digest.hex()[:12]
