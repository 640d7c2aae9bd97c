"""Public holidays, by law, of every French territory."""

from datetime import date, timedelta

from contact.domain.phones import ZONES

# By the codes of telephone numbers, and the part of the mainland that has two days more.
ALSACE_MOSELLE = "FR-AM"
TERRITORIES = ("FR", ALSACE_MOSELLE, *(code for code in ZONES if code != "FR"))
# (month, day)
NATIONAL = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
# The abolition of slavery, and what else one territory alone keeps by law. Customs (the carnival, a saint of the
# island) are an administration's own special days.
LOCAL = {
    ALSACE_MOSELLE: ((12, 26),),
    "GP": ((5, 27),),
    "MQ": ((5, 22),),
    "GF": ((6, 10),),
    "RE": ((12, 20),),
    "YT": ((4, 27),),
    "MF": ((5, 28),),
    "BL": ((10, 9),),
    "NC": ((9, 24),),
    # Since 2025 Matari'i in place of the day of autonomy.
    "PF": ((3, 5), (11, 20)),
    "WF": ((4, 28), (6, 29), (7, 29)),
}
# Easter Monday, Ascension, Whit Monday.
_AFTER_EASTER = (1, 39, 50)
_GOOD_FRIDAY = (ALSACE_MOSELLE, "PF")


def of_year(year: int, territory: str) -> frozenset[date]:
    """The holidays of a year; a territory that nobody knows has the national ones."""
    sunday = easter(year)
    movable = _AFTER_EASTER + ((-2,) if territory in _GOOD_FRIDAY else ())
    fixed = NATIONAL + LOCAL.get(territory, ())
    return frozenset([*(date(year, *day) for day in fixed), *(sunday + timedelta(days=shift) for shift in movable)])


def is_holiday(day: date, territory: str) -> bool:
    return day in of_year(day.year, territory)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    century, of_century = divmod(year, 100)
    leap, rest = divmod(century, 4)
    moon = (19 * (year % 19) + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * rest + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)
