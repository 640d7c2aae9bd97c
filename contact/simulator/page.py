"""One page of HTML that holds everything: a table beside every chart, nothing fetched from anywhere."""

from base64 import b64encode
from html import escape
from typing import Any

from contact.simulator.table import Table
from contact.simulator.words import number, seconds, word

_CHART_OF = {"contacts": "intervals", "agents": "intervals", "waits": "intervals", "announced": "calibration"}
_STYLE = """
:root { color-scheme: light; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 80rem; padding: 1rem 1.5rem 4rem;
  color: #1b1b1b; background: #fff; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1rem 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
p { max-width: 46rem; margin: .25rem 0 .75rem; }
.facts, .note, figcaption { color: #4a4a4a; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; }
nav a { display: inline-block; padding: .25rem 0; }
a { color: #0b4f9c; }
a:focus-visible, .scroll:focus-visible { outline: 3px solid #0b4f9c; outline-offset: 2px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid #d9d9d9; white-space: nowrap; }
thead th { border-bottom: 2px solid #4a4a4a; vertical-align: bottom; white-space: normal; min-width: 5rem; }
th:first-child { text-align: left; }
tbody th { font-weight: 600; }
figure { margin: 1rem 0; }
img { max-width: 100%; height: auto; }
code { overflow-wrap: anywhere; }
@media print { nav { display: none; } }
"""


def page(results: dict[str, Any], tables: list[Table], charts: dict[str, bytes], language: str) -> str:
    """The whole page."""
    about = results["about"]
    title = about["title"].get(language) or about["scenario"]
    links = "".join(f'<li><a href="#{table.name}">{escape(table.caption)}</a></li>' for table in tables)
    sections = "".join(_section(table, tables, charts, language) for table in tables)
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} – {word("simulation", language)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
<p class="facts">{escape(facts(about, language))}</p>
</header>
<nav aria-label="{word("contents", language)}"><ul>{links}</ul></nav>
<main>
{sections}
</main>
<footer>
<h2>{word("files", language)}</h2>
<p>{word("files_note", language)} <code>events.csv.gz</code></p>
</footer>
</body>
</html>
"""


def facts(about: dict[str, Any], language: str) -> str:
    """What was run, in a line."""
    if about["is_steady"]:
        length = f"{number(about['seconds'] / 3_600, language)} {word('hours', language)}"
    else:
        length = f"{number(about['days'], language)} {word('days', language)}"
    told = [f"{word('simulation', language)} {about['scenario']}", length]
    if about.get("seed") is not None:
        told.append(f"{word('seed', language)} {about['seed']}")
    if about["warm_up_seconds"]:
        told.append(f"{word('warm_up', language)}: {seconds(about['warm_up_seconds'], language)}")
    return " · ".join(told)


def _section(table: Table, tables: list[Table], charts: dict[str, bytes], language: str) -> str:
    captions = {one.name: one.caption for one in tables}
    figures = "".join(
        _figure(chart, charts[chart], captions[beside], language)
        for chart, beside in _CHART_OF.items()
        if beside == table.name and chart in charts
    )
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return f"""<section aria-labelledby="{table.name}">
<h2 id="{table.name}">{escape(table.caption)}</h2>
{note}{figures}{_table(table)}
</section>
"""


def _figure(name: str, png: bytes, caption: str, language: str) -> str:
    alternative = word(f"chart_{name}", language).format(caption)
    data = b64encode(png).decode()
    return f'<figure><img alt="{escape(alternative)}" src="data:image/png;base64,{data}"></figure>\n'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in table.rows
    )
    # Wide tables scroll on their own, by keyboard too.
    return f"""<div class="scroll" tabindex="0" role="group" aria-labelledby="{table.name}">
<table aria-labelledby="{table.name}">
<thead><tr>{head}</tr></thead>
<tbody>
{rows}</tbody>
</table>
</div>"""
