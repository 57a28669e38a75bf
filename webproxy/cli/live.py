"""``webproxy live [PORT]``: opens the live page on a free loopback port, and says where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from webproxy.cli.endpoint import find
from webproxy.observe.live_site import LiveSite
from webproxy.observe.page_site import opened

if TYPE_CHECKING:
    from webproxy.observe.admin_client import AdminClient


@click.command()
@click.argument("port", type=click.IntRange(1, 65535), required=False)
@click.option(
    "--admin", metavar="PLACE", default="", help="Where that webproxy's admin endpoint is, as --admin has it."
)
@click.option("--admin-token-file", metavar="FILE", default="", help="The file with the token that is wanted there.")
@click.option("--on", "on", type=click.IntRange(0, 65535), default=0, help="The loopback port to serve the page on.")
def live(port: int | None, admin: str, admin_token_file: str, on: int) -> None:
    """Show what flows through a running webproxy, in a browser: webproxy live 12345."""
    client = find(port, admin, admin_token_file)
    client.now()  # a sentence now rather than on the page
    react(serve, (client, on))


def serve(reactor: Any, client: AdminClient, on: int = 0) -> Deferred[None]:
    """Serve the page until somebody interrupts.

    :param on: the port; 0 for one that is free.
    """
    for line in opened(reactor, LiveSite(client, reactor), on):
        click.echo(line)
    return Deferred()
