"""Twilio, by its own official client: what it asks us, and what we ask it."""
