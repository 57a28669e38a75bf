"""The way to an authority: what it may say, how long, how large; and a sentence for everything that goes wrong."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from acme import messages
from cryptography.hazmat.primitives.asymmetric import ec
from josepy.jwk import JWKEC

from bench.ports import free_port
from tests.integration.edge import certificate
from tests.integration.in_front import Given, InFront, in_front, problem
from webproxy.router.acme import network as module
from webproxy.router.acme.faults import AuthorityError
from webproxy.router.acme.network import NONCES, Network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NONCE = {"Replay-Nonce": "bm9uY2U"}


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[InFront]:
    with in_front(*certificate(tmp_path, "localhost")) as one:
        yield one


@pytest.fixture
def network(stub: InFront) -> Iterator[Network]:
    key: Any = ec.generate_private_key(ec.SECP256R1())
    one = Network(JWKEC(key=key), stub.ca)
    yield one
    one.session.close()


def fails(network: Network, url: str) -> str:
    with pytest.raises(AuthorityError) as caught:
        network.get(url)
    return caught.value.why


def post(network: Network, stub: InFront) -> Any:
    return network.post(f"{stub.url}/order", messages.NewOrder(), new_nonce_url=f"{stub.url}/nonce")


def test_what_cannot_be_reached(network: Network, stub: InFront, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = f"https://localhost:{free_port()}/dir"
    assert fails(network, closed) == f"{closed} cannot be reached: Connection refused"
    assert fails(network, "http://localhost/dir") == "it gave an address that is not https"
    assert fails(network, "https://[").startswith("https://[ cannot be reached: ")
    network.verify_ssl = True
    assert fails(network, f"{stub.url}/dir").startswith(
        f"{stub.url}/dir has a certificate that cannot be trusted: self-signed certificate"
    )
    network.verify_ssl = "/nowhere.pem"  # type: ignore[assignment]
    assert "/nowhere.pem" in fails(network, f"{stub.url}/dir")


def test_what_does_not_answer_in_time(network: Network) -> None:
    network._default_timeout = 0.2  # type: ignore[assignment]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}/dir"
        assert fails(network, url) == f"{url} does not answer in time"


def test_what_is_too_large(network: Network, stub: InFront, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1000)
    stub.instead = lambda asked: Given(200, {"x": "y" * (2000 if asked.path == "/large" else 100)})
    assert fails(network, f"{stub.url}/large") == "its answer is larger than 1000 bytes"
    assert network.get(f"{stub.url}/small").json() == {"x": "y" * 100}


def test_a_problem_and_its_retry_after(network: Network, stub: InFront) -> None:
    stub.instead = lambda _: problem(429, "rateLimited", "too many", **{"Retry-After": "77"})
    with pytest.raises(AuthorityError) as caught:
        network.get(f"{stub.url}/x")
    error = caught.value
    assert (error.why, error.retry_after, error.refused) == ("too many (rateLimited)", 77.0, False)
    stub.instead = lambda _: Given(500, b"<html>")
    assert fails(network, f"{stub.url}/x") == "it answered 500, and does not say why"


def test_rfc8555_6_5_a_nonce_that_is_refused_is_replaced(network: Network, stub: InFront) -> None:
    left = [3]

    def instead(asked: Any) -> Given:
        if asked.method == "HEAD":
            return Given(200, b"", NONCE)
        left[0] -= 1
        return problem(400, "badNonce", "again") if left[0] else Given(201, {}, NONCE)

    stub.instead = instead
    assert post(network, stub).status_code == 201
    assert network._nonces


def test_nonces_that_are_refused_for_ever(network: Network, stub: InFront) -> None:
    stub.instead = lambda asked: Given(200, b"", NONCE) if asked.method == "HEAD" else problem(400, "badNonce", "no")
    with pytest.raises(AuthorityError, match=f"it has refused {NONCES} nonces, one after the other"):
        post(network, stub)
    assert len(stub.posted("/order")) == NONCES


@pytest.mark.parametrize(
    ("fields", "told"), [({}, "it gives no nonce"), ({"Replay-Nonce": "a"}, "its answer makes no sense")]
)
def test_no_nonce_at_all(network: Network, stub: InFront, fields: dict[str, str], told: str) -> None:
    stub.instead = lambda _: Given(200, b"", fields)
    with pytest.raises(AuthorityError, match=told):
        post(network, stub)


def test_an_answer_without_a_nonce_is_an_answer(network: Network, stub: InFront) -> None:
    stub.instead = lambda asked: Given(200, b"", NONCE) if asked.method == "HEAD" else Given(200, {})
    assert post(network, stub).status_code == 200
