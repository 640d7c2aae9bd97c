"""Reads longer than get-by-id; they never write."""
