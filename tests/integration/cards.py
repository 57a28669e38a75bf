"""Words for the cards of the demo's page: their states and figures, as a browser finds them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.integration.browser import Page

CARDS = ("sse", "ndjson", "socket", "download", "upload", "fields")


def state(card: str) -> str:
    """The expression for a card's state."""
    return f"document.getElementById('{card}').dataset.state"


async def hurry(page: Page) -> None:
    """Choose the fastest pace for both streams."""
    await page.evaluate("document.querySelectorAll('[name=interval]').forEach((input) => { input.value = '0.01'; })")


async def fact(page: Page, card: str, name: str) -> str:
    """A figure that a card shows."""
    found = f"[...document.querySelectorAll('#{card} dt')].find((term) => term.textContent === {json.dumps(name)})"
    return str(await page.evaluate(f"{found}?.nextSibling.textContent"))
