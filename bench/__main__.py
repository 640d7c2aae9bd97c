"""`python -m bench [routing]`: run the measurements, all or those named; non-zero when a bound is not met."""

import sys

from bench import routing_engine

MEASUREMENTS = {"routing": routing_engine.main}


def main(wanted: list[str]) -> int:
    """The highest exit code of what was run."""
    if unknown := set(wanted) - set(MEASUREMENTS):
        print(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    return max(MEASUREMENTS[name]() for name in wanted or MEASUREMENTS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
