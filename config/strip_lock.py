"""Take addresses out of an npm lock: `resolved` and `funding` are not needed to install, `integrity` stays."""

import json
import sys
from pathlib import Path


def strip(path: Path) -> None:
    """Rewrite the lock at *path* in place."""
    lock = json.loads(path.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    strip(Path(sys.argv[1]))
