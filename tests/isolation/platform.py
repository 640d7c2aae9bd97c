"""The running product on a world's database, and sockets to it."""

from typing import Any
from uuid import uuid4

import requests
import socketio
from werkzeug.test import TestResponse

from config.embedded import EmbeddedRedis
from tests.isolation.world import World
from tests.product import Product

EVENTS = ("changed", "signed_out", "typing", "move")


class Peer:
    """One socket of somebody; `heard` is every frame it was sent."""

    def __init__(self, base: str, token: str) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.socket = socketio.Client(reconnection=False)
        for event in EVENTS:
            self.socket.on(event, lambda told, event=event: self.heard.append((event, told)))
        self.socket.connect(base, auth={"token": token}, transports=["websocket"])
        self.ws = self.socket.eio.ws

    def join(self, room: str) -> dict[str, Any]:
        return self.socket.call("join", {"room": room}, timeout=30)


def close(client: socketio.Client, ws: Any) -> None:
    """With *ws*: a client forgets the one that the server has closed."""
    client.disconnect()
    ws.shutdown()


class Platform:
    """The product on a world's database, with a Redis that may be killed."""

    def __init__(self, world: World, product: Product, redis: EmbeddedRedis) -> None:
        self.world, self.product, self.redis = world, product, redis
        self.opened: list[Peer] = []

    def open(self, who: str) -> Peer:
        """A socket with a token that the person's page, or the citizen's, has asked for."""
        path, client, headers = "/session/socket-token", None, {}
        if who in self.world.citizens:
            citizen = self.world.citizens[who]
            client, path = citizen.client, f"{citizen.base.removeprefix('/api/v1')}/socket-token"
        else:
            client, headers = self.world.person(who).client, self.world.person(who).headers
        answer: TestResponse = client.post(f"/api/v1{path}", headers=headers)
        peer = Peer(self.product.base, answer.get_json()["token"])
        self.opened.append(peer)
        return peer

    def ask(self, who: str, method: str, path: str, **more: Any) -> requests.Response:
        """Over HTTP to the running product, with the cookie of the person's session."""
        person = self.world.person(who)
        cookie = person.client.get_cookie("guichet_session").value
        headers = person.headers | {"Cookie": f"guichet_session={cookie}", "Idempotency-Key": uuid4().hex}
        return requests.request(method, f"{self.product.base}/api/v1{path}", headers=headers, timeout=30, **more)
