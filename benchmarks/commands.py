"""How long two commands take as whole processes: the upload of a month, and its statement.

    make benchmark-commands                                 SQLite
    make benchmark-commands DATABASE_URL=postgres://…       PostgreSQL: makes databases of its own

A council of 10,000 lines with a published month. The next month's ledger is uploaded as CSV, and
Annex A with its movement from the month before is written as CSV, by an earlier build and by this
one in turn. Beside them LibreOffice takes the same CSV into a workbook, and opens one that has both
ledgers already, adds the same table up by SUMIFS and writes it as CSV; its totals must be those of
the statement. The floor of a command is
Python with pandas alone. Seconds by the clock, and of the processor, without the database server's.
"""

import argparse
import csv
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import xlsxwriter

from benchmarks.builds import (
    Build,
    Figures,
    add_arguments,
    build_of,
    interleaved,
    print_table,
    this_build,
)
from benchmarks.live.council import HEAD, Ledger, Tree, ledger, write_pack

YEAR, FIRST, SECOND = 2019, 3, 4
TREE = Tree(groups=5, services=40)
MONTH = ("--year", "2019/20", "--period", str(SECOND))
TOTAL = "Total of TOP"
COLUMNS = ("Total revised budget", "Net variance (under) / overspend", "Movement from previous")
# LibreOffice adds a workbook up as it opens it only where its settings say so.
ADDS_UP_ON_OPENING = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


class Stopwatch:
    """Seconds of processes by name, by the clock and of the processor."""

    def __init__(self) -> None:
        self.figures: Figures = {}

    def run(self, name: str, command: list[str | Path], **options) -> str:
        """Run a process to its end and return what it wrote."""
        before, start = os.times(), time.perf_counter()
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options)
        clock, after = time.perf_counter() - start, os.times()
        self.figures[f"{name}, clock"] = clock
        self.figures[f"{name}, processor"] = sum(after[2:4]) - sum(before[2:4])
        return said.stdout


def next_month(before: Ledger) -> Ledger:
    """The ledger of the month after: the same budgets, and forecasts that moved a little."""
    numbers, rows = random.Random(SECOND), []
    for row in before.content.decode().splitlines()[1:]:
        *head, forecast = row.split(",")
        rows.append(",".join([*head, str(int(forecast) + numbers.randint(-2_000, 2_000))]))
    return Ledger("\n".join([HEAD, *rows, ""]).encode(), {}, before.lines)


def totals_of(month: Ledger, before: Ledger) -> tuple[int, int, int]:
    """Budget, variance and movement of the whole council in pounds."""
    sums = []
    for each in (month, before):
        rows = [row.split(",") for row in each.content.decode().splitlines()[1:]]
        budget = sum(int(row[3]) for row in rows)
        sums.append((budget, sum(int(row[4]) for row in rows) - budget))
    (budget, variance), (_, earlier) = sums
    return budget, variance, variance - earlier


# The product


class Council:
    """A council with a published month and the next month's ledger, made once for each build."""

    def __init__(self, folder: Path, lines: int) -> None:
        self.folder = folder
        self.before = ledger(TREE, lines, FIRST)
        self.month = next_month(self.before)
        self.file = folder / "ledger.csv"
        self.file.write_bytes(self.month.content)
        self.pack = write_pack(folder / "pack", TREE, YEAR, {FIRST: self.before}, publish=[FIRST])
        self.made: dict[str, Path] = {}

    def measure(self, build: Build) -> Figures:
        """Upload the month and write its statement by a build, from the same beginning."""
        if build.name not in self.made:
            self.made[build.name] = self.folder / f"made_{len(self.made)}"
            manage(Stopwatch(), build, self.made[build.name], "load_pack", self.pack)
        data, watch = self.folder / "data", Stopwatch()
        copy_site(self.made[build.name], data)
        manage(watch, build, data, "upload", "position", self.file, *MONTH)
        said = manage(watch, build, data, "statement", "annex-a", *MONTH, "--format", "csv")
        remove_site(data)
        rows = list(csv.reader(said.splitlines()))
        places = [
            next(place for place, name in enumerate(rows[0]) if name.startswith(wanted))
            for wanted in COLUMNS
        ]
        total = next(row for row in rows if row[0] == TOTAL)
        refuse_other_totals(build.name, [total[place] for place in places], self)
        return with_both(watch.figures)


def with_both(figures: Figures) -> Figures:
    """The figures with those of upload and statement together."""
    for kind in ("clock", "processor"):
        figures[f"both, {kind}"] = figures[f"upload, {kind}"] + figures[f"statement, {kind}"]
    return figures


def refuse_other_totals(who: str, found: list[str], council: Council) -> None:
    """Raise `ValueError` unless budget, variance and movement are those of the ledgers."""
    wanted = totals_of(council.month, council.before)
    if tuple(round(float(text)) for text in found) != wanted:
        raise ValueError(f"{who} has {found}, and it must be {wanted}")


