"""The table of options: the one place that says which settings there are.

Rule of this file: a row an option (those that say who may come in: ``access_options``). ``twistd webproxy --help``,
``webproxy run --help``, the reading of words and the defaults are made from it; environment and settings files take
their names from it, too.
"""

from __future__ import annotations

from webproxy.policy.setting import duration, limit
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.settings.access_options import ACCESS
from webproxy.settings.admin import admin
from webproxy.settings.choices import one_of
from webproxy.settings.counts import count_limit
from webproxy.settings.destinations import destinations
from webproxy.settings.files import access_log, readable_file
from webproxy.settings.model import LogFormat, LogLevel, OnDisconnect
from webproxy.settings.names import public_url, upstream_host
from webproxy.settings.networks import network
from webproxy.settings.option import Option
from webproxy.settings.policies import named, settings_written
from webproxy.settings.ports import external_port, listen_address
from webproxy.settings.router_options import ROUTER
from webproxy.settings.sizes import rate, size_limit
from webproxy.settings.websocket_options import WEBSOCKETS

__all__ = ["BY_NAME", "CONFIG", "OPTIONS", "Option"]

OPTIONS = (
    Option(
        name="internal",
        metavar="WHERE",
        help="Where the service listens now: a port of this machine, host:port, [IPv6 address]:port or unix:/path.",
        parse=destinations,
        example="8080",
        required=True,
    ),
    Option(
        name="port",
        metavar="PORT",
        help="The port to open for clients, on all addresses of this machine.",
        parse=external_port,
        example="12345",
        required=True,
    ),
    Option(
        name="listen",
        metavar="ADDRESS",
        help="Open the port on this IP address only; may be given several times.",
        parse=listen_address,
        example="127.0.0.1",
        repeatable=True,
    ),
    Option(
        name="on-disconnect",
        metavar="abort|drain",
        help="When a client leaves: close its connection to the service at once, so that the GPU stops (abort), "
        "or read the answer to its end (drain).",
        parse=one_of(OnDisconnect),
        default="abort",
    ),
    Option(
        name="wait-upstream",
        metavar="DURATION",
        help="For how long a service that is not up yet counts as starting: browsers get a page that reloads itself, "
        "programs a 503 with Retry-After.",
        parse=duration,
        default="0",
    ),
    Option(
        name="drain",
        metavar="DURATION",
        help="How long running exchanges may go on after SIGTERM; none for no limit.",
        parse=limit,
        default="30s",
    ),
    Option(
        name="upgrade-drain",
        metavar="DURATION",
        help="How long running exchanges may go on in the old process after an upgrade; none for no limit.",
        parse=limit,
        default="none",
        example="1h",
    ),
    Option(
        name="timeout",
        metavar="CLASS=DURATION,...",
        help="After how long without a byte an exchange ends, by class of traffic; these are the limits unless you say "
        "otherwise: " + ",".join(f"{setting.name}={setting.default}" for setting in TimeoutPolicy.settings) + ".",
        parse=settings_written,
        default="",
        example="long=20m",
    ),
    Option(
        name="policy",
        metavar="NAME[:KEY=VALUE,...]",
        help="Ask this policy about every exchange; may be given several times, in the order in which they are asked. "
        "webproxy policies lists those that are installed.",
        parse=named,
        repeatable=True,
    ),
    Option(
        name="upstream-host",
        metavar="auto|preserve|rewrite|NAME",
        help="The Host that the service gets: the one that clients send (preserve), its own, localhost:8080 (rewrite), "
        "this name, or found out by asking the service when it is up (auto).",
        parse=upstream_host,
        default="auto",
        example="localhost:8080",
    ),
    Option(
        name="public-url",
        metavar="URL",
        help="Under which address the public knows the service; auto: as each request says.",
        parse=public_url,
        default="auto",
        example="https://gpu.example.com",
    ),
    Option(
        name="trust",
        metavar="NETWORK",
        help="Believe the forwarding fields (X-Forwarded-For and so on) of HTTP proxies in this network; may be given "
        "several times.",
        parse=network,
        example="192.0.2.7",
        repeatable=True,
    ),
    Option(
        name="proxy-protocol",
        metavar="NETWORK",
        help="Require a PROXY header (version 1 or 2) from layer-4 balancers in this network, and believe it; may be "
        "given several times.",
        parse=network,
        example="10.0.0.0/24",
        repeatable=True,
    ),
    Option(
        name="max-body",
        metavar="SIZE",
        help="Largest body of a request, as in 10MB or 2GiB; none for no limit.",
        parse=size_limit,
        default="none",
        example="2GiB",
    ),
    Option(
        name="min-upload-rate",
        metavar="RATE",
        help="Slowest upload that is put up with, as in 10kB/s, after its first half minute; none for no demand.",
        parse=rate,
        default="none",
        example="10kB/s",
    ),
    Option(
        name="max-connections",
        metavar="NUMBER",
        help="Most clients connected at once; none for no limit.",
        parse=count_limit,
        default="none",
        example="1000",
    ),
    Option(
        name="max-connections-per-address",
        metavar="NUMBER",
        help="Most connections from one address, or from one IPv6 network of 64 bits; none for no limit.",
        parse=count_limit,
        default="none",
        example="100",
    ),
    *WEBSOCKETS,
    *ACCESS,
    *ROUTER,
    Option(
        name="access-log",
        metavar="PATH|-|none",
        help="Where the access log goes: a file, - for standard output, or none.",
        parse=access_log,
        default="-",
    ),
    Option(
        name="log-level",
        metavar="debug|info|warn|error",
        help="How much is told of webproxy itself, on standard output; the access log is another matter.",
        parse=one_of(LogLevel),
        default="info",
    ),
    Option(
        name="log-format",
        metavar="combined|json",
        help="The access log's lines: Apache's combined format, or one JSON object each.",
        parse=one_of(LogFormat),
        default="combined",
    ),
    Option(
        name="admin",
        metavar="auto|unix:/PATH|127.0.0.1:PORT|none",
        help="Where metrics and the live page are served, to this machine only; auto: a socket named after the port, "
        "in /run/webproxy or the user's own runtime folder.",
        parse=admin,
        default="auto",
        example="unix:/run/webproxy/12345.sock",
    ),
    Option(
        name="admin-token-file",
        metavar="FILE",
        help="The file with the token that whoever asks there over TCP must send.",
        parse=readable_file,
        default="",
    ),
)

#: The same rows by name.
BY_NAME = {option.name: option for option in OPTIONS}

#: Not a setting, but where they are written; said by an option or a variable, never in a file.
CONFIG = Option(
    name="config",
    metavar="FILE",
    help="Read settings from this TOML file, too; options and variables (WEBPROXY_...) are stronger.",
    parse=str,
    example="/etc/webproxy/instances/12345.toml",
)
