"""Values that are wrong wherever they are written: as an option, as a variable, in a file.

Rule of this file: a row is an option, a text, and how the sentence goes on behind the address.
"""

from __future__ import annotations

from typing import NamedTuple


class WrongValue(NamedTuple):
    """A wrong value.

    :ivar name: of the option.
    :ivar text: as it is written.
    :ivar what: the sentence, behind its address.
    """

    name: str
    text: str
    what: str


NO_UNIT = "has no unit; 30s are seconds, 30ms milliseconds, or none for no limit"

# fmt: off
VALUES = [
    # Where the service is, and where clients come in
    WrongValue("internal", "0", "0 is not a port; ports go from 1 to 65535"),
    WrongValue("internal", "https://localhost:8080", "'https://localhost:8080' asks for TLS; give the host:port where"),
    WrongValue("internal", "8080,8081", "'8080,8081' names no port; write a port (8080), host:port,"),
    WrongValue("port", "443", "the router owns 443; TLS is its job; choose another port, such as 12345"),
    WrongValue("port", "ssl:443:privateKey=a.pem", "'ssl:443:privateKey=a.pem' asks for TLS; give it without;"),
    WrongValue("port", "tcp:12345", "'tcp:12345' is more than a port; give the number alone: 12345"),
    WrongValue("listen", "localhost", "'localhost' is not an IP address; give 127.0.0.1, ::1, or both"),
    WrongValue("listen", "192.0.2.77", "192.0.2.77 is not an address of this machine; give one of its addresses,"),
    # Words
    WrongValue("on-disconnect", "abrot", "'abrot' is not known; did you mean abort? it is abort or drain"),
    WrongValue("log-format", "xml", "'xml' is not known; it is combined or json"),
    WrongValue("log-level", "warning", "'warning' is not known; did you mean warn? it is debug or info or warn or"),
    WrongValue("preflight", "answr", "'answr' is not known; did you mean answer? it is answer or pass"),
    WrongValue("websocket", "fames", "'fames' is not known; did you mean frames? it is auto or tunnel or frames"),
    WrongValue("forward-user", "maybe", "'maybe' is neither yes nor no; write yes or no"),
    WrongValue("direct", "alow", "'alow' is not known; did you mean allow? it is refuse or allow"),
    WrongValue("hsts", "yes", "'yes' is not known; it is on or off"),
    # The router
    WrongValue("router", "https://router.internal", "'https://router.internal' names no port; write the router's"),
    WrongValue("router", "http://router.internal:8443", "'http://router.internal:8443' is not https; the token would"),
    WrongValue("router-token-file", "/nowhere/token", "/nowhere/token does not exist; make it: the line that"),
    WrongValue("router-ca", "/nowhere/ca.pem", "/nowhere/ca.pem does not exist; make it: certificates as PEM"),
    WrongValue("label", "my_app", "'my_app' is no label; write letters, digits and hyphens, none of these at an end"),
    # Times
    WrongValue("wait-upstream", "soon", "'soon' is not a duration; write a number with its unit, as in 500ms,"),
    WrongValue("drain", "30", f"'30' {NO_UNIT}"),
    WrongValue("drain", "9000h", "'9000h' is longer than a week; give at most 168h, or none for no limit"),
    WrongValue("upgrade-drain", "-1s", "'-1s' is not a duration; write a number with its unit, as in 500ms,"),
    WrongValue("websocket-ping", "30", f"'30' {NO_UNIT}"),
    WrongValue("timeout", "long", "'long' names no key; write key=value"),
    WrongValue("timeout", "lnog=5s", "there is no such key; did you mean long? its keys are: default, long,"),
    WrongValue("timeout", "default=0s", "0s would end every exchange at once; give a duration, or none for no limit"),
    WrongValue("timeout", "long=1s,long=2s", "long is given twice; give each key once"),
    # Sizes and numbers
    WrongValue("max-body", "10m", "'m' is not a unit; write 10MB or 10MiB"),
    WrongValue("max-body", "0B", "0B would let nothing pass; give a size, or none for no limit"),
    WrongValue("min-upload-rate", "10kB", "'10kB' is no rate; write 10kB/s"),
    WrongValue("max-connections", "0", "0 would turn everybody away; give a number of at least 1, or none for no"),
    WrongValue("max-connections-per-address", "many", "'many' is not a whole number; give a number of at least 1,"),
    WrongValue("websocket-max-message", "1", "'1' has no unit; 1MB are 1 million bytes;"),
    WrongValue("websocket-max-frame", "big", "'big' is not a size; write a number with its unit, as in 10MB or"),
    # Names
    WrongValue("upstream-host", "http://a", "'http://a' is a URL; give its host and port alone: a"),
    WrongValue("upstream-host", "rewite", "'rewite' is not known; did you mean rewrite? it is auto, preserve,"),
    WrongValue("public-url", "gpu.example.com", "'gpu.example.com' is not a URL; write https://gpu.example.com, or"),
    WrongValue("public-url", "https://u:p@a", "a public URL has no user and no password in it; write https://a"),
    WrongValue("cors-origin", "gpu.example.com", "'gpu.example.com' is not an origin; write https://gpu.example.com"),
    # Networks
    WrongValue("trust", "10.0.0.1/8", "10.0.0.1/8 is an address inside of a network; write 10.0.0.0/8 or 10.0.0.1"),
    WrongValue("trust", "proxy.example", "'proxy.example' is not a network; give an address or a network, such as"),
    WrongValue("proxy-protocol", "10.0.0.0/8,::1", "'10.0.0.0/8,::1' names several; give the option once for each"),
    WrongValue("allow", "localhost", "'localhost' is not a network; give 127.0.0.1, ::1, or both"),
    WrongValue("deny", "::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104 is IPv4 written as IPv6; write 10.0.0.0/8"),
    # Who may come in
    WrongValue("user", "an:na", "a name has no colon in it; give the name alone; the password comes with"),
    WrongValue("password-file", "/no/such", "/no/such does not exist; make it: one line with the password in it,"),
    WrongValue("htpasswd", "/no/such", "/no/such does not exist; make it: webproxy passwd /no/such USER"),
    WrongValue("keys", "/", "/ is a folder; give a file in it"),
    WrongValue("upstream-authorization-file", "/no/such", "/no/such does not exist; make it: one line as in Bearer"),
    # Policies, logs, looking at it
    WrongValue("policy", "nobody", "no policy of that name is installed; "),
    WrongValue("policy", "Queue:slots=2", "'Queue:slots=2' names no policy; write NAME or NAME:key=value"),
    WrongValue("policy", "timeout:long", "'long' names no key; write key=value"),
    WrongValue("policy", "timeout:long=x", "'x' is not a duration; write a number with its unit, as in 500ms,"),
    WrongValue("access-log", "/no/where/a.log", "the folder /no/where does not exist; create it, or give a file in"),
    WrongValue("access-log", "/", "/ is a folder; give a file in it, such as access.log"),
    WrongValue("admin", "0.0.0.0:9100", "'0.0.0.0:9100' can be reached from other machines; give 127.0.0.1:PORT"),
    WrongValue("admin-token-file", "/no/such", "there is no file /no/such; give one that holds it"),
]
# fmt: on
