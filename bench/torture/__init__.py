"""Torture: the whole product under load while its processes are killed, then an exact count of what it promised."""
