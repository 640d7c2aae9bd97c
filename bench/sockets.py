"""Light Socket.IO clients: one WebSocket each, answering what a page answers, noting when each frame came."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import aiohttp

Frame = Callable[[str, Any, float], None]


class Client:
    """A connected page. *on_frame* is told each event, its facts and the moment (seconds since the epoch)."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, on_frame: Frame) -> None:
        self._socket = socket
        self._on_frame = on_frame
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._reader = asyncio.create_task(self._read())

    async def ask(self, event: str, told: Any) -> Any:
        """Send an event and wait for its answer."""
        number = len(self._acks)
        self._acks[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(f"42{number}{json.dumps([event, told])}")
        return await asyncio.wait_for(self._acks[number], 60)

    async def close(self) -> None:
        """Leave."""
        self._reader.cancel()
        await self._socket.close()

    async def _read(self) -> None:
        async for message in self._socket:
            at, text = time.time(), message.data
            if text == "2":
                await self._socket.send_str("3")
            elif text.startswith("42"):
                event, *facts = json.loads(text[2:])
                if event == "beat?":
                    await self._socket.send_str('42["beat"]')
                else:
                    self._on_frame(event, facts[0] if facts else None, at)
            elif text.startswith("43"):
                number, _, answer = text[2:].partition("[")
                self._acks[int(number)].set_result(json.loads("[" + answer)[0])


async def connect(session: aiohttp.ClientSession, base: str, auth: Any, on_frame: Frame) -> Client:
    """Open one socket, by WebSocket alone as our pages do.

    Raises:
        ConnectionError: the server refused it.
    """
    url = base.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    socket = await session.ws_connect(url, max_msg_size=1_000_000, compress=0)
    await socket.receive_str()
    await socket.send_str("40" + (json.dumps(auth) if auth else ""))
    answer = await socket.receive_str()
    if not answer.startswith("40"):
        raise ConnectionError(answer)
    return Client(socket, on_frame)
