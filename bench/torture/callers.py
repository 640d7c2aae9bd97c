"""Citizens who call again and again: scripted by chance, at the company's door."""

from bench.torture.person import Person
from bench.torture.telephones import Telephone

NUMBERS_FROM = 612_000_000
LISTEN_SECONDS = 60.0
TALK_SECONDS = (1.0, 4.0)
# What callers do: hang up in the menu, or while they wait; the others stay until somebody talks to them.
LEAVE_MENU, LEAVE_QUEUE = 0.06, 0.25


class Caller(Person):
    """Calls again and again, from a number of their own each time."""

    company: str
    numbers: list[str]
    turn: int

    def live(self) -> None:
        while self.left:
            self.moments.gone.wait(self.random.uniform(0.0, 4.0))
            if self.moments.gone.is_set():
                return
            self._call(f"+33{NUMBERS_FROM + self.turn * 1000 + self.left}")
            self.left -= 1
            self.accepted += 1

    def _call(self, number: str) -> None:
        phone = Telephone(self.company, number)
        phone.events(0)
        drawn = self.random.random()
        told = phone.do("call", to=self.random.choice(self.numbers))
        self.journal.write("called", number=number, call=told.get("call"))
        if not self._until(phone, "tapez") or drawn < LEAVE_MENU:
            phone.do("hangup")
            return
        phone.do("press", digits=self.random.choice("1120"))
        if self._until(phone, "file") and drawn < LEAVE_MENU + LEAVE_QUEUE:
            self.wait(0.2, 3.0)
            phone.do("hangup")
            return
        # Whoever talks is heard as speech; then it is soon over.
        if self._until(phone, "", kind="speech"):
            self.wait(*TALK_SECONDS)
        phone.do("hangup")
        phone.http.close()

    def _until(self, phone: Telephone, words: str, kind: str = "") -> bool:
        """Listen until something is heard; False when the line ends, or after a long time."""
        for _ in range(int(LISTEN_SECONDS / 2)):
            for event in phone.events():
                if event["type"] == "ended":
                    return False
                if event["type"] == "heard" and words in event["text"] and kind in ("", event["kind"]):
                    return True
            if self.moments.gone.is_set():
                return False
        return False
