"""The settings of one router: a frozen value that its service is built from.

Rule of this file: values only, already parsed. A program that builds Settings itself (a test) may say what the command
line may not, such as port 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from webproxy.router.acme.settings import AcmeSettings
    from webproxy.router.dns.settings import DnsSettings
    from webproxy.settings.admin import Admin


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterSettings:
    """Everything that is decided before the start.

    :param domain: names are one label below it.
    :param certificate: file of the certificate chain of the names; ``None``: ``acme`` gets them.
    :param key: file of its key.
    :param acme: who gives certificates; ``None``: they are in files.
    :param machines: the networks of the machines: who may register, and where connections may go.
    :param state: the folder of what must not be forgotten.
    :param listen: IP addresses to listen on; empty means all.
    :param port: where the public comes in.
    :param http_port: where those come in who know no https; ``None``: nowhere.
    :param control_listen: IP addresses for machines; empty: as ``listen``.
    :param control_port: where machines register.
    :param control_certificate: file of the certificate that machines see; ``None``: the same as the public.
    :param control_key: file of its key.
    :param advertise: the router's addresses as machines see them; empty: the one that a machine reached.
    :param drain: how many seconds running connections have to finish after SIGTERM; ``math.inf`` for no limit.
    :param admin: where the admin endpoint is; ``auto``: in the runtime folder, or beside the state.
    :param admin_token_file: the file of the token that is wanted there over TCP.
    :param dns: what the router's own name server serves; ``None``: there is none.
    """

    domain: str
    machines: tuple[str, ...]
    state: Path
    certificate: Path | None = None
    key: Path | None = None
    acme: AcmeSettings | None = None
    listen: tuple[str, ...] = ()
    port: int = 443
    http_port: int | None = 80
    control_listen: tuple[str, ...] = ()
    control_port: int = 8443
    control_certificate: Path | None = None
    control_key: Path | None = None
    advertise: tuple[str, ...] = ()
    drain: float = 30.0
    dns: DnsSettings | None = None
    admin: Admin = "none"
    admin_token_file: str = ""
