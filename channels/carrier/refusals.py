"""What the company refuses, with Twilio's codes and sentences."""

from typing import Any

MORE = "https://www.twilio.com/docs/errors/"

# Sentences, not the code itself, tell a reader what happened: {0} is what was given.
REFUSALS: dict[int, tuple[int, str]] = {
    20001: (400, "{0}"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20009: (409, "The resource is not in a state that allows this: {0}"),
    20404: (404, "The requested resource {0} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL: {0}"),
    21210: (400, "The source phone number provided, {0}, is not yet verified for your account."),
    21211: (400, "Invalid 'To' Phone Number: {0}"),
    21212: (400, "Invalid From Number (caller ID): {0}"),
    21213: (400, "No 'From' number is specified"),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21225: (400, "Invalid Conference Participant: {0}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number provided ({0}) is not a valid message-capable Twilio phone number"
        " for this destination.",
    ),
    21609: (400, "Invalid 'StatusCallback' Url: {0}"),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21612: (400, "Message cannot be sent with the current combination of 'To' ({0}) and/or 'From' parameters"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    21620: (400, "Invalid media URL(s): {0}"),
    21623: (400, "Number of media files exceeds allowed limit."),
    21635: (400, "'To' number cannot be a landline: {0}"),
    21701: (404, "The Messaging Service {0} does not exist."),
    22003: (400, "The queue name {0} is already in use"),
    30409: (400, "This message cannot be canceled: {0}"),
}

# Why a message was not delivered, or a document not run.
REASONS: dict[int, str] = {
    11200: "HTTP retrieval failure",
    11205: "HTTP connection failure",
    12100: "Document parse failure",
    12300: "Invalid Content-Type",
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Carrier violation",
    30008: "Unknown error",
}


class Refused(Exception):
    """A request that is not done, as Twilio says it."""

    def __init__(self, code: int, given: object = "") -> None:
        self.code = code
        self.status, sentence = REFUSALS[code]
        self.message = sentence.format(given)
        super().__init__(f"{code}: {self.message}")

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"code": self.code, "message": self.message, "more_info": f"{MORE}{self.code}", "status": self.status}
