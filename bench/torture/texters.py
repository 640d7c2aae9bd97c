"""Citizens with telephones: each texts the administrations from a number of their own, and keeps a journal."""

import requests

from bench.torture.citizens import WORDS
from bench.torture.person import ANSWER_SECONDS, Person

REST_SECONDS = (0.5, 5.0)


class Texter(Person):
    """Somebody who texts one of the *numbers* now and then; the telephone company takes it, or says that it did not."""

    number: str
    numbers: list[str]
    company: str

    def live(self) -> None:
        self.http.trust_env = False
        while self.left and not self.moments.over.is_set():
            self.text(self.random.choice(self.numbers))
            self.wait(*REST_SECONDS)

    def text(self, to: str) -> None:
        """Written down, sent, and the company's answer written down: from here on it must not be lost."""
        key = self.new_key()
        body = f"{self.random.choice(WORDS)} [{key}]"
        self.journal.write("intent", kind="text", key=key, body=body, twin=False, number=self.number)
        try:
            answer = self.http.post(
                f"{self.company}/carrier/phones/{self.number}",
                json={"do": "text", "to": to, "body": body},
                timeout=ANSWER_SECONDS,
            )
        except requests.RequestException:
            return
        if answer.ok:
            self.journal.write("accepted", key=key, id=None, seq=None, sid=answer.json()["sid"])
            self.accepted += 1
            self.left -= 1
