"""Tests: the promise of each is in its docstring."""
