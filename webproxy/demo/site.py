"""The demo service's site: which path is answered by what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorCore, IReactorTCP, IReactorThreads, IReactorTime
from twisted.web.resource import Resource
from twisted.web.server import Site

from webproxy.demo import ollama, openai
from webproxy.demo.answer import Leaf, answer_json
from webproxy.demo.body import StreamingRequest
from webproxy.demo.download import Download
from webproxy.demo.echo import echo_resource
from webproxy.demo.events import Events
from webproxy.demo.fields import FieldsResource
from webproxy.demo.page import INDEX, page_files
from webproxy.demo.tally import Tallies
from webproxy.demo.upload import Upload

if TYPE_CHECKING:
    from twisted.web.server import Request


class IDemoReactor(IReactorCore, IReactorTime, IReactorThreads, IReactorTCP):
    """What the demo service needs of a reactor: its start, the time, threads for long digests, and a port."""


class DemoSite(Site):
    """A site that counts what it does, in ``tallies``, and ends nothing by a time limit of its own.

    What ends an exchange early is the client, or the proxy before the service: so it is theirs to show.
    """

    requestFactory = StreamingRequest

    def __init__(self, root: Resource, tallies: Tallies, reactor: IReactorTime) -> None:
        super().__init__(root, reactor=reactor, timeout=None, parsePOSTFormSubmission=False)
        self.tallies = tallies


class Stats(Leaf):
    """``GET /stats``: the tallies."""

    def __init__(self, tallies: Tallies) -> None:
        super().__init__()
        self._tallies = tallies

    def render_GET(self, request: Request) -> bytes:
        """The counts as JSON."""
        return answer_json(request, self._tallies.as_json())


def make_site(reactor: IDemoReactor) -> DemoSite:
    """The demo service, ready to be listened with.

    :param reactor: gives the time and the threads; the caller listens on it.
    """
    tallies = Tallies()
    root = Resource()
    for name, file in page_files().items():
        root.putChild(b"" if name == INDEX else name.encode(), file)
    root.putChild(b"fields", FieldsResource())
    root.putChild(b"stats", Stats(tallies))
    root.putChild(b"events", Events(reactor, tallies))
    root.putChild(b"download", Download(reactor, tallies))
    root.putChild(b"upload", Upload())
    root.putChild(b"echo", echo_resource(tallies.sockets))
    _put_openai(root, reactor, tallies)
    _put_ollama(root, reactor, tallies)
    return DemoSite(root, tallies, reactor)


def _put_openai(root: Resource, reactor: IDemoReactor, tallies: Tallies) -> None:
    chat, v1 = Resource(), Resource()
    chat.putChild(b"completions", openai.Completions(reactor, tallies))
    v1.putChild(b"chat", chat)
    v1.putChild(b"models", openai.Models())
    root.putChild(b"v1", v1)


def _put_ollama(root: Resource, reactor: IDemoReactor, tallies: Tallies) -> None:
    api = Resource()
    api.putChild(b"chat", ollama.Chat(reactor, tallies))
    api.putChild(b"generate", ollama.Generate(reactor, tallies))
    api.putChild(b"tags", ollama.Tags())
    api.putChild(b"version", ollama.Version())
    root.putChild(b"api", api)
