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
    await choose(page, "interval", "0.01")


async def choose(page: Page, name: str, value: str) -> None:
    """Choose a value in every list of this name, also one that it does not offer."""
    lists = f"document.querySelectorAll('select[name={name}]')"
    await page.evaluate(f"{lists}.forEach((list) => {{ list.add(new Option('', {json.dumps(value)}, true, true)) }})")


async def start_download(page: Page) -> None:
    """Start one that lasts a minute, and wait until something has come."""
    await choose(page, "rate", str(2**18))
    await page.click("#download [type=submit]")
    await page.until("document.querySelector('#download progress').value > 0")


async def pause_and_resume(page: Page) -> None:
    """Pause the download, and let the rest come as fast as it can."""
    await page.click("#download .pause")
    await page.until("document.querySelector('#download .pause').textContent === 'Resume'")
    await choose(page, "rate", "")
    await page.click("#download .pause")
    await page.until(f"{state('download')} === 'done'")
    assert await page.text("#download .verdict") == "Resumed and put together, every byte is right."
    assert (await fact(page, "download", "Answer")).startswith("206, bytes ")


async def fact(page: Page, card: str, name: str) -> str:
    """A figure that a card shows."""
    found = f"[...document.querySelectorAll('#{card} dt')].find((term) => term.textContent === {json.dumps(name)})"
    return str(await page.evaluate(f"{found}?.nextSibling.textContent"))
