"""A supervisor to try: `python -m tests.config.supervised FOLDER SCENE`. Children write their numbers into FOLDER."""

import os
import sys
from pathlib import Path

from config.embedded import EmbeddedRedis
from config.places import hold
from config.processes import JOURNAL, Process, ProcessError, ServerError, Supervisor

# Arguments: where to write one's number, then what kind of child this is.
CHILD = """
import os, pathlib, signal, sys, time
path, kinds = pathlib.Path(sys.argv[1]), sys.argv[2:]
if "slow" in kinds:
    signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit(0)))
if "stubborn" in kinds:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "forking" in kinds and os.fork() == 0:
    os.setpgrp()  # as the work horse of an RQ worker does
    path = path.with_name(path.name + ".forked")
if "once" in kinds and path.exists():
    sys.exit(3)
with path.open("a") as pids:
    pids.write(f"{os.getpid()}\\n")
if "failing" in kinds:
    sys.exit(3)
time.sleep(600)
"""


class Unwilling:
    """A server that does not come up the first *refusals* times, and says why by *fault*."""

    def __init__(self, mark: Path, refusals: int, fault: str = "") -> None:
        self.name, self.mark, self.refusals, self.fault = mark.name, mark, refusals, fault
        self.is_up = False

    def is_running(self) -> bool:
        return self.is_up

    def start(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise ServerError(self.fault)
        self.is_up = True
        self.mark.touch()


def main(folder: Path, scene: str) -> None:
    """Run *scene* until a signal; `ready` appears in *folder* when everything runs."""

    def child(name: str, *kinds: str, stop_seconds: float = 600.0) -> Process:
        argv = [sys.executable, "-c", CHILD, str(folder / name), *kinds]
        return Process(name, argv, os.environ, lambda pid: has_said(name, pid), stop_seconds)

    def has_said(name: str, pid: int) -> bool:
        return (folder / name).exists() and f"{pid}" in (folder / name).read_text().split()

    store = EmbeddedRedis(folder / "redis")
    servers = [store] if scene == "server" else []
    processes = {
        "plain": [child("one"), child("two")],
        "server": [],
        "unwilling": [child("one")],
        "once": [child("one"), child("two", "once")],
        "forking": [child("one", "forking"), child("two", "slow")],
        "stubborn": [child("one", "stubborn")],
        "impatient": [child("one", "stubborn", "forking", stop_seconds=0.2)],
        "failing": [child("one"), Process("two", [sys.executable, "-c", "raise SystemExit(3)"], {}, lambda _: False)],
    }[scene]
    with hold(folder):
        for server in servers:
            server.start()
            (folder / "url").write_text(server.url)
        try:
            unwilling = [
                Unwilling(folder / "postgres", 2, "killed while it came up.\nits log"),
                Unwilling(folder / "redis", 0),
                Unwilling(folder / "silent", 1),
            ]
            minded = unwilling if scene == "unwilling" else servers
            Supervisor(processes, servers=minded, journal=folder / JOURNAL).run(on_ready=(folder / "ready").touch)
        except ProcessError as error:
            print(error.code, error)
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
