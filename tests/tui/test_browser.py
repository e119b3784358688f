"""The screens in a real browser: it comes in with the token, a card is moved by a key, and the database has it moved."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.served import served
from tests.workspace import TestWorkspace, system_rows

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WAIT_S = 90
STAGES = "SELECT s.code FROM opportunity AS o JOIN stage AS s ON s.id = o.stage_id WHERE o.code = 'OPP-1'"

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed here")


@pytest.fixture
def address(sqlite_workspace: TestWorkspace, tmp_path: Path) -> Iterator[str]:
    """Where the screens are served to sam, with the token."""
    with served(sqlite_workspace, "sam", tmp_path) as found:
        yield found


class Page:
    """A page of the browser, driven over its own protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._number = socket, 0

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command, and wait for its answer."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            answer: dict[str, Any] = await self._socket.receive_json(timeout=WAIT_S)
            if answer.get("id") == self._number:
                return dict(answer.get("result", {}))

    async def says(self, expression: str) -> Any:
        """What an expression is in the page."""
        answer = await self.ask("Runtime.evaluate", expression=expression)
        return answer["result"].get("value")

    async def press(self, key: str) -> None:
        """Press a key that writes a character."""
        for kind in ("keyDown", "keyUp"):
            await self.ask("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown" else "")


@asynccontextmanager
async def page_at(address: str, folder: Path) -> AsyncIterator[Page]:
    """A page that shows the address."""
    process = await asyncio.create_subprocess_exec(
        str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
        f"--user-data-dir={folder}", "--window-size=1400,900", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        port = await _port_of(folder)
        async with aiohttp.ClientSession() as session:
            async with session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
                place = (await answer.json())["webSocketDebuggerUrl"]
            async with session.ws_connect(place, max_msg_size=0) as websocket:
                page = Page(websocket)
                await page.ask("Page.navigate", url=address)
                yield page
    finally:
        process.kill()
        await process.wait()


async def _port_of(folder: Path) -> str:
    for _try in range(WAIT_S * 10):
        written = folder / "DevToolsActivePort"
        if written.exists() and written.read_text().strip():
            return written.read_text().splitlines()[0]
        await asyncio.sleep(0.1)
    raise AssertionError("the browser did not start")


@pytest.mark.timeout(WAIT_S * 4)
async def test_a_card_moved_in_a_browser_is_moved_in_the_database(
    address: str, sqlite_workspace: TestWorkspace, tmp_path: Path
) -> None:
    before = system_rows(sqlite_workspace, STAGES)

    async with page_at(address, tmp_path / "browser") as page:
        for _try in range(WAIT_S):
            if await page.says("document.body.classList.contains('-first-byte')"):
                break
            await asyncio.sleep(1)
        await asyncio.sleep(3)
        place = await page.says("location.href")
        await page.says("document.querySelector('.xterm-helper-textarea').focus()")
        for _try in range(12):
            if system_rows(sqlite_workspace, STAGES) != before:
                break
            for key in ("2", "s", ">"):
                await page.press(key)
                await asyncio.sleep(1.5)
            await page.ask(
                "Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13
            )
            await asyncio.sleep(2)

    assert before == [("propose",)]
    assert system_rows(sqlite_workspace, STAGES) == [("negotiate",)]
    assert "token" not in place, "the address does not keep it"
