"""Idle agents by the lines they may serve: each lets in one caller of any of them."""

from collections.abc import Hashable
from typing import TypeAlias, TypeVar

_Line = TypeVar("_Line", bound=Hashable)
Spare: TypeAlias = dict[frozenset[_Line], int]
"""How many idle agents may serve exactly these lines; a line is whatever decides who may serve a call."""


def in_order(spare: Spare[_Line]) -> list[frozenset[_Line]]:
    """The groups as they are used up: who may serve few lines before who may serve many."""
    return sorted(spare, key=lambda lines: (len(lines), sorted(map(str, lines))))


def use_up(spare: Spare[_Line], line: _Line) -> bool:
    """Count on one of them for a call of the line; False when nobody who may serve it is idle."""
    for lines in in_order(spare):
        if line in lines and spare[lines] > 0:
            spare[lines] -= 1
            return True
    return False
