"""A telephone company on one machine that behaves as Twilio does: imports nothing of ours, imported by nothing."""
