"""What an upload takes, beside the least that any program would need in the same run.

    make benchmark                                         SQLite
    make benchmark DATABASE_URL=postgres://…               PostgreSQL: a database of its own is made

For each case a process of its own: a year with its earlier periods, then one upload of the next
period, in seconds of the processor, those of the database's process too. The floor of a case is
measured in the same process: the parser alone, the same rows by COPY or executemany into a bare
table, and one groupby.
"""

import argparse
import contextlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from benchmarks.upload_driver import (
    do_the_least,
    make_bare_table,
    peak_memory,
    spent_seconds,
)

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("ADULT", "CHILD-OPS", "CHILD-COM", "PUBHEALTH", "ECI", "CORP", "NONSERVICE", "TRADING")
HEADINGS = (
    "service_code",
    "cost_centre",
    "account",
    "description",
    "original_budget",
    "current_budget",
    "actual_to_date",
    "forecast",
    "planned_use_of_reserves",
)
CASES = [
    *((lines, kind, 1) for lines in (1_000, 10_000, 100_000, 200_000) for kind in ("csv", "xlsx")),
    *((lines, "csv", 36) for lines in (10_000, 100_000)),
]
PHASES = ("read", "check", "recompute", "store", "whole", "floor")


def ledger(lines: int, seed: int) -> list[tuple]:
    """Rows of a made-up ledger: 20 accounts a cost centre, amounts to the penny.

    Budgets are the same for every seed, as from month to month; actuals and forecasts differ.
    """
    fixed, numbers = random.Random(1), random.Random(seed)
    rows = []
    for line in range(lines):
        centre, account = divmod(line, 20)
        budget = fixed.randint(-(10**8), 10**8)
        spent, forecast = (
            numbers.randint(0, budget) if budget > 0 else 0,
            budget + (numbers.randint(-(10**5), 10**5)),
        )
        rows.append(
            (
                *(SERVICES[centre % 8], f"CC{centre:06d}", str(40_000 + account), f"Line {line}"),
                *(budget / 100, budget / 100, spent / 100, forecast / 100, None),
            )
        )
    return rows


def as_file(rows: list[tuple], kind: str) -> bytes:
    """The ledger as CSV or XLSX."""
    if kind == "csv":
        lines = (
            ",".join("" if v is None else f"{v:.2f}" if isinstance(v, float) else v for v in row)
            for row in rows
        )
        return ("\n".join([",".join(HEADINGS), *lines]) + "\n").encode()
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADINGS, *rows]):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def prepare(lines: int, kind: str, earlier: int, file: Path) -> None:
    """The year with its earlier periods, and the file that is to be uploaded."""
    from django.core.management import call_command

    from monitoring.packs.services import load_pack
    from monitoring.structure.selectors.calendar import find_year

    file.write_bytes(as_file(ledger(lines, 5), kind))
    call_command("migrate", verbosity=0)
    load_pack(folder=ROOT / "fixtures" / "somerset-2019-20", by=None)
    year = find_year(2019)
    _bring(year, 4, as_file(ledger(lines, 4), "csv"))
    _publish(year, 4)
    _copy_batches(year, earlier - 1)


def run_case(kind: str, file: Path) -> dict:
    """The upload and its floor; seconds by phase, and the upload's peak memory in MB."""
    from monitoring.structure.selectors.calendar import find_year

    content = file.read_bytes()
    seconds = _timed_upload(find_year(2019), 5, content)
    memory = peak_memory()
    seconds["floor"] = floor(content, kind)
    return seconds | {"memory_mb": memory}


def _bring(year, period: int, content: bytes) -> None:
    from monitoring.uploading.services.uploads import upload_file

    upload_file(
        kind="position", year=year, period=period, content=content, file_name="ledger", by=None
    )


def _publish(year, period: int) -> None:
    from monitoring.publishing.services.reports import publish_report
    from monitoring.structure.selectors.calendar import find_period

    publish_report(period=find_period(year.start, period), by=None)


def _copy_batches(year, copies: int) -> None:
    """Batches as large as the last one, as so many earlier periods would have left them."""
    from django.db import connection

    from monitoring.models import Batch, Period, Position

    source = Period.objects.get(year=year, number=4).batch
    names = [f.column for f in Position._meta.fields if f.column not in (None, "batch_id")]
    columns = ", ".join(names)
    table = Position._meta.db_table
    for number in range(copies):
        batch = Batch.objects.create(
            period=source.period, number=source.number + 1 + number, upload=source.upload
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (batch_id, {columns}) "
                f"SELECT %s, {columns} FROM {table} WHERE batch_id = %s",
                [batch.pk, source.pk],
            )


