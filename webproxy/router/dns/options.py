"""The options of the name server, and what they come to together.

Rule of this file: as ``router/options``, whose table these rows join.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from webproxy.errors import SettingsError
from webproxy.router.dns.settings import DnsSettings, Facts
from webproxy.router.spelled import address, domain, port_or_none
from webproxy.settings.option import Option
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Mapping

PORT = 53
_ISSUER = re.compile(  # RFC 8659 §4.2
    r"(?=.{1,200}$)[ \t]*(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*)?[ \t]*(?:;[ \t]*(?:[a-zA-Z0-9-]+[ \t]*=[!-:<-~]*[ \t]*)?)*"
)


def public_address(text: str) -> str:
    """Read an address at which the public reaches a machine.

    :raises TextError: it is none, or one that means many.
    """
    found = address(text)
    if _means_many(found):
        raise TextError(f"{text} is not one machine's address", "give the router's own, as the public reaches it")
    return found


def mailbox(text: str) -> str:
    """Read a mailbox, as the start of a zone names it (RFC 1035 §8).

    :raises TextError: it is none.
    """
    local, at, place = text.rpartition("@")
    if not at or not re.fullmatch(r"[!-?A-~]{1,63}", local):
        raise TextError(f"{text!r} is no mailbox", "write it as in hostmaster@example.com")
    return f"{local}@{domain(place)}"


def issuer(text: str) -> str:
    """Read who may issue certificates.

    :raises TextError: a record CAA cannot say so.
    """
    if not _ISSUER.fullmatch(text):
        raise TextError(f"{text!r} names no authority", "write it as in letsencrypt.org, as the authority says it")
    return text


OPTIONS = (
    Option(
        name="dns-port",
        metavar="PORT|none",
        help="Serve --domain in DNS on this port, UDP and TCP: every name in it leads to --public-address.",
        parse=port_or_none,
        example="53",
    ),
    Option(
        name="dns-listen",
        metavar="ADDRESS",
        help="Serve DNS on this IP address only; may be given several times. Without it, as --listen.",
        parse=address,
        example="192.0.2.7",
        repeatable=True,
    ),
    Option(
        name="public-address",
        metavar="ADDRESS",
        help="The router's address, IPv4 or IPv6, as the public reaches it: what DNS answers; may be given several "
        "times. Without it, --listen.",
        parse=public_address,
        example="192.0.2.7",
        repeatable=True,
    ),
    Option(
        name="dns-name",
        metavar="NAME",
        help="The name server's name, as the domain is delegated to it; may be given several times. Without it, "
        "ns1.DOMAIN.",
        parse=domain,
        example="ns1.secure.example.com",
        repeatable=True,
    ),
    Option(
        name="dns-contact",
        metavar="MAILBOX",
        help="Who looks after the domain, for whoever asks DNS; without it, hostmaster@DOMAIN.",
        parse=mailbox,
        example="hostmaster@example.com",
    ),
    Option(
        name="dns-caa",
        metavar="AUTHORITY",
        help="Which authority may issue certificates, as CAA records say it; may be given several times. Without it, "
        "nothing is said.",
        parse=issuer,
        example="letsencrypt.org",
        repeatable=True,
    ),
)


def settle(
    values: dict[str, Any], said: Mapping[str, object], *, wanted: str = ""
) -> tuple[DnsSettings | None, list[SettingsError]]:
    """Find out whether DNS is served, and what.

    :param values: of all options, without those that are wrong; what belongs here is taken out.
    :param said: what somebody has said.
    :param wanted: an option that needs the server, which is on then; empty for none.
    :returns: ``None`` for no server; and what is wrong.
    """
    mine = {option.name: values.pop(option.name) for option in OPTIONS if option.name in values}
    named = [option.name for option in OPTIONS if option.name in said]
    if any(name not in mine for name in named) or "domain" not in values:
        return None, []  # that is told already
    port = mine.get("dns-port", PORT if wanted else None)
    if port is None:
        if wanted:
            return None, [
                SettingsError("--dns-port", f"none, and {wanted} needs it", f"authorities ask on port {PORT}")
            ]
        right = f"serve DNS with --dns-port {PORT}, or leave this out"
        return None, [SettingsError(f"--{name}", "no DNS is served", right) for name in named if name != "dns-port"]
    name, listen = values["domain"], values.get("listen", ())
    addresses = mine["public-address"] or tuple(one for one in listen if not _means_many(one))
    if not addresses:
        right = "say at which address the public reaches the router, such as --public-address 192.0.2.7"
        return None, [SettingsError("--public-address", "not given, and DNS is to answer with it", right)]
    facts = Facts(
        domain=name,
        addresses=tuple(dict.fromkeys(addresses)),
        servers=tuple(dict.fromkeys(mine["dns-name"] or (f"ns1.{name}",))),
        contact=mine.get("dns-contact", f"hostmaster@{name}"),
        authorities=mine["dns-caa"],
    )
    return DnsSettings(facts=facts, port=port, listen=mine["dns-listen"] or listen), []


def _means_many(one: str) -> bool:
    """Tell whether an address is not one machine's."""
    parsed = ip_address(one)
    return parsed.is_unspecified or parsed.is_multicast
