"""The simulator's commands: what they print, what they leave, and what they refuse."""

import gzip
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import cli
from contact.simulator import files
from contact.simulator.page import page
from contact.simulator.tables import tables
from contact.simulator.words import LANGUAGES, number, seconds, share

MINE = """
days = 2
announces = true
[[contacts]]
name = "calls <b>"
rates = [{ from = "09:00", to = "11:00", per_hour = 120 }]
handling = { lognormal = 300, cv = 1.2 }
patience = { exponential = 200 }
[[contacts]]
name = "emails"
channel = "email"
rates = [{ from = "09:00", to = "11:00", per_hour = 20 }]
handling = { deterministic = 120 }
[[agents]]
name = "agents"
channels = { voice = 1, email = 1 }
shifts = [{ from = "09:00", to = "11:00", count = 8 }]
"""


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run of a scenario of one's own leaves."""
    here = tmp_path_factory.mktemp("simulation")
    (here / "mine.toml").write_text(MINE)
    told = run("simulate", here / "mine.toml", "--seed", 7, "--out", here / "out")
    assert told.exit_code == 0, told.output
    return here / "out"


class TestSimulate:
    def test_lists_what_there_is(self):
        """Without a scenario: all that come along, each with what it is about."""
        told = run("simulate")

        assert told.exit_code == 0
        assert re.search(r"erlang-a +Erlang A: 20 overloaded agents", told.output)
        assert "Semaine ordinaire" in run("simulate", "--language", "fr").output

    def test_leaves_everything(self, folder: Path):
        """Results, log, charts and page."""
        assert {path.name for path in folder.iterdir()} == {
            *("index.html", "results.json", "events.csv.gz"),
            *("contacts.png", "agents.png", "waits.png", "announced.png"),
        }
        assert all(path.read_bytes().startswith(b"\x89PNG") for path in folder.glob("*.png"))

    def test_the_log_gives_every_result_again(self, folder: Path, tmp_path: Path):
        """Read again, the log leaves the same results, charts, page and log, to the last byte."""
        told = run("simulate", "--log", folder / "events.csv.gz", "--out", tmp_path)

        assert told.exit_code == 0
        for path in folder.iterdir():
            assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name

    def test_the_same_seed_the_same_files(self, folder: Path, tmp_path: Path):
        """And another seed others."""
        for seed in (7, 8):
            run("simulate", folder.parent / "mine.toml", "--seed", seed, "--out", tmp_path / str(seed))

        again, other = ((tmp_path / seed / "events.csv.gz").read_bytes() for seed in ("7", "8"))
        assert again == (folder / "events.csv.gz").read_bytes() != other

    def test_prints_what_it_found(self, folder: Path):
        """The table has the very numbers of the results."""
        found = json.loads((folder / "results.json").read_text())

        told = run("simulate", "--log", folder / "events.csv.gz").output

        arrived = f"{found['kinds'][0]['arrived']:,}"
        assert re.search(rf"calls <b> +{arrived} |Arrived +{arrived} ", told)
        assert "Ours (measured rate)" in told

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["nothing"], "there is no file nothing; scenarios that come along: erlang-a"),
            (["erlang-a", "--days", "2", "--calls", "5"], "--days or --calls, not both"),
            (["erlang-a", "--days", "0"], "0 is not in the range"),
            (["--log", __file__], "is not an event log of this simulator"),
            (["erlang-a", "--log", __file__], "it takes no scenario"),
        ],
    )
    def test_refuses_in_words(self, words: list[str], says: str):
        """A mistake is a sentence and an exit code, never a traceback."""
        told = run("simulate", *words)

        assert told.exit_code in (1, 2)
        assert says in told.output
        assert "Traceback" not in told.output

    def test_a_broken_file_is_named(self, tmp_path: Path):
        """With what is wrong in it."""
        (tmp_path / "bad.toml").write_text(MINE.replace("lognormal", "normal"))
        (tmp_path / "worse.toml").write_text("[[")
        with gzip.open(tmp_path / "cut.gz", "wt") as cut:
            cut.write("# {}\nmicroseconds,what,call,who,value\n1,2\n")

        assert "contacts 'calls <b>': handling: a distribution is like" in run("simulate", tmp_path / "bad.toml").output
        assert "worse.toml: " in run("simulate", tmp_path / "worse.toml").output
        assert "is not an event log" in run("simulate", "--log", tmp_path / "cut.gz").output

    def test_a_history_beside_the_file(self, tmp_path: Path):
        """Recorded calls, from the folder of the scenario."""
        (tmp_path / "calls.csv").write_text("time,contact,count\n2026-05-04T09:00,calls,30\n")
        (tmp_path / "recorded.toml").write_text(
            'history = "calls.csv"\n[[contacts]]\nname = "calls"\nhandling = { exponential = 60 }\n'
            '[[agents]]\nname = "agents"\ncount = 5\n'
        )

        told = run("simulate", tmp_path / "recorded.toml", "--out", tmp_path / "out")

        assert told.exit_code == 0, told.output
        found = json.loads((tmp_path / "out/results.json").read_text())
        assert found["all"]["arrived"] == 30


