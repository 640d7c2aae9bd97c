"""Hours and days on the wire, as menus and policies write them: times as `09:00`, in the administration's own."""

from marshmallow import fields, validate

from contact.schemas.base import Strict, whole_number

TIME = validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", error="not_a_time")
DATE = validate.Regexp(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", error="not_a_date")


class DayOpening(Strict):
    """Part of a day; times as `09:00`, in the administration's own."""

    opens = fields.String(required=True, validate=TIME)
    closes = fields.String(required=True, validate=TIME)


class WeekOpening(DayOpening):
    """`day`: 0 is Monday."""

    day = whole_number(0, 6, required=True)
