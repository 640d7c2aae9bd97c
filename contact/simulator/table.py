"""A table of words, as the terminal prints it and the page shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, a head, and rows whose first cell names them."""

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
