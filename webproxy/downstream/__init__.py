"""Towards the client: the channel, its requests, the site that makes them. Never knows ``webproxy.upstream``."""
