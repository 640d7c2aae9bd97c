"""Agents at their consoles: HTTP and a socket that beats; they accept, decline, answer, note, wrap up, sign out."""

import contextlib
from typing import Any

import requests
import socketio

from bench.torture.person import Person
from bench.torture.telephones import Headset

API = "/api/v1"
WRAP_UP_CODE = "answered"
OUT = ("sms", "email")


class Agent(Person):
    """One of the demo's agents. Some of what they write leaves the house by SMS or email.

    Where there is a telephone *company*, they answer calls as well, until the last line has ended.
    """

    login: str
    password: str
    company: str

    def live(self) -> None:
        self.headset = Headset(self.company, self.name, self.random, self._tell)
        self.socket: socketio.Client | None = None
        self.threads: list[str] = []
        while not self.moments.gone.is_set():
            self.turn()
            self.moments.gone.wait(self.random.uniform(0.4, 1.4))
        self._drop_socket()

    def turn(self) -> None:
        """Look at the work, and do some of it."""
        if not self.headers and not self._sign_in():
            return
        self._keep_socket()
        work = self._tell("GET", "/me/work")
        if work is None:
            return
        if work["presence"]["state"] != "ready":
            self._tell("PUT", "/me/state", {"state": "ready"})
        for offer in work["offers"]:
            self._answer(offer)
        calls = [one for one in work["assignments"] if one["channel"] == "voice"]
        for assignment in calls:
            if not self.headset.see_to(assignment):
                self._finish(f"/assignments/{assignment['id']}")
        if self.moments.over.is_set():
            return
        for assignment in work["assignments"]:
            if assignment not in calls:
                self._serve(assignment)
        drawn = self.random.random()
        if drawn < 0.45:
            self._write_out()
        elif drawn < 0.465:
            self._tell("DELETE", "/session")
            self._forget()

    def _answer(self, offer: dict[str, Any]) -> None:
        drawn = 0.0 if self.moments.over.is_set() else self.random.random()
        if drawn < 0.75:
            accepted = self._tell("POST", f"/offers/{offer['id']}/accept")
            if accepted is not None:
                self.journal.write("took", assignment=accepted["id"], offer=offer["id"], login=self.login)
        elif drawn < 0.92:
            self._tell("POST", f"/offers/{offer['id']}/decline")

    def _serve(self, assignment: dict[str, Any]) -> None:
        drawn, path = self.random.random(), f"/assignments/{assignment['id']}"
        if assignment["state"] == "wrapping":
            if drawn < 0.5:
                self._finish(path)
            elif drawn < 0.6:
                self._tell("POST", f"{path}/extend")
        elif drawn < 0.30:
            self._write("reply", assignment["ticket_id"])
        elif drawn < 0.36:
            self._write("note", assignment["ticket_id"])
        elif drawn < 0.46:
            self._tell("POST", f"{path}/wrap")
        elif drawn < 0.53:
            self._finish(path)

    def _finish(self, path: str) -> None:
        state = self.random.choice(["resolved", "waiting_citizen", "open"])
        ending = {"wrap_up_code": WRAP_UP_CODE, "ticket_state": state}
        answer = self._ask("POST", f"{path}/finish", ending)
        if answer is not None and answer.status_code == 204:
            self.journal.write("finished", assignment=path.rpartition("/")[2])

    def _write_out(self) -> None:
        """A reply to a matter that came by SMS or email: the ledger gets it."""
        if not self.threads:
            listed = self._tell("GET", "/tickets?limit=100&scope=queues") or {"items": []}
            self.threads = [one["id"] for one in listed["items"] if one["channel"] in OUT and one["state"] != "closed"]
        if self.threads:
            self._write("reply", self.random.choice(self.threads))

    def _write(self, what: str, ticket_id: str) -> None:
        path = f"{API}/tickets/{ticket_id}/{'notes' if what == 'note' else 'messages'}"
        body = {"body": f"Réponse de {self.login}"}
        answer = self.put(what, path, body, ticket=ticket_id)
        self._look_at(answer)
        if answer is not None and answer.status_code >= 400 and ticket_id in self.threads:
            self.threads.remove(ticket_id)

    def _tell(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a good answer (`{}` of an empty one), or None."""
        answer = self._ask(method, path, body)
        if answer is None or not answer.ok:
            return None
        return answer.json() if answer.content else {}

    def _ask(self, method: str, path: str, body: Any = None) -> requests.Response | None:
        answer = self.ask(method, API + path, body)
        self._look_at(answer)
        return answer

    def _look_at(self, answer: requests.Response | None) -> None:
        if answer is not None and answer.status_code == 401:
            self._forget()

    def _sign_in(self) -> bool:
        answer = self.ask("POST", f"{API}/session", {"login": self.login, "password": self.password})
        if answer is None or not answer.ok:
            return False
        self.headers = {"X-CSRF-Token": answer.json()["csrf_token"]}
        return True

    def _forget(self) -> None:
        self.headers = {}
        self._drop_socket()

    def _keep_socket(self) -> None:
        if self.socket is not None and self.socket.connected:
            return
        self._drop_socket()
        told = self._tell("POST", "/session/socket-token")
        if told is None:
            return
        found = self.socket = socketio.Client(reconnection=False, request_timeout=3)
        found.on("beat?", lambda _told: self._beat(found))
        with contextlib.suppress(socketio.exceptions.SocketIOError, OSError):
            found.connect(self.base, auth={"token": told["token"]}, transports=["websocket"], wait_timeout=3)

    def _beat(self, asked: socketio.Client) -> None:
        # It may break between the question and the answer.
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            asked.emit("beat", {})

    def _drop_socket(self) -> None:
        if self.socket is not None:
            with contextlib.suppress(socketio.exceptions.SocketIOError, OSError):
                self.socket.disconnect()
            self.socket = None
