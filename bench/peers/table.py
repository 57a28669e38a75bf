"""The peers, in the order in which tables show them."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from bench.peers.peer import Peer

TWISTD = (str(Path(sys.executable).with_name("twistd")), "-n", "--pidfile=")
TWISTED_VERSION = (sys.executable, "-c", "import twisted; print('Twisted', twisted.__version__)")
USER = {"user": getpass.getuser()}

CONNECTIONS = "6000"
"""As many as HAProxy prepares for, where nobody says otherwise; it wants two descriptors for each."""
SPLICE_ALWAYS = "option splice-request\n    option splice-response"

WEBPROXY = Peer(
    "webproxy",
    "webproxy",
    (*TWISTD, "webproxy", "--internal", "@{internal}", "--port", "@{port}", "--access-log", "@{directory}/access.log"),
    (str(Path(sys.executable).with_name("webproxy")), "version"),
    guard=("--htpasswd", "@{users}"),
)
WEBPROXY_FRAMES = Peer(
    "webproxy_frames",
    "webproxy, frames",
    (*WEBPROXY.command, "--websocket", "frames"),
    WEBPROXY.version,
)
MESSAGE_BRIDGE = Peer(
    "message_bridge",
    "autobahn messages",
    (sys.executable, "-m", "bench.peers.message_bridge", "@{port}", "@{internal}"),
    (sys.executable, "-c", "import autobahn; print('autobahn', autobahn.__version__)"),
)
NGINX = Peer(
    "nginx",
    "nginx",
    ("nginx", "-c", "@{configuration}"),
    ("nginx", "-v"),
    "nginx.conf",
    {**USER, "buffering": "off"},
    guard=("auth_basic bench; auth_basic_user_file @{users};",),
)
NGINX_BUFFERED = Peer(
    "nginx_buffered",
    "nginx, proxy_buffering on",
    NGINX.command,
    NGINX.version,
    NGINX.template,
    {**USER, "buffering": "on"},
)
HAPROXY = Peer(
    "haproxy",
    "HAProxy",
    ("haproxy", "-db", "-f", "@{configuration}"),
    ("haproxy", "-v"),
    "haproxy.cfg",
    {"pipe_size": "65536", "splice": SPLICE_ALWAYS, "connections": CONNECTIONS},  # the kernel's own default
)
HAPROXY_AUTO = Peer(
    "haproxy_auto",
    "HAProxy, splice-auto",
    HAPROXY.command,
    HAPROXY.version,
    HAPROXY.template,
    {"pipe_size": "65536", "splice": "option splice-auto", "connections": CONNECTIONS},
)
HAPROXY_PIPES = Peer(
    "haproxy_pipes",
    "HAProxy, pipes of 1 MiB",
    HAPROXY.command,
    HAPROXY.version,
    HAPROXY.template,
    {"pipe_size": "1048576", "splice": SPLICE_ALWAYS, "connections": CONNECTIONS},
)
CADDY = Peer(
    "caddy",
    "Caddy",
    ("caddy", "run", "--adapter", "caddyfile", "--config", "@{configuration}"),
    ("caddy", "version"),
    "Caddyfile",
    environment={"GOMAXPROCS": "1", "XDG_CONFIG_HOME": ".", "XDG_DATA_HOME": "."},
)
TWISTED = Peer(
    "twisted",
    "ReverseProxyResource",
    (*TWISTD, "--reactor=epoll", "--python", "@{configuration}"),
    TWISTED_VERSION,
    "reverse_proxy.tac",
)

ROUTER = Peer(
    "router",
    "webproxy-router",
    (sys.executable, "-m", "bench.peers.router", "@{port}", "@{internal}", "@{directory}"),
    WEBPROXY.version,
    secure=True,
)
HAPROXY_TLS = Peer(
    "haproxy_tls",
    "HAProxy, TLS to TCP",
    HAPROXY.command,
    HAPROXY.version,
    "haproxy_tls.cfg",
    secure=True,
)
NGINX_STREAM = Peer(
    "nginx_stream",
    "nginx stream, TLS to TCP",
    NGINX.command,
    NGINX.version,
    "nginx_stream.conf",
    USER,
    secure=True,
)

VARIANTS = (NGINX_BUFFERED, HAPROXY_AUTO, HAPROXY_PIPES)
BRIDGES = (WEBPROXY_FRAMES, MESSAGE_BRIDGE)
EDGES = (ROUTER, HAPROXY_TLS, NGINX_STREAM)
PEERS = {peer.name: peer for peer in (WEBPROXY, NGINX, HAPROXY, CADDY, TWISTED, *VARIANTS, *BRIDGES, *EDGES)}
STANDARD = (
    *("webproxy", "nginx", "haproxy", "caddy", "twisted", "webproxy_frames", "message_bridge"),
    *(peer.name for peer in EDGES),
)
