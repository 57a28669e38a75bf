"""The router's name server, asked by the programs that people ask with: BIND's dig and Knot's kdig."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.integration.edge import DOMAIN
from tests.integration.router import router
from tests.integration.test_router_process import RUN, Place
from tests.judged import once
from tests.modules import with_modules
from tests.questions import question
from webproxy.router.dns.server import bind
from webproxy.router.dns.settings import DnsSettings, Facts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.integration.router import Running
    from webproxy.router.dns.server import DnsServer

FACTS = Facts(
    domain=DOMAIN,
    addresses=("192.0.2.7", "2001:db8::7"),
    servers=(f"ns1.{DOMAIN}", "ns.example.net"),
    contact="first.last@example.com",
    authorities=("ca.example",),
)
SERVED = DnsSettings(facts=FACTS, port=0, listen=("127.0.0.1",))
PROOF = f"_acme-challenge.{DOMAIN}"
START = rf"ns1.{DOMAIN}. first\.last.example.com. SERIAL 3600 600 604800 60"
PROGRAMS = ("dig", "kdig")


@contextlib.asynccontextmanager
async def serving(reactor: Any, folder: Path) -> AsyncIterator[tuple[Running, DnsServer]]:
    """A router with a name server, that run meanwhile."""
    async with router(reactor, folder, dns=SERVED) as at:
        assert at.service.dns is not None
        yield at, at.service.dns


class Told(NamedTuple):
    """What a program tells of an answer.

    :ivar flags: those that speak of the answer.
    :ivar records: of the sections, with a blank between all fields.
    """

    status: str
    flags: str
    records: list[str]


def asked(program: str, port: int, *words: str) -> Told:
    """Ask; blocks."""
    shown = ["+noall", "+answer", "+authority", "+comments" if program == "dig" else "+header"]
    text = subprocess.run(
        [program, "@127.0.0.1", "-p", str(port), *shown, "+time=5", "+retry=1", *words],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    status = re.search(r"status: (\w+)", text)
    flags = re.search(r"[Ff]lags: ([a-z ]*);", text)
    assert status, text
    assert flags, text
    records = [" ".join(line.split()) for line in text.splitlines() if line and not line.startswith(";")]
    return Told(status[1], " ".join(flag for flag in flags[1].split() if flag != "rd"), records)


def no_data(status: str = "NOERROR") -> Told:
    return Told(status, "qr aa", [f"{DOMAIN}. 60 IN SOA {START}"])


def answer(*records: str) -> Told:
    return Told("NOERROR", "qr aa", list(records))


TABLE = {
    (DOMAIN, "SOA"): answer(f"{DOMAIN}. 3600 IN SOA {START}"),
    (DOMAIN, "NS"): answer(f"{DOMAIN}. 3600 IN NS ns1.{DOMAIN}.", f"{DOMAIN}. 3600 IN NS ns.example.net."),
    (DOMAIN, "CAA"): answer(f'{DOMAIN}. 300 IN CAA 0 issue "ca.example"'),
    (DOMAIN, "A"): answer(f"{DOMAIN}. 300 IN A 192.0.2.7"),
    (f"app-fox-chi.{DOMAIN}", "A"): answer(f"app-fox-chi.{DOMAIN}. 300 IN A 192.0.2.7"),
    (f"app-fox-chi.{DOMAIN}", "AAAA"): answer(f"app-fox-chi.{DOMAIN}. 300 IN AAAA 2001:db8::7"),
    (f"aPp.{DOMAIN.upper()}", "A"): answer(f"aPp.{DOMAIN.upper()}. 300 IN A 192.0.2.7"),
    (f"a.b.c.{DOMAIN}", "A"): answer(f"a.b.c.{DOMAIN}. 300 IN A 192.0.2.7"),
    (f"*.{DOMAIN}", "A"): answer(f"*.{DOMAIN}. 300 IN A 192.0.2.7"),
    (f"ns1.{DOMAIN}", "AAAA"): answer(f"ns1.{DOMAIN}. 300 IN AAAA 2001:db8::7"),
    (PROOF, "TXT"): answer(f'{PROOF}. 0 IN TXT "one"', f'{PROOF}. 0 IN TXT "two"'),
    (PROOF, "A"): no_data(),
    (f"app-fox-chi.{DOMAIN}", "CAA"): no_data(),
    (f"app-fox-chi.{DOMAIN}", "TXT"): no_data(),
    (f"app-fox-chi.{DOMAIN}", "HTTPS"): no_data(),
    (f"app-fox-chi.{DOMAIN}", "TYPE65280"): no_data(),
    (DOMAIN, "DS"): no_data(),
    (DOMAIN, "DNSKEY"): no_data(),
    (f"x.{PROOF}", "TXT"): no_data("NXDOMAIN"),
    (f"x.ns1.{DOMAIN}", "A"): no_data("NXDOMAIN"),
    (DOMAIN, "ANY"): answer(f'{DOMAIN}. 3600 IN HINFO "RFC8482" ""'),
    ("example.com", "A"): Told("REFUSED", "qr", []),
    (".", "NS"): Told("REFUSED", "qr", []),
}
WAYS = {
    "plainly": [],
    "over TCP": ["+tcp"],
    "without EDNS": ["+noedns"],
    "with DNSSEC": ["+dnssec"],
    "with a small payload": ["+bufsize=512"],
}


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("way", WAYS)
async def test_the_table(reactor: Any, tmp_path: Path, program: str, way: str) -> None:
    async with serving(reactor, tmp_path) as (at, served):
        served.zone.add_text(PROOF, "one")
        served.zone.add_text(PROOF, "two")
        assert f"DNS of {DOMAIN} on port {served.port}" in at.service.told()
        for (name, type_), expected in TABLE.items():
            told = await deferToThread(asked, program, served.port, *WAYS[way], name, type_)
            wanted = [record.replace("SERIAL", str(served.zone.serial)) for record in expected.records]
            if program == "kdig":  # it asks, and shows, in lower case
                wanted = [record.replace(name, name.lower()) for record in wanted]
            assert (told.status, told.flags, told.records) == (expected.status, expected.flags, wanted), (name, type_)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("program", PROGRAMS)
async def test_rfc_1035_4_2_1_what_is_cut_short_is_asked_for_again_by_tcp(
    reactor: Any, tmp_path: Path, program: str
) -> None:
    async with serving(reactor, tmp_path) as (_, served):
        for number in range(40):
            served.zone.add_text(PROOF, f"{number:043}")
        told = await deferToThread(asked, program, served.port, PROOF, "TXT")
        assert len(told.records) == 40
        cut = await deferToThread(asked, program, served.port, "+ignore", PROOF, "TXT")
        assert cut == Told("NOERROR", "qr aa tc", [])
        assert served.responder.counts == {"udp": 2, "tcp": 1}


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("program", PROGRAMS)
async def test_rfc_5936_2_2_1_no_transfer(reactor: Any, tmp_path: Path, program: str) -> None:
    async with serving(reactor, tmp_path) as (_, served):

        def transfer() -> str:
            words = [program, "@127.0.0.1", "-p", str(served.port), DOMAIN, "AXFR", "+time=5"]
            ended = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            return ended.stdout

        told = (await deferToThread(transfer)).lower()
        assert "transfer failed" in told or "refused" in told
        assert "SOA" not in told


@pytest_twisted.ensureDeferred
async def test_rfc_6891_6_1_3_a_later_version_of_edns(reactor: Any, tmp_path: Path) -> None:
    async with serving(reactor, tmp_path) as (_, served):
        for program, words in (("dig", ["+edns=1", "+noednsnegotiation"]), ("kdig", ["+edns=1"])):
            told = await deferToThread(asked, program, served.port, *words, DOMAIN, "A")
            assert told == Told("BADVERS", "qr", [])


@pytest_twisted.ensureDeferred
async def test_a_router_without_dns_has_none(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at:
        assert at.service.dns is None


@once
def test_a_port_that_somebody_has_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    place = Place(tmp_path)
    taken = bind(0, ["127.0.0.1"])
    ended = subprocess.run(
        [*RUN, *place.words, "--dns-port", str(taken.port)],
        cwd=tmp_path,
        env=with_modules(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    taken.close()
    assert ended.returncode == 1
    assert re.fullmatch(
        rf"webproxy-router: TCP port {taken.port} is in use by \S+ \(pid {os.getpid()}\); stop that, or name with "
        r"--dns-listen the addresses that the public asks\n",
        ended.stderr,
    )


@pytest_twisted.ensureDeferred
async def test_nothing_amplifies(reactor: Any, tmp_path: Path) -> None:
    """Whoever gives another's address as its own reaches it with no more than four times what it sends."""
    async with serving(reactor, tmp_path) as (_, served):
        for number in range(64):
            served.zone.add_text(PROOF, f"{number:043}")
        sent = received = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(20)
            sock.connect(("127.0.0.1", served.port))
            for name in (DOMAIN, PROOF, f"x.{DOMAIN}", f"x.{PROOF}", "example.com"):
                for type_ in (1, 2, 6, 16, 28, 255, 257, 65):
                    message = question(name, type_)
                    sock.send(message)
                    back = await deferToThread(sock.recv, 65535)
                    assert len(back) <= 4 * len(message)
                    sent, received = sent + len(message), received + len(back)
        assert received < 2.5 * sent
