"""The router's table of options, and what its words come to.

Rule of this file: a row an option; ``twistd webproxy-router --help`` and the reading of words are made from it. The
grammar is the proxy's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from webproxy.errors import SettingsError
from webproxy.router.acme import options as acme
from webproxy.router.acme.options import file
from webproxy.router.dns import options as dns
from webproxy.router.face import options as face
from webproxy.router.settings import RouterSettings
from webproxy.router.settings_file import said_in
from webproxy.router.spelled import address, domain, port_or_none
from webproxy.settings.durations import limit
from webproxy.settings.networks import network
from webproxy.settings.option import Option
from webproxy.settings.ports import port_number
from webproxy.settings.settle import SeveralSettingsError, values_of
from webproxy.settings.words import read_words
from webproxy.settings.wrong import TextError, near_miss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATE = "/var/lib/webproxy-router"


def folder(text: str) -> Path:
    """Read the folder of the state; it need not be there yet.

    :returns: an absolute path: a daemon changes its working directory.
    :raises TextError: it cannot be one.
    """
    path = Path(text).absolute()
    if not text or "\0" in text or (path.exists() and not path.is_dir()):
        raise TextError(f"{text!r} is not a folder", f"give one, such as {STATE}")
    return path


OPTIONS = (
    Option(
        name="domain",
        metavar="DOMAIN",
        help="Names are given below this domain, of which all names lead to this machine (*.DOMAIN in DNS).",
        parse=domain,
        example="secure.example.com",
        required=True,
    ),
    Option(
        name="certificate",
        metavar="FILE",
        help="The certificate of *.DOMAIN, with its chain, in PEM; read again when it changes. Without it, see "
        "--acme-agree-terms.",
        parse=file,
        example="/etc/webproxy-router/cert.pem",
    ),
    Option(
        name="key",
        metavar="FILE",
        help="Its key, in PEM.",
        parse=file,
        example="/etc/webproxy-router/key.pem",
    ),
    Option(
        name="machines",
        metavar="NETWORK",
        help="A network of machines that may register: connections go nowhere else. May be given several times.",
        parse=network,
        example="10.0.0.0/8",
        required=True,
        repeatable=True,
    ),
    Option(
        name="state",
        metavar="FOLDER",
        help="Where names and tokens are kept; STATE_DIRECTORY names another default.",
        parse=folder,
        default=STATE,
    ),
    Option(
        name="listen",
        metavar="ADDRESS",
        help="Listen on this IP address only; may be given several times.",
        parse=address,
        example="192.0.2.7",
        repeatable=True,
    ),
    Option(name="port", metavar="PORT", help="Where the public comes in.", parse=port_number, default="443"),
    Option(
        name="http-port",
        metavar="PORT|none",
        help="Where those come in who know no https, and are sent there.",
        parse=port_or_none,
        default="80",
    ),
    Option(
        name="control-listen",
        metavar="ADDRESS",
        help="Let machines register on this IP address only; may be given several times. Without it, as --listen.",
        parse=address,
        example="10.0.0.2",
        repeatable=True,
    ),
    Option(name="control-port", metavar="PORT", help="Where machines register.", parse=port_number, default="8443"),
    Option(
        name="control-certificate",
        metavar="FILE",
        help="The certificate that machines see, for the name by which they know the router; without it, the same.",
        parse=file,
        example="/etc/webproxy-router/internal.pem",
    ),
    Option(
        name="control-key",
        metavar="FILE",
        help="Its key.",
        parse=file,
        example="/etc/webproxy-router/internal.key",
    ),
    Option(
        name="advertise",
        metavar="ADDRESS",
        help="An address from which the router connects to machines, for them to trust; may be given several times. "
        "Without it, the one at which a machine reached the router.",
        parse=address,
        example="10.0.0.2",
        repeatable=True,
    ),
    Option(
        name="drain",
        metavar="DURATION",
        help="How long running connections may go on after SIGTERM; none for no limit.",
        parse=limit,
        default="30s",
    ),
    *acme.OPTIONS,
    *dns.OPTIONS,
    *face.OPTIONS,
)

CONFIG = Option(
    name="config",
    metavar="FILE",
    help="Read what is not said here from this file, in TOML: an option's name is a key.",
    parse=str,
    example="/etc/webproxy-router/router.toml",
)
BY_NAME = {option.name: option for option in OPTIONS}
KNOWN = {**BY_NAME, CONFIG.name: CONFIG}


def settings_of(words: Sequence[str], environ: Mapping[str, str] = os.environ) -> RouterSettings:
    """Read a command line.

    :raises SettingsError: something is wrong with it; all of that is told.
    """
    said = read_words(words, KNOWN, strange)
    errors: list[SettingsError] = []
    file = said.pop(CONFIG.name).texts[0] if CONFIG.name in said else ""
    if file:
        written, errors = said_in(Path(file), BY_NAME)
        said = {**written, **said}
    if "state" not in said and environ.get("STATE_DIRECTORY"):
        said.update(read_words(["--state", environ["STATE_DIRECTORY"].partition(":")[0]], BY_NAME, strange))
    values = values_of(OPTIONS, said, errors, {error.where for error in errors}, file)
    if ("control-certificate" in said) != ("control-key" in said):
        lacks = "control-key" if "control-certificate" in said else "control-certificate"
        errors.append(SettingsError(f"--{lacks}", "not given", "a certificate and its key belong together"))
    authority, wrong = acme.settle(values, said)
    by_dns = authority is not None and authority.challenge == "dns-01"
    served, also_wrong = dns.settle(values, said, wanted="--acme-challenge dns-01" if by_dns else "")
    errors += [*wrong, *also_wrong, *face.wrong(values), *_twice(values)]
    if errors:
        raise errors[0] if len(errors) == 1 else SeveralSettingsError(errors)
    return RouterSettings(
        **{name.replace("-", "_"): value for name, value in values.items()}, acme=authority, dns=served
    )


def _twice(values: Mapping[str, object]) -> list[SettingsError]:
    """Find ports that are to be two things at once."""
    seen: dict[object, str] = {}
    errors = []
    for name in ("port", "http-port", "control-port"):
        port = values.get(name)
        if port is not None and port in seen:
            errors.append(SettingsError(f"--{name}", f"{port} is --{seen[port]} already", "choose another port"))
        seen.setdefault(port, name)
    return errors


def strange(word: str) -> SettingsError:
    """Answer a word that is no option of the router's."""
    if not word.startswith("-") or word == "-":
        return SettingsError(repr(word), "an option must stand before this word", "--help lists those there are")
    written = word.partition("=")[0]
    meant = near_miss(written.lstrip("-").lower().replace("_", "-"), KNOWN)
    return SettingsError(
        written, "there is no such option", f"did you mean --{meant}?" if meant else "--help lists those there are"
    )