def _timed_upload(year, period: int, content: bytes) -> dict[str, float]:
    """Upload with a clock of processor time at each of the pipeline's calls."""
    from dataclasses import replace

    from council_finance import registry
    from monitoring.uploading.pipeline import reading

    seconds = dict.fromkeys(PHASES, 0.0)

    def clocked(phase, function):
        def call(*arguments):
            start = spent_seconds()
            try:
                return function(*arguments)
            finally:
                seconds[phase] += spent_seconds() - start

        return call

    kind = registry.upload_kind("position", per_period=True)
    registry.replace_upload_kind(
        replace(
            kind,
            check=clocked("check", kind.check),
            prepare=clocked("recompute", kind.prepare),
            store=clocked("store", kind.store),
        )
    )
    reading.read_table = clocked("read", reading.read_table)
    clocked("whole", _bring)(year, period, content)
    return seconds


def floor(content: bytes, kind: str) -> float:
    """Seconds for the parser alone, the same rows into a bare table, and one groupby."""
    rows = make_bare_table()
    start = spent_seconds()
    do_the_least(content, kind, rows)
    return spent_seconds() - start


def _in_its_own_process(case: tuple) -> dict:
    with own_place() as run:
        for step in ("prepare", "run"):
            said = run("benchmarks.upload", "--step", step, *map(str, case), "upload")
    return json.loads(said.splitlines()[-1])


@contextlib.contextmanager
def own_place() -> Iterator[Callable[..., str]]:
    """Run modules in processes of their own, in an empty data folder and database.

    Gives a function that takes the module and its arguments and answers what it said.
    """
    with own_environment() as environment:

        def run(module: str, *arguments: str) -> str:
            command = [sys.executable, "-m", module, *arguments]
            streams = {"stdout": subprocess.PIPE, "text": True}
            return subprocess.run(command, env=environment, cwd=ROOT, check=True, **streams).stdout

        yield run


@contextlib.contextmanager
def own_environment(template: str = "") -> Iterator[dict[str, str]]:
    """Give the environment of processes with a data folder and database of their own.

    Both are empty, unless the database is a copy of the one at the address `template`.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "council_finance.settings",
        }
        server = os.environ.get("DATABASE_URL")
        if server:
            environment["DATABASE_URL"] = create_database(server, template)
        try:
            yield environment
        finally:
            if server:
                drop_database(server, environment["DATABASE_URL"])


def create_database(server: str, template: str = "") -> str:
    """Create a database beside the one of an address, and return its address.

    It is a copy of the database `template`, an address, where one is given.
    """
    name = f"benchmark_{uuid.uuid4().hex[:12]}"
    copied = f' TEMPLATE "{urlsplit(template).path[1:]}"' if template else ""
    _run_on_server(server, f'CREATE DATABASE "{name}"{copied}')
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def drop_database(server: str, address: str) -> None:
    """Drop a database of `create_database`."""
    _run_on_server(server, f'DROP DATABASE "{urlsplit(address).path[1:]}" WITH (FORCE)')


def _run_on_server(server: str, sql: str) -> None:
    import psycopg2

    connection = psycopg2.connect(server)
    connection.autocommit = True
    connection.cursor().execute(sql)
    connection.close()


def _do_step(step: str, lines: str, kind: str, earlier: str, file: str) -> None:
    """In a process of its own, so that memory is that of the upload alone."""
    import django

    django.setup()
    if step == "prepare":
        prepare(int(lines), kind, int(earlier), Path(file))
    else:
        print(json.dumps(run_case(kind, Path(file))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", nargs=5, metavar=("STEP", "LINES", "KIND", "EARLIER", "FILE"))
    parser.add_argument("--most", type=int, default=200_000, help="leave larger cases out")
    arguments = parser.parse_args()
    if arguments.step:
        *step, file = arguments.step
        _do_step(*step, str(Path(os.environ["DATA_DIR"]) / file))
        return
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"{database}, processor seconds\n")
    print("| lines | file | earlier | " + " | ".join(PHASES) + " | whole / floor | peak MB |")
    print("|" + "---:|" * (len(PHASES) + 5))
    for case in CASES:
        if case[0] > arguments.most:
            continue
        found = _in_its_own_process(case)
        times = " | ".join(f"{found[phase]:.2f}" for phase in PHASES)
        ratio = found["whole"] / found["floor"]
        lines, kind, earlier = case
        print(
            f"| {lines:,} | {kind} | {earlier} | {times} | {ratio:.1f} "
            f"| {found['memory_mb']:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
