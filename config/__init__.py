"""Settings, wiring and set-up: imports nothing of the product."""
