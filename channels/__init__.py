"""The ways in and out of the house, one adapter a channel."""
