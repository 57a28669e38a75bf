"""The part of the table of options that says who may come in, and as whom the service is addressed then.

Rule of this file: a row an option. No row takes a password: every user of a machine can read the words of a command.
"""

from __future__ import annotations

from webproxy.settings.choices import one_of, switch
from webproxy.settings.credentials import existing, password_file, upstream_authorization, user_name
from webproxy.settings.model import Preflight
from webproxy.settings.networks import network
from webproxy.settings.option import Option
from webproxy.settings.origins import cors_origins

ACCESS = (
    Option(
        name="user",
        metavar="NAME",
        help="Let in only this user. The password is asked for on the terminal, unless --password-file, the variable "
        "WEBPROXY_PASSWORD or a credential of systemd called password says it.",
        parse=user_name,
        example="anna",
    ),
    Option(
        name="password-file",
        metavar="FILE|-",
        help="The file that holds the password of --user, or - for standard input.",
        parse=password_file,
        example="-",
    ),
    Option(
        name="htpasswd",
        metavar="FILE",
        help="Let in the users of this file only (name:bcrypt, as webproxy passwd writes it); read again when it "
        "changes.",
        parse=existing("webproxy passwd {} USER"),
    ),
    Option(
        name="keys",
        metavar="FILE",
        help="Let in who brings an API key of this file, which webproxy key add writes; read again when it changes.",
        parse=existing("webproxy key add --keys {} NAME"),
    ),
    Option(
        name="allow",
        metavar="NETWORK",
        help="Let nobody in but clients of this network; may be given several times.",
        parse=network,
        example="192.0.2.0/24",
        repeatable=True,
    ),
    Option(
        name="deny",
        metavar="NETWORK",
        help="Let no client of this network in, whatever --allow says; may be given several times.",
        parse=network,
        example="192.0.2.7",
        repeatable=True,
    ),
    Option(
        name="cors-origin",
        metavar="ORIGIN,...",
        help="Let pages of these origins talk to the service with a key of theirs, * for all pages; may be given "
        "several times.",
        parse=cors_origins,
        example="https://chat.example.com",
        repeatable=True,
    ),
    Option(
        name="preflight",
        metavar="answer|pass",
        help="Answer the preflights of such pages (answer), or pass preflights to the service, without credentials "
        "(pass).",
        parse=one_of(Preflight),
        default="answer",
    ),
    Option(
        name="upstream-authorization-file",
        metavar="FILE",
        help="Give the service what this file holds as Authorization, as in Bearer TOKEN.",
        parse=upstream_authorization,
    ),
    Option(
        name="forward-user",
        metavar="yes|no",
        help="Tell the service in X-Forwarded-User who came in.",
        parse=switch,
        default="no",
        example="yes",
    ),
)
