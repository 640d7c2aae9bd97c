"""Citizens in web chats: each writes, waits, leaves, comes back, and keeps a journal."""

from random import Random

import requests

from bench.torture.person import Person

WORDS = ("Bonjour", "Je ne trouve pas le formulaire", "Merci", "C'est urgent", "Et pour mon fils ?", "Voilà", "Hello")


class Citizen(Person):
    """Somebody with a new browser for each matter, in the chat of one of the *addresses*."""

    addresses: list[str]

    def live(self) -> None:
        while not self.moments.over.is_set():
            self.visit(self.random.choice(self.addresses))
            self.wait(0.2, 1.5)
        # Whoever is over stays in the conversation: somebody waits or is served when it is counted.
        self.moments.gone.wait()

    def visit(self, address: str) -> None:
        """One matter, from the first words to the last."""
        self.http.close()
        self.http = requests.Session()
        chat = f"/api/v1/chat/{address}"
        greeted, page = self.insist("POST", f"{chat}/visitor"), self.insist("GET", chat)
        if greeted is None or page is None:
            return
        told = page.json()
        topic, language = self.random.choice(told["topics"]), self.random.choice(told["languages"])
        opening = {"topic_id": topic["id"], "language": language, "body": self._words()}
        where = {"address": address, "visitor": self.new_key()}
        if self.put("start", f"{chat}/conversation", opening, **where) is None:
            return
        for _ in range(self.random.randint(0, 7)):
            self.wait(0.1, 2.0)
            if self.moments.over.is_set():
                return
            self._do_something(chat, where)

    def _do_something(self, chat: str, where: dict[str, str]) -> None:
        drawn = self.random.random()
        if drawn < 0.70:
            self.put("say", f"{chat}/messages", {"body": self._words()}, **where)
        elif drawn < 0.85:
            self.insist("GET", f"{chat}/messages?since=0")
        elif drawn < 0.95:
            self.insist("GET", f"{chat}/conversation")
        else:
            self.insist("POST", f"{chat}/end")

    def _words(self) -> str:
        random: Random = self.random
        return " ".join(random.choice(WORDS) for _ in range(random.randint(1, 4)))
