"""What is asked of an authority, in its words; and what is made of answers of all shapes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.edge import certificate
from tests.integration.in_front import Asked, Given, InFront, in_front, problem
from webproxy.router.acme import account
from webproxy.router.acme.authority import Authority, Order
from webproxy.router.acme.faults import AuthorityError
from webproxy.router.acme.request import new_key, signing_request
from webproxy.router.acme.schedule import Window
from webproxy.router.acme.settings import AcmeSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from webproxy.router.acme.account import Account

NONCE = {"Replay-Nonce": "bm9uY2U"}
NAMES = ("*.example.com",)


class Scripted:
    """An authority that answers as it is told.

    :ivar answers: by path: what comes next, the last one for ever.
    """

    def __init__(self, stub: InFront) -> None:
        self.stub = stub
        stub.instead = self.answer
        at = {name: f"{stub.url}/{name}" for name in ("newNonce", "newAccount", "newOrder")}
        self.directory: dict[str, Any] = dict(at)
        self.answers: dict[str, list[Given]] = {
            "/newAccount": [Given(201, {"status": "valid"}, {"Location": f"{stub.url}/account/1"})],
            "/newOrder": [self.order()],
        }

    def order(self, **more: Any) -> Given:
        said = {"status": "pending", "authorizations": [f"{self.stub.url}/a"], "finalize": f"{self.stub.url}/f", **more}
        return Given(201, said, {"Location": f"{self.stub.url}/o"})

    def answer(self, asked: Asked) -> Given:
        if asked.path == "/dir":
            return Given(200, self.directory)
        if asked.path == "/newNonce":
            return Given(200, b"", NONCE)
        left = self.answers[asked.path]
        given = left.pop(0) if len(left) > 1 else left[0]
        return given._replace(fields={**NONCE, **given.fields})


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Scripted]:
    with in_front(*certificate(tmp_path, "localhost")) as stub:
        yield Scripted(stub)


def talk(at: Scripted, known: Account | None = None, **more: Any) -> tuple[Authority, list[Account]]:
    settings = AcmeSettings(directory=at.stub.directory, ca=at.stub.ca, **more)
    kept: list[Account] = []
    one = Authority(settings, known or account.new(settings), kept.append)
    one.look_up()
    return one, kept


def fails(work: Any, *given: Any) -> AuthorityError:
    with pytest.raises(AuthorityError) as caught:
        work(*given)
    return caught.value


def test_rfc8555_7_1_1_what_is_no_directory(scripted: Scripted) -> None:
    del scripted.directory["newOrder"]
    assert fails(talk, scripted).why == f"{scripted.stub.directory} is no ACME directory"
    scripted.directory = []  # type: ignore[assignment]
    assert fails(talk, scripted).why == "its answer is no JSON object"


def test_rfc8555_7_3_an_account_is_made_once_and_told_what_has_changed(scripted: Scripted) -> None:
    url = f"{scripted.stub.url}/account/1"
    one, kept = talk(scripted, email="a@example.com")
    one.sign_in()
    assert repr(one) == f"<Authority {scripted.stub.directory}>"
    assert [(known.url, known.email) for known in kept] == [(url, "a@example.com")]
    said = {"termsOfServiceAgreed": True, "contact": ["mailto:a@example.com"]}
    assert scripted.stub.posted("/newAccount") == [said]
    scripted.answers["/account/1"] = [Given(200, {"status": "valid"})]
    for email, contact in (("b@example.com", ["mailto:b@example.com"]), ("", [])):
        two, kept = talk(scripted, kept[-1], email=email)
        two.sign_in()
        assert (kept[-1].email, kept[-1].url) == (email, url)
        assert scripted.stub.posted("/account/1")[-1].get("contact", []) == contact
        two.close()
    assert len(scripted.stub.posted("/newAccount")) == 1
    one.close()


def test_rfc8555_7_3_4_another_account_is_named(scripted: Scripted) -> None:
    one, kept = talk(scripted, eab_kid="kid-1", eab_key="c2VjcmV0LW9mLXNvLW1hbnktYnl0ZXM")
    one.sign_in()
    (said,) = scripted.stub.posted("/newAccount")
    assert set(said["externalAccountBinding"]) == {"protected", "payload", "signature"}
    assert kept[0].eab_kid == "kid-1"


def test_an_account_without_an_address(scripted: Scripted) -> None:
    scripted.answers["/newAccount"] = [Given(201, {})]
    one, _ = talk(scripted)
    assert fails(one.sign_in).why == "it does not say where it keeps what it has made"


def test_an_account_that_was_forgotten_is_made_again(scripted: Scripted) -> None:
    known = replace(account.new(AcmeSettings()), url=f"{scripted.stub.url}/account/old")
    one, kept = talk(scripted, known)
    one.sign_in()
    scripted.answers["/newOrder"] = [problem(400, "accountDoesNotExist", "who?"), scripted.order()]
    assert one.new_order(NAMES, "").status == "pending"
    assert (kept[0].key, kept[0].url) == (known.key, f"{scripted.stub.url}/account/1")


def test_rfc9773_5_replaces_is_said_to_who_understands_it(scripted: Scripted) -> None:
    for informs, said in ((False, None), (True, "aa.bb")):
        if informs:
            scripted.directory["renewalInfo"] = f"{scripted.stub.url}/ari"
        one, _ = talk(scripted)
        one.sign_in()
        assert one.informs is informs
        one.new_order(NAMES, "aa.bb")
        assert scripted.stub.posted("/newOrder")[-1].get("replaces") == said
    scripted.answers["/newOrder"] = [problem(409, "alreadyReplaced", "it has been"), scripted.order()]
    one.new_order(NAMES, "aa.bb")
    assert [asked.get("replaces") for asked in scripted.stub.posted("/newOrder")[-2:]] == ["aa.bb", None]
    scripted.answers["/newOrder"] = [problem(403, "rejectedIdentifier", "not that one")]
    error = fails(one.new_order, NAMES, "aa.bb")
    assert (error.why, error.refused) == ("not that one (rejectedIdentifier)", True)


def test_profiles(scripted: Scripted) -> None:
    one, _ = talk(scripted, profile="short")
    one.sign_in()
    assert fails(one.new_order, NAMES, "").why == "it has no profile short; it offers no profiles"
    scripted.directory["meta"] = {"profiles": {"classic": "...", "tlsserver": "..."}}
    one.look_up()
    error = fails(one.new_order, NAMES, "")
    assert (error.why, error.refused) == ("it has no profile short; it offers the profiles classic, tlsserver", True)
    scripted.directory["meta"] = {"profiles": {"short": "..."}}
    one.look_up()
    one.new_order(NAMES, "")
    identifiers = [{"type": "dns", "value": "*.example.com"}]
    assert scripted.stub.posted("/newOrder") == [{"identifiers": identifiers, "profile": "short"}]


@pytest.mark.parametrize(
    "said",
    [
        {"status": "unheard-of"},
        {"status": None},
        {"authorizations": "x"},
        {"authorizations": [1]},
        {"finalize": None},
        {"authorizations": ["https://x"] * 101},
    ],
)
def test_orders_that_make_no_sense(scripted: Scripted, said: dict[str, Any]) -> None:
    one, _ = talk(scripted)
    one.sign_in()
    scripted.answers["/o"] = [scripted.order(**said)]
    assert fails(one.order, f"{scripted.stub.url}/o").why == "its order makes no sense"


def test_how_an_order_stands(scripted: Scripted) -> None:
    one, _ = talk(scripted)
    one.sign_in()
    url = f"{scripted.stub.url}/o"
    failed = {"type": "urn:ietf:params:acme:error:caa", "detail": "CAA forbids it"}
    given = scripted.order(status="invalid", error=failed)
    scripted.answers["/o"] = [given._replace(fields={"Retry-After": "7"})]
    found = one.order(url)
    assert (found.status, found.retry_after, found.certificate) == ("invalid", 7.0, "")
    assert found.error is not None
    assert (found.error.why, found.error.refused) == ("CAA forbids it (caa)", True)
    assert scripted.stub.posted("/o") == [None]


def challenge(scripted: Scripted, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "url": f"{scripted.stub.url}/c",
        "token": "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0",
        **more,
    }


def authorization(scripted: Scripted, *challenges: Any, **more: Any) -> Given:
    identifier = {"type": "dns", "value": "example.com"}
    return Given(200, {"identifier": identifier, "status": "pending", "challenges": challenges, **more})


def test_what_is_to_be_shown(scripted: Scripted) -> None:
    one, _ = talk(scripted)
    one.sign_in()
    url = f"{scripted.stub.url}/a"
    both = challenge(scripted, "dns-01", status="pending"), challenge(scripted, "http-01")
    scripted.answers["/a"] = [authorization(scripted, *both, challenge(scripted, "new-99"), wildcard=True)]
    scripted.answers["/c"] = [Given(200, {})]
    found = one.authorization(url, "dns-01")
    assert (found.domain, found.name, found.asked) == ("example.com", "_acme-challenge.example.com", False)
    assert len(found.value) == 43
    one.answer(found.challenge)
    assert scripted.stub.posted("/c") == [{}]
    token = both[0]["token"]
    found = one.authorization(url, "http-01")
    assert (found.name, found.value.partition(".")[0]) == (token, token)
    error = {"type": "urn:ietf:params:acme:error:dns", "detail": "no TXT record found"}
    scripted.answers["/a"] = [
        authorization(scripted, challenge(scripted, "dns-01", status="invalid", error=error), status="invalid")
    ]
    found = one.authorization(url, "dns-01")
    assert (found.status, found.asked) == ("invalid", True)
    assert found.error is not None
    assert found.error.why == "no TXT record found (dns)"
    scripted.answers["/a"] = [authorization(scripted, challenge(scripted, "tls-alpn-01"))]
    refusal = fails(one.authorization, url, "dns-01")
    assert (refusal.why, refusal.refused) == ("it takes no dns-01 for example.com", True)
    for nonsense in (Given(200, {"status": "pending"}), authorization(scripted, status="unheard-of")):
        scripted.answers["/a"] = [nonsense]
        assert fails(one.authorization, url, "dns-01").why == "its authorization makes no sense"


def test_the_request_and_the_chain(scripted: Scripted) -> None:
    one, _ = talk(scripted)
    one.sign_in()
    url = scripted.stub.url
    scripted.answers["/f"] = [scripted.order(status="processing")]
    scripted.answers["/cert"] = [Given(200, b"PEM", {"Content-Type": "application/pem-certificate-chain"})]
    order = Order(f"{url}/o", "ready", (), f"{url}/f", "", None, None)
    assert one.finalize(order, signing_request(new_key(), NAMES)).status == "processing"
    (said,) = scripted.stub.posted("/f")
    assert set(said) == {"csr"}
    assert one.chain(f"{url}/cert") == "PEM"


def test_rfc9773_4_the_window(scripted: Scripted) -> None:
    scripted.directory["renewalInfo"] = f"{scripted.stub.url}/ari/"
    one, _ = talk(scripted)
    window = {"suggestedWindow": {"start": "1970-01-01T00:00:10Z", "end": "1970-01-01T00:00:20Z"}}
    scripted.answers["/ari/aa.bb"] = [Given(200, window, {"Retry-After": "21600"})]
    assert one.window("aa.bb") == (Window(10.0, 20.0), 21600.0)
    assert scripted.stub.asked[-1].method == "GET"
