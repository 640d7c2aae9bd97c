"""The whole product as `make run` starts it, on ports and data of a test's own."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
START_SECONDS = 180.0


class Product:
    """Every process, started by the command line of the code in *root*; `lines` is what it has printed."""

    def __init__(self, data_folder: Path, root: Path = ROOT, **settings: object) -> None:
        self.data_folder = data_folder
        self.port = _free_block()
        self.base = f"http://localhost:{self.port}"
        # Where citizens' telephones are, when the product has a company of its own (`has_carrier`).
        self.phones = f"http://127.0.0.1:{self.port + 3}/phone"
        self.lines: list[str] = []
        self._is_ready = threading.Event()
        env = {name: value for name, value in os.environ.items() if "DATABASE" not in name and "REDIS" not in name}
        env |= {"PORT": str(self.port), "DATA_FOLDER": str(data_folder), "PYTHONUTF8": "1", "TZ": "UTC"}
        # Where it is not what is tested, it would only be in the way.
        env |= {"SYNTHETIC_SECONDS": "0", "HAS_CARRIER": "false"}
        env |= {name.upper(): str(value) for name, value in settings.items()}
        self.process = subprocess.Popen(
            [sys.executable, "app.py", "run"],
            cwd=root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self.reader.start()
        if not self._is_ready.wait(START_SECONDS) or self.process.poll() is not None:
            self.stop()
            raise AssertionError("".join(self.lines))

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.reader.join(10)
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def _read(self, output: IO[str] | None) -> None:
        for line in output or ():
            self.lines.append(line)
            if line.startswith("Guichet is ready"):
                self._is_ready.set()
        self._is_ready.set()


def _free_block() -> int:
    """The first of ten free ports, looked for from a random place: other test processes look at the same time."""
    for port in random.sample(range(21_000, 30_000, 10), 900):
        if all(_is_free(one) for one in range(port, port + 10)):
            return port
    raise AssertionError("no free block of ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
