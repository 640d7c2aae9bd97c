"""The telephone company's command line: `--port 8003` serves it, `load --help` makes people who call and text."""

import argparse
import asyncio
import sys
from pathlib import Path

from channels.carrier import load
from channels.carrier.server import Options, serve


def parser() -> argparse.ArgumentParser:
    """The options of the server."""
    made = argparse.ArgumentParser("channels.carrier", description=__doc__)
    made.add_argument("--port", type=int, required=True)
    made.add_argument("--host", default="127.0.0.1", help="the address to listen at (%(default)s)")
    made.add_argument("--data-folder", type=Path, help="where the ledger and pictures are kept; without it, in memory")
    made.add_argument("--ledger", type=Path, help="the ledger's file (DATA_FOLDER/ledger.jsonl)")
    made.add_argument("--public-url", default="", help="how customers reach it, in media URLs (http://127.0.0.1:PORT)")
    made.add_argument("--config", type=Path, help="JSON of accounts, numbers, applications, services, subscribers")
    made.add_argument("--speed", type=float, default=1.0, help="how fast its clock runs (%(default)s)")
    made.add_argument("--faults", default="", help='JSON, as {"seed": 1, "webhook": {"duplicate": 0.05}}')
    return made


def main() -> None:
    """Serve, or load."""
    if sys.argv[1:2] == ["load"]:
        load.main(sys.argv[2:])
        return
    options = Options(**vars(parser().parse_args()))
    try:
        asyncio.run(serve(options))
    except (ValueError, OSError) as fault:
        sys.exit(f"not started: {fault}")


if __name__ == "__main__":
    main()
