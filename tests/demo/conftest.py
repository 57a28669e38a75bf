"""A demo service for every test that wants one."""

from __future__ import annotations

import pytest

from tests.demo.service import Client, Service


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Client:
    return service.client()
