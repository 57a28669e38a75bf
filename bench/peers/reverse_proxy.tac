"""Twisted's own ReverseProxyResource, which has no settings, with twisted.web's access log: what we came from."""

from twisted.application.internet import TCPServer
from twisted.application.service import Application
from twisted.web.proxy import ReverseProxyResource
from twisted.web.server import Site

application = Application("ReverseProxyResource")
site = Site(ReverseProxyResource("127.0.0.1", int("@{internal}"), b""), logPath="@{directory}/access.log")
TCPServer(int("@{port}"), site, backlog=4096, interface="127.0.0.1").setServiceParent(application)
