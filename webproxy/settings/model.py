"""The settings of one webproxy: a frozen value that everything else is built from.

Rule of this file: values only, already parsed and checked. What may be written, and where, is ``options``'s; a program
that builds Settings itself (a test, an embedder) may say what the command line may not, such as port 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from webproxy.access.secret import NOTHING
from webproxy.settings.policies import choose

if TYPE_CHECKING:
    from webproxy.access.secret import Secret
    from webproxy.net.destination import Destination
    from webproxy.settings.admin import Admin
    from webproxy.settings.credentials import CredentialSources
    from webproxy.settings.policies import Chosen

OnDisconnect: TypeAlias = Literal["abort", "drain"]
LogFormat: TypeAlias = Literal["combined", "json"]
LogLevel: TypeAlias = Literal["debug", "info", "warn", "error"]
WebSocketMode: TypeAlias = Literal["auto", "tunnel", "frames"]
Preflight: TypeAlias = Literal["answer", "pass"]
Direct: TypeAlias = Literal["refuse", "allow"]
Hsts: TypeAlias = Literal["on", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is decided before the start.

    :param internal: where the internal service may be found, tried in this order.
    :param port: the port that clients reach; 0 lets the system choose one.
    :param listen: IP addresses to listen on; empty means all of this machine, IPv4 and IPv6.
    :param on_disconnect: what becomes of the upstream exchange when its client leaves: closed at once, or read to
        its end.
    :param wait_upstream: for how many seconds a service that is not up yet counts as starting, rather than as broken.
    :param drain: how many seconds running exchanges have to finish after SIGTERM; ``math.inf`` for no limit.
    :param upgrade_drain: how many seconds running exchanges may go on in the process that an upgrade replaced;
        ``math.inf`` for no limit.
    :param connect_timeout: how many seconds a connection to the internal service may take to come about.
    :param policies: the policies that are asked, in this order; the built-in ``timeout`` is among them.
    :param upstream_host: the Host that the internal service gets: ``auto``, ``preserve``, ``rewrite`` or a name.
    :param public_url: the origin under which the public knows the service; empty: as each request says.
    :param trust: networks of HTTP proxies whose forwarding fields are kept and extended.
    :param proxy_protocol: networks of layer-4 peers that must begin with a PROXY header.
    :param max_body: most bytes of a request's body; ``math.inf`` for no limit.
    :param max_connections: most clients connected at once.
    :param max_connections_per_address: most from one address, IPv6 by /64.
    :param min_upload_rate: bytes a second that an upload must reach; 0 for no demand.
    :param websocket: whether WebSockets pass as bytes, as frames, or as frames where something needs them.
    :param websocket_ping: seconds of silence after which a side is pinged; ``math.inf`` for never.
    :param websocket_max_message: most bytes of a WebSocket message.
    :param websocket_max_frame: most bytes of a WebSocket frame.
    :param credentials: where it is written who may come in; None: everybody may.
    :param cors_origins: origins whose pages may talk to us, as browsers write them; ``*`` for all.
    :param preflight: real preflights from those are answered by us, or passed to the internal service.
    :param allow: networks of the clients that may come; empty: all.
    :param deny: networks of the clients that may not, although they are allowed otherwise.
    :param upstream_authorization: what the internal service gets as Authorization; empty: what the client wrote there
        for it.
    :param forward_user: the internal service is told in X-Forwarded-User who came in.
    :param router: the router's control port, as a URL; empty: there is no router.
    :param router_token_file: the file with the token that it wants.
    :param router_ca: a file of certificates that vouch for it; empty: the public authorities do.
    :param label: what the public name should begin with; empty: whatever the router makes.
    :param direct: whether clients that come past the router are served.
    :param hsts: whether browsers that come through it are told to stay with https.
    :param access_log: ``-`` for standard output, ``none``, or the absolute path of a file.
    :param admin: where metrics and the live page are served: a place, ``auto`` (a socket in the
        usual folder) or ``none``.
    :param admin_token_file: the file with the token that is wanted there over TCP.
    :param log_level: the least important of what is told of the process itself.
    :param log_format: Apache's combined format, or one JSON object a line.
    """

    internal: tuple[Destination, ...]
    port: int
    listen: tuple[str, ...] = ()
    on_disconnect: OnDisconnect = "abort"
    wait_upstream: float = 0.0
    drain: float = 30.0
    upgrade_drain: float = math.inf
    connect_timeout: float = 10.0
    policies: tuple[Chosen, ...] = choose(())[0]
    upstream_host: str = "auto"
    public_url: str = ""
    trust: tuple[str, ...] = ()
    proxy_protocol: tuple[str, ...] = ()
    max_body: float = math.inf
    max_connections: float = math.inf
    max_connections_per_address: float = math.inf
    min_upload_rate: float = 0.0
    websocket: WebSocketMode = "auto"
    websocket_ping: float = math.inf
    websocket_max_message: float = math.inf
    websocket_max_frame: float = math.inf
    credentials: CredentialSources | None = None
    cors_origins: tuple[str, ...] = ()
    preflight: Preflight = "answer"
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    upstream_authorization: Secret = NOTHING
    forward_user: bool = False
    router: str = ""
    router_token_file: str = ""
    router_ca: str = ""
    label: str = ""
    direct: Direct = "refuse"
    hsts: Hsts = "on"
    access_log: str = "-"
    log_format: LogFormat = "combined"
    log_level: LogLevel = "info"
    admin: Admin = "auto"
    admin_token_file: str = ""
