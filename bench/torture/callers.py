"""Citizens who call again and again: scripted by chance, at the company's door."""

from bench.torture.person import Person
from bench.torture.telephones import Telephone

NUMBERS_FROM = 612_000_000
LISTEN_SECONDS = 60.0
TALK_SECONDS = (1.0, 4.0)
# What callers do: hang up in the menu, or while they wait; the others stay until somebody talks to them.
LEAVE_MENU, LEAVE_QUEUE = 0.06, 0.25
# What tells a caller that they wait, or that they are not let in and may choose.
WAITS, OFFERED = "file", "étoile"


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
        if self._until(phone, ("tapez",)) is None or drawn < LEAVE_MENU:
            phone.do("hangup")
            return
        phone.do("press", digits=self.random.choice("1120"))
        heard = self._until(phone, (WAITS, OFFERED))
        if heard and drawn < LEAVE_MENU + LEAVE_QUEUE:
            self.wait(0.2, 3.0)
            phone.do("hangup")
            return
        if heard == OFFERED:
            self._choose(phone)
            return
        # Whoever talks is heard as speech; then it is soon over.
        if self._until(phone, ("",), kind="speech") is not None:
            self.wait(*TALK_SECONDS)
        phone.do("hangup")
        phone.http.close()

    def _choose(self, phone: Telephone) -> None:
        """Take what is offered: mostly to be called back, else a message, which some say nothing into."""
        phone.do("press", digits=self.random.choice("112"))
        if self._until(phone, ("bip", "rappellerons")) == "bip":
            self.wait(0.5, 1.5)
            phone.do("say", text="Rappelez-moi, s'il vous plaît")
            phone.do("press", digits="#")
            self.wait(0.2, 1.0)
        phone.do("hangup")

    def _until(self, phone: Telephone, words: tuple[str, ...], kind: str = "") -> str | None:
        """Listen until one of *words* is heard, and which; None when the line ends, or after a long time."""
        for _ in range(int(LISTEN_SECONDS / 2)):
            for event in phone.events():
                if event["type"] == "ended":
                    return None
                if event["type"] == "heard" and kind in ("", event["kind"]):
                    found = next((one for one in words if one in event["text"]), None)
                    if found is not None:
                        return found
            if self.moments.gone.is_set():
                return None
        return None