class TestPage:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_stands_alone(self, folder: Path, language: str):
        """One file: nothing is fetched, every chart says what it shows, every table is named, names are escaped."""
        found = json.loads((folder / "results.json").read_text())
        drawn = {path.stem: path.read_bytes() for path in folder.glob("*.png")}

        told = page(found, tables(found, language), drawn, language)

        assert f'<html lang="{language}">' in told
        assert not re.search(r"(src|href)=\"(?!data:|#)", told)
        assert told.count("<img") == 4 == len(re.findall(r'<img alt="[^"]{30,}"', told))
        assert (
            told.count("<table")
            == len(re.findall(r'<table aria-labelledby="(\w+)"', told))
            == len(tables(found, language))
        )
        assert "calls &lt;b&gt;" in told
        assert "calls <b>" not in told

    def test_tables_are_whole(self, folder: Path):
        """Every row is as long as its head, in both languages."""
        found = json.loads((folder / "results.json").read_text())

        for language in LANGUAGES:
            for table in tables(found, language):
                assert {len(row) for row in table.rows} == {len(table.head)}, table.name

    def test_numbers_as_people_write_them(self):
        """In each language."""
        assert number(1234.56, "fr", 1) == "1\u202f234,6"
        assert number(1234.56, "en", 1) == "1,234.6"
        assert share(0.1234, "fr") == "12,3\u202f%"
        assert [seconds(one, "en") for one in (20.0, 20.5, 600.0, 7_200.0, None, float("inf"))] == [
            *("20\u202fs", "20.5\u202fs", "10.0\u202fmin", "2.0\u202fh", "–", "∞"),
        ]


class TestStaff:
    def test_from_the_command_line(self):
        """25 agents for 20 erlangs at 80/20; fewer where callers give up."""
        told = run("staff", "--calls", 240, "--handling", 300)

        assert told.exit_code == 0
        assert re.search(r"240 +20\.0 +25 +25 +85\.0", told.output)
        assert re.search(
            r"240 +20\.0 +2[0-4] ", run("staff", "--calls", 240, "--handling", 300, "--patience", 60).output
        )

    def test_from_a_file(self, tmp_path: Path):
        """By interval and skill, with all skills together where there are several."""
        (tmp_path / "forecast.csv").write_text(
            "interval,skill,calls,handling_seconds\n09:00,tax,120,300\n09:00,housing,40,300\n09:30,tax,0,300\n"
        )

        told = run("staff", "--file", tmp_path / "forecast.csv", "--shrinkage", 0.3, "--language", "fr")

        assert told.exit_code == 0
        assert re.search(r"09:00 +tax +240 +20,0 +25 +36 ", told.output)
        assert re.search(r"09:00 +toutes, mutualisées +320 +26,7 +\d+ ", told.output)
        assert re.search(r"09:30 +tax +0 +0,0 +0 +0 ", told.output)
        assert told.output.count("mutualisées") == 1

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            ([], "either --calls and --handling, or --file"),
            (["--calls", "10"], "either --calls and --handling, or --file"),
            (["--calls", "10", "--handling", "300", "--share", "1"], "share must be between 0 and 1"),
            (["--calls", "10", "--handling", "300", "--shrinkage", "1"], "shrinkage must be from 0 to below 1"),
            (["--file", __file__], "needs a header with calls, handling_seconds, interval, skill"),
        ],
    )
    def test_refuses_in_words(self, words: list[str], says: str):
        """Never a figure from nonsense."""
        told = run("staff", *words)

        assert told.exit_code in (1, 2)
        assert says in told.output

    def test_names_the_row(self, tmp_path: Path):
        """A forecast that cannot be read says where."""
        (tmp_path / "forecast.csv").write_text("interval,skill,calls,handling_seconds\n09:00,tax,many,300\n")

        assert "row 2: could not convert" in run("staff", "--file", tmp_path / "forecast.csv").output


def test_charts_are_left_out_where_they_cannot_be_drawn(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Without matplotlib (production) all but the pictures is there, and it says so."""
    monkeypatch.delitem(sys.modules, "contact.simulator.charts", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)

    told = run("simulate", "--log", folder / "events.csv.gz", "--out", tmp_path)

    assert told.exit_code == 0, told.output
    assert "no charts: matplotlib is not installed" in told.output
    assert {path.suffix for path in tmp_path.iterdir()} == {".html", ".json", ".gz"}


def test_the_same_scenario_from_elsewhere(tmp_path: Path):
    """A shipped scenario copied out is a scenario of one's own."""
    copied = shutil.copy(files.SHIPPED / "erlang-a.toml", tmp_path / "copied.toml")

    assert files.load(str(copied)).kinds == files.load("erlang-a").kinds
