"""Towards the internal service: connection, pool, retry rule. Never knows ``webproxy.downstream``."""
