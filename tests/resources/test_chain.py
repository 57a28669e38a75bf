"""What the resources of our chain have in common."""

from __future__ import annotations

import pytest
from twisted.web.resource import IResource, Resource
from zope.interface.verify import verifyObject

from tests.wire import Wire
from webproxy.resources.chain import StreamingResource


def test_it_is_a_resource_and_a_leaf() -> None:
    resource = StreamingResource()
    verifyObject(IResource, resource)
    assert resource.isLeaf
    assert resource.getChildWithDefault(b"x", object()) is resource  # type: ignore[arg-type]


def test_nothing_is_mounted_below_a_leaf() -> None:
    with pytest.raises(TypeError, match="StreamingResource is a leaf"):
        StreamingResource().putChild(b"x", Resource())


def test_to_render_is_the_subclass_es_business() -> None:
    wire = Wire(StreamingResource())
    client = wire.client()
    client.says(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert client.sees().startswith(b"HTTP/1.1 500 ")
