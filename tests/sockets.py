"""A page's socket for the tests."""

import contextlib
import socket
from typing import Any

import socketio


class Socket(socketio.Client):
    """Connects once, and leaves nothing open: what the server has closed, the library only forgets."""

    def __init__(self, **how: Any) -> None:
        super().__init__(reconnection=False, **how)
        self._opened: list[Any] = []

    def connect(self, *where: Any, **how: Any) -> None:
        """As the library's; by WebSocket alone."""
        try:
            super().connect(*where, transports=["websocket"], **how)
        finally:
            if self.eio.ws is not None:
                self._opened.append(self.eio.ws)

    def disconnect(self) -> None:
        """End the connection, whoever ended it before."""
        super().disconnect()
        self.let_go()

    def let_go(self) -> None:
        """Close what is open, without a word to the server."""
        while self._opened:
            opened = self._opened.pop()
            if opened.sock is not None:
                # Closed alone it would stay open for as long as a thread of the library reads from it.
                with contextlib.suppress(OSError):
                    opened.sock.shutdown(socket.SHUT_RDWR)
            opened.shutdown()
