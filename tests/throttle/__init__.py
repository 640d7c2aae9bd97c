"""The voice throttle: its arithmetic, its decisions, its loop, its shared counter."""
