"""What ``twistd`` lists: each subcommand names its module by string, so that listing them imports nothing of ours."""

from twisted.application.service import ServiceMaker

webproxy = ServiceMaker("webproxy", "webproxy.tap", "A public address for a service on an internal port.", "webproxy")
webproxy_router = ServiceMaker(
    "webproxy-router", "webproxy.router.tap", "Public https names for the machines of a network.", "webproxy-router"
)
