"""Measured ratios against the bounds the design promises; each file runs with `python -m`."""