def manage(watch: Stopwatch, build: Build, data: Path, name: str, *arguments: str | Path) -> str:
    """Run a command of a build in a site of its own, as the image has it: compiled."""
    data.mkdir(exist_ok=True)
    environment = os.environ | {"DATA_DIR": str(data), "DATABASE_URL": address_of(data)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [build.python, "manage.py", name, *arguments]
    return watch.run(name, command, cwd=build.root, env=environment)


RUN = uuid.uuid4().hex[:8]


def address_of(data: Path) -> str:
    """The address of a site's database, which is made where there is none; "" for SQLite."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        return ""
    name = database_of(data)
    if not ask(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        ask(f"CREATE DATABASE {name}")
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def database_of(data: Path) -> str:
    """The name of the database of a site."""
    return f"benchmark_{RUN}_{data.name}"


def copy_site(source: Path, data: Path) -> None:
    """Copy a site's files and its database."""
    shutil.copytree(source, data)
    if os.environ.get("DATABASE_URL"):
        ask(f"CREATE DATABASE {database_of(data)} TEMPLATE {database_of(source)}")


def remove_site(data: Path) -> None:
    """Remove a site's files and its database."""
    shutil.rmtree(data, ignore_errors=True)
    if os.environ.get("DATABASE_URL"):
        ask(f"DROP DATABASE IF EXISTS {database_of(data)} WITH (FORCE)")


def ask(sql: str) -> list[tuple]:
    """Run a statement on the server, outside of a transaction."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


# Beside it


class Workbook:
    """A workbook with both ledgers and the same table by SUMIFS, which LibreOffice adds up."""

    def __init__(self, council: Council) -> None:
        self.council, self.folder = council, council.folder / "workbook"
        (self.folder / "profile" / "user").mkdir(parents=True)
        settings = self.folder / "profile" / "user" / "registrymodifications.xcu"
        settings.write_text(ADDS_UP_ON_OPENING)
        self._write(self.folder / "book.xlsx")

    def _write(self, path: Path) -> None:
        with xlsxwriter.Workbook(path) as book:
            table = book.add_worksheet("Headline")
            for name, month in (("Now", self.council.month), ("Before", self.council.before)):
                sheet = book.add_worksheet(name)
                for number, row in enumerate(month.content.decode().splitlines()):
                    head, figures = row.split(",")[:3], row.split(",")[3:]
                    sheet.write_row(number, 0, [*head, *(int(f) if number else f for f in figures)])
            table.write_row(0, 0, ["Service", *COLUMNS])
            for number, code in enumerate(TREE.codes, start=2):
                sums = {
                    f"{sheet}{column}": f"SUMIFS({sheet}!{column}:{column},{sheet}!A:A,A{number})"
                    for sheet in ("Now", "Before")
                    for column in "DE"
                }
                table.write(number - 1, 0, code)
                table.write_formula(number - 1, 1, f"={sums['NowD']}")
                table.write_formula(number - 1, 2, f"={sums['NowE']}-B{number}")
                earlier = f"({sums['BeforeE']}-{sums['BeforeD']})"
                table.write_formula(number - 1, 3, f"=C{number}-{earlier}")
            last = len(TREE.codes) + 1
            table.write(last, 0, TOTAL)
            for place, letter in enumerate("BCD", start=1):
                table.write_formula(last, place, f"=SUM({letter}2:{letter}{last})")

    def measure(self) -> Figures:
        """Have the month's CSV taken into a workbook, and the table added up and written as CSV."""
        watch = Stopwatch()
        self._convert(watch, "CSV into a workbook", self.council.file, "xlsx")
        self._convert(watch, "table of a workbook", self.folder / "book.xlsx", "csv")
        with (self.folder / "book.csv").open(encoding="utf-8") as file:
            total = next(row for row in csv.reader(file) if row[0] == TOTAL)
        refuse_other_totals("LibreOffice", total[1:], self.council)
        return watch.figures

    def _convert(self, watch: Stopwatch, name: str, file: Path, form: str) -> None:
        profile = f"-env:UserInstallation={(self.folder / 'profile').as_uri()}"
        how = ["--headless", "--convert-to", form, "--outdir", self.folder]
        watch.run(name, ["soffice", profile, *how, file], stderr=subprocess.DEVNULL)


def measure_floor() -> Figures:
    """Start Python with pandas alone."""
    watch = Stopwatch()
    watch.run("pandas", [sys.executable, "-c", "import pandas"])
    return watch.figures


def print_beside(beside: Mapping[str, list[float]]) -> None:
    """Print what was measured beside the builds: lowest, median and highest."""
    print("\n| beside | low | median | high |\n|---|---:|---:|---:|")
    for name, values in beside.items():
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"| {name} | {low:.2f} | {middle:.2f} | {high:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument("--lines", type=int, default=10_000)
    arguments = parser.parse_args()
    earlier, now = build_of(arguments.before), this_build()
    beside: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        council = Council(Path(folder), arguments.lines)
        workbook, rounds = Workbook(council), Counter()

        def measure(build: Build) -> Figures:
            figures = council.measure(build)
            rounds[build.name] += 1
            if build is now:
                for name, value in (workbook.measure() | measure_floor()).items():
                    if rounds[now.name] > 1:  # the first round warms up, as it does for the builds
                        beside.setdefault(name, []).append(value)
            return figures

        try:
            found = interleaved(measure, [earlier, now], pairs=arguments.pairs)
        finally:
            for data in council.made.values():
                remove_site(data)
    print(f"{'PostgreSQL' if os.environ.get('DATABASE_URL') else 'SQLite'}, seconds\n")
    floor = {
        f"{name}, {kind}": statistics.median(beside[f"pandas, {kind}"])
        for name in ("upload", "statement")
        for kind in ("clock", "processor")
    }
    print_table(found, earlier, unit="seconds", floor=floor)
    print_beside(beside)


if __name__ == "__main__":
    main()
