"""Sign-in and accounts on the wire."""

from marshmallow import Schema, fields

from contact.schemas.base import Strict, Text, language


class SignIn(Strict):
    login = Text(200, required=True)
    password = Text(1000, required=True)


class NewPassword(Strict):
    current_password = Text(1000, required=True)
    new_password = Text(1000, required=True)


class AccountChange(Strict):
    language = language(required=True)


class Account(Schema):
    id = fields.UUID()
    login = fields.String()
    name = fields.String()
    role = fields.String()
    language = fields.String()


class SignedIn(Schema):
    account = fields.Nested(Account)
    csrf_token = fields.String()


class SocketToken(Schema):
    token = fields.String()
    expires_in_seconds = fields.Integer()
