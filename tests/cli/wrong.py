"""Configurations that are wrong, each with the one sentence that says so.

Rule of this file: a row is what an operator wrote into an instance's file, where the mistake is, and how the sentence
goes on. ``{}`` in an address is the file.
"""

from __future__ import annotations

from typing import NamedTuple


class Wrong(NamedTuple):
    """A wrong configuration.

    :ivar text: of the instance's file.
    :ivar where: the address that the sentence begins with.
    :ivar what: how it goes on.
    """

    text: str
    where: str
    what: str


RIGHT = "internal = 8080\n"
"""Makes a file whole."""

TLS = "webproxy takes no certificate; leave it out; a self-signed certificate here would break the router's"

# fmt: off
WRONG = [
    # What is missing, or stands in the wrong place
    Wrong("", "{}: internal", "not given; write internal = 8080"),
    Wrong(RIGHT + "port = 443\n", "{}:2: port", "443 is not the port that the file's name says; write port = 12345,"),
    Wrong(RIGHT + 'ports = "1-9"\n', "{}:2: ports", "is for the defaults of all instances; write it in webproxy.toml;"),
    # What is no TOML
    Wrong("internal: 8080\n", "{}:1", "is not TOML: "),
    Wrong(RIGHT + "drain = 30s\n", "{}:2", "is not TOML: "),
    Wrong(RIGHT + 'drain = "30s\n', "{}:2", "is not TOML: "),
    Wrong(RIGHT + RIGHT, "{}:2", "is not TOML: "),
    Wrong(RIGHT + "[timeout\n", "{}:2", "is not TOML: "),
    Wrong(RIGHT + "--drain 5s\n", "{}:2", "is not TOML: "),
    Wrong("{ internal = 8080 }\n", "{}:1", "is not TOML: "),
    # Keys that there are not
    Wrong(RIGHT + "prot = 12345\n", "{}:2: prot", "there is no such setting; did you mean port?"),
    Wrong(RIGHT + 'on_disconnect = "drain"\n', "{}:2: on_disconnect", "there is no such setting; write it"),
    Wrong(RIGHT + 'Drain = "5s"\n', "{}:2: Drain", "there is no such setting; write it drain"),
    Wrong(RIGHT + 'ssl-certificate = "a.pem"\n', "{}:2: ssl-certificate", TLS),
    Wrong(RIGHT + "[tls]\nkey = 1\n", "{}:2: tls", TLS),
    Wrong(RIGHT + "zebra = 1\n", "{}:2: zebra", "there is no such setting; webproxy config schema lists those there"),
    # The wrong type
    Wrong("internal = [8080, 8081]\n", "{}:1: internal", "is a list; write internal = 8080"),
    Wrong("[internal]\nport = 8080\n", "{}:1: internal", "is a table; write internal = 8080"),
    Wrong(RIGHT + "access-log = false\n", "{}:2: access-log", "is false; give PATH|-|none as a text"),
    Wrong(RIGHT + "drain = 2026-01-01\n", "{}:2: drain", "is a date or a time; write it as a text, in quotes"),
    Wrong(RIGHT + "policy = 3\n", "{}:2: policy[0]", 'is a number; write policy = ["NAME:key=value"]'),
    Wrong(RIGHT + "[policy]\nqueue = 2\n", "{}:3: policy.queue", "is a number; write [policy.queue],"),
    # Where the service is
    Wrong('internal = "https://localhost"\n', "{}:1: internal", "'https://localhost' asks for TLS; give the host:port"),
    Wrong('internal = "http://localhost:8080/"\n', "{}:1: internal", "'http://localhost:8080/' is a URL; give host"),
    Wrong("internal = 0\n", "{}:1: internal", "0 is not a port; ports go from 1 to 65535"),
    Wrong("internal = 65536\n", "{}:1: internal", "65536 is not a port; ports go from 1 to 65535"),
    Wrong("internal = -1\n", "{}:1: internal", "'-1' is not a port; give a number from 1 to 65535"),
    Wrong('internal = "/run/a.sock"\n', "{}:1: internal", "'/run/a.sock' is a path; for a Unix socket write unix:/run"),
    Wrong('internal = "unix:a.sock"\n', "{}:1: internal", "'unix:a.sock' is not an absolute path; write unix:/path"),
    Wrong("internal = 12345\n", "{}:1: internal", "127.0.0.1:12345 is the address that webproxy itself would open;"),
    # Where clients come in
    Wrong(RIGHT + 'listen = "localhost"\n', "{}:2: listen", "'localhost' is not an IP address; give 127.0.0.1, ::1,"),
    Wrong(RIGHT + 'listen = ["127.0.0.1:12345"]\n', "{}:2: listen[0]", "'127.0.0.1:12345' is not an IP address; give"),
    Wrong(RIGHT + 'listen = ["127.0.0.1", "127.0.0.1"]\n', "{}:2: listen", "127.0.0.1 is given twice; give each"),
    Wrong(RIGHT + 'listen = ["192.0.2.77"]\n', "{}:2: listen", "192.0.2.77 is not an address of this machine; give"),
    # Times, sizes, numbers
    Wrong(RIGHT + "drain = 30\n", "{}:2: drain", "'30' has no unit; 30s are seconds, 30ms milliseconds, or none for"),
    Wrong(RIGHT + 'drain = "a while"\n', "{}:2: drain", "'a while' is not a duration; write a number with its unit"),
    Wrong(RIGHT + 'wait-upstream = "9000h"\n', "{}:2: wait-upstream", "'9000h' is longer than a week; give at most"),
    Wrong(RIGHT + "max-body = 10\n", "{}:2: max-body", "'10' has no unit; 10MB are 10 million bytes;"),
    Wrong(RIGHT + 'max-body = "10m"\n', "{}:2: max-body", "'m' is not a unit; write 10MB or 10MiB"),
    Wrong(RIGHT + 'min-upload-rate = "10kB"\n', "{}:2: min-upload-rate", "'10kB' is no rate; write 10kB/s"),
    Wrong(RIGHT + "max-connections = 0\n", "{}:2: max-connections", "0 would turn everybody away; give a number of at"),
    Wrong(RIGHT + 'max-connections-per-address = "many"\n', "{}:2: max-connections-per-address", "'many' is not a"),
    # Words
    Wrong(RIGHT + 'on-disconnect = "abrot"\n', "{}:2: on-disconnect", "'abrot' is not known; did you mean abort? it"),
    Wrong(RIGHT + 'log-format = "xml"\n', "{}:2: log-format", "'xml' is not known; it is combined or json"),
    Wrong(RIGHT + 'access-log = "/no/where/a.log"\n', "{}:2: access-log", "the folder /no/where does not exist;"),
    Wrong(RIGHT + 'upstream-host = "http://a"\n', "{}:2: upstream-host", "'http://a' is a URL; give its host and port"),
    Wrong(RIGHT + 'public-url = "gpu.example.com"\n', "{}:2: public-url", "'gpu.example.com' is not a URL; write"),
    Wrong(RIGHT + 'public-url = "https://a/b"\n', "{}:2: public-url", "'https://a/b' is more than an origin; write"),
    # Networks
    Wrong(RIGHT + 'trust = ["10.0.0.1/8"]\n', "{}:2: trust[0]", "10.0.0.1/8 is an address inside of a network; write"),
    Wrong(RIGHT + 'trust = ["proxy.example"]\n', "{}:2: trust[0]", "'proxy.example' is not a network; give an address"),
    Wrong(RIGHT + 'trust = ["::1"]\nproxy-protocol = "::/64"\n', "{}:3: proxy-protocol", "::1/128 is in --trust, too;"),
    # Policies and limits
    Wrong(RIGHT + '[timeout]\nlong = "soon"\n', "{}:3: timeout.long", "'soon' is not a duration; write a number with"),
    Wrong(RIGHT + 'timeout = { lnog = "5s" }\n', "{}:2: timeout.lnog", "there is no such key; did you mean long? its"),
    Wrong(RIGHT + '[timeout]\ndefault = "0s"\n', "{}:3: timeout.default", "0s would end every exchange at once; give"),
    Wrong(RIGHT + 'policy = ["nobody"]\n', "{}:2: policy.nobody", "no policy of that name is installed;"),
    Wrong(RIGHT + 'policy = ["timeout", "timeout"]\n', "{}:2: policy.timeout", "is given twice; give each policy"),
    Wrong(RIGHT + "[policy.timeout]\nlong = 5\n", "{}:3: policy.timeout.long", "'5' has no unit; 5s are seconds, 5ms"),
]
# fmt: on
