"""What the product is measured against: the least a web process does to keep a message and to tell a socket of it."""

import os
import queue
import uuid
from typing import Any

import psycopg
from flask import Flask, request
from flask_socketio import SocketIO, join_room

URL, REDIS_URL = os.environ["BARE_DATABASE_URL"], os.environ["REDIS_URL"]
INSERT = "INSERT INTO bare_message VALUES (%s, %s, now()) RETURNING created_at"

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent", message_queue=REDIS_URL, transports=["websocket"])
pool: queue.LifoQueue[psycopg.Connection | None] = queue.LifoQueue()
for _ in range(int(os.environ["DATABASE_POOL_SIZE"])):
    pool.put(None)


@app.post("/insert")
def insert() -> dict[str, str]:
    """One row, committed."""
    return _inserted(request.get_json())


@app.post("/emit")
def emit() -> dict[str, str]:
    """One row, committed, and one frame to whoever is in the room that the body names."""
    told = request.get_json()
    kept = _inserted(told)
    socketio.emit("changed", {"id": kept["id"]}, to=told["room"])
    return kept


@socketio.on("join")
def join(asked: Any) -> dict[str, bool]:
    """Enter the room."""
    join_room(asked["room"])
    return {"ok": True}


def _inserted(told: dict[str, str]) -> dict[str, str]:
    connection = pool.get() or psycopg.connect(URL)
    try:
        id = uuid.uuid4()
        row = connection.execute(INSERT, (id, told["body"])).fetchone()
        connection.commit()
        assert row is not None
        return {"id": str(id), "body": told["body"], "created_at": row[0].isoformat()}
    finally:
        pool.put(connection)


@app.get("/readyz")
def ready() -> dict[str, bool]:
    """It answers."""
    return {"ok": True}
