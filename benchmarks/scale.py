"""How pages and uploads take ten years of a large council's figures, beside one year of them.

    make benchmark-scale

A PostgreSQL server of the run's own is made in a temporary folder, with two databases. The one has
a year of 13 × 230,000 positions, the other nine more of them: 30 million in all. Of the first and
the last year the product itself reads the file and publishes a month; the positions of the other
months and years are copies of these, as many files would have left them. Processor time is that of
the product's process and of its database session together. The measurements of both databases
alternate. Then come disk by table, the plans of the five questions of pages that took longest, and
back-up and restore of the one year (benchmarks/backups.py). `--only backups` measures these alone,
after as many more uploads as the pages' measurements make; `--lines` and `--turns` make a run
shorter.
"""

import argparse
import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import backups
from benchmarks.live.cluster import own_cluster
from benchmarks.review_pages import processor_seconds
from benchmarks.upload import ROOT, as_file, ledger, own_environment

YEARS, PERIODS, LINES = 10, 13, 230_000
LAST, FIRST = 2019, 2010
PUBLISHED, DRAFT = 4, 5
PLACE = "TRADING"
PAGES = {
    "overview": ("overview", LAST, PUBLISHED),
    "service": ("service", LAST, PUBLISHED, PLACE),
    "statement": ("statement", LAST, PUBLISHED, "annex-a"),
    "search": ("search", None),
    "month": ("month", LAST, DRAFT),
    "grid": ("forecasts", LAST, DRAFT, PLACE),
    "review": ("review", LAST, DRAFT),
    "old overview": ("overview", FIRST, PUBLISHED),
    "old service": ("service", FIRST, PUBLISHED, PLACE),
}
TURNS = 5
ASKED = 10


def make_year(start: int, lines: int) -> None:
    """Make a year with a published month and a draft, and fill it up to so many months."""
    from monitoring.packs.services import load_pack
    from monitoring.publishing.services.reports import publish_report
    from monitoring.structure.selectors.calendar import find_period, find_year

    with tempfile.TemporaryDirectory() as folder:
        pack = (ROOT / "fixtures/somerset-2019-20/pack.toml").read_text()
        label = f"{start}/{(start + 1) % 100:02d}"
        pack = pack.replace("2019/20", label).replace("publish = [2, 3]", "publish = []")
        pack = re.sub(r"\[contingency\]\n.*\n.*\n", "", pack)
        Path(folder, "pack.toml").write_text(pack)
        services = (ROOT / "fixtures/somerset-2019-20/services.csv").read_text()
        Path(folder, "services.csv").write_text(services)
        load_pack(folder=Path(folder), by=None)
    upload(start, PUBLISHED, lines)
    publish_report(period=find_period(start, PUBLISHED), by=None)
    upload(start, DRAFT, lines)
    copy_positions(find_year(start).pk, find_year(start).pk, PERIODS - 2)


def upload(start: int, number: int, lines: int, seed: int | None = None) -> None:
    """Upload a made-up ledger, 200 lines of which are of one service."""
    from monitoring.structure.selectors.calendar import find_year
    from monitoring.uploading.services.uploads import upload_file

    rows = [
        (PLACE if place < 200 else "ADULT" if row[0] == PLACE else row[0], *row[1:])
        for place, row in enumerate(ledger(lines, seed or number))
    ]
    upload_file(
        kind="position",
        year=find_year(start),
        period=number,
        content=as_file(rows, "csv"),
        file_name="ledger.csv",
        by=None,
    )


def copy_lines(source: int, year: int, shift: int) -> None:
    """Copy the services and lines of a year into an earlier one.

    `shift` is taken from the ids of the lines, so that they come first, as an earlier year's do.
    """
    from django.db import connection

    from monitoring.models import Service

    for each in Service.objects.filter(year=source).order_by("pk"):
        Service.objects.create(year_id=year, code=each.code, name=each.name, order=each.order)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO monitoring_budgetline "
            "(id, year_id, cost_centre, account, description, exempt, service_id) "
            "SELECT line.id - %s, own.year_id, line.cost_centre, line.account, line.description, "
            "line.exempt, own.id FROM monitoring_budgetline line "
            "JOIN monitoring_service was ON was.id = line.service_id "
            "JOIN monitoring_service own ON own.code = was.code AND own.year_id = %s "
            "WHERE line.year_id = %s ORDER BY line.id",
            [shift, year, source],
        )


def copy_positions(source: int, year: int, count: int, shift: int = 0) -> None:
    """Copy the positions of a year's first batch into so many new batches of a year.

    `shift` is taken from the ids of their lines.
    """
    from django.db import connection, transaction
    from django.db.models import Max

    from council_finance.partitions import make_part
    from monitoring.models import Batch, Period, Position

    first = Batch.objects.filter(period__year=source).earliest("pk")
    period = Period.objects.get(year=year, number=PUBLISHED)
    fields = [field.column for field in Position._meta.concrete_fields]
    columns = ", ".join(fields)
    last = Batch.objects.filter(period=period).aggregate(last=Max("number"))["last"] or 0
    for number in range(last + 1, last + count + 1):
        with transaction.atomic(), connection.cursor() as cursor:
            batch = Batch.objects.create(period=period, number=number, upload=first.upload)
            make_part(connection, Position._meta.db_table, year)
            chosen = columns.replace("year_id", "%s").replace("batch_id", "%s")
            chosen = chosen.replace("line_id", f"line_id - {shift:d}")
            order = [{"year_id": year, "batch_id": batch.pk}.get(field) for field in fields]
            cursor.execute(
                f"INSERT INTO monitoring_position ({columns}) SELECT {chosen} "
                "FROM monitoring_position WHERE year_id = %s AND batch_id = %s ORDER BY line_id",
                [*(value for value in order if value is not None), source, first.pk],
            )


def prepare(lines: int) -> None:
    """Make the database with one year."""
    from django.core.management import call_command

    from council_finance.accounts.models import Role, User

    call_command("migrate", verbosity=0)
    make_year(LAST, lines)
    User.objects.create_user("officer", password="-", role=Role.FINANCE_OFFICER)
    analyse()


def grow(lines: int) -> None:
    """Make the other years: the first as the last was made, those between of copies."""
    from monitoring.models import FinancialYear, Period

    make_year(FIRST, lines)
    last = FinancialYear.objects.get(start=LAST)
    for start in range(FIRST + 1, LAST):
        year = FinancialYear.objects.create(start=start, council=last.council)
        Period.objects.create(year=year, number=PUBLISHED)
        shift = (LAST - start) * lines
        copy_lines(last.pk, year.pk, shift)
        copy_positions(last.pk, year.pk, PERIODS, shift)
    analyse()


def analyse() -> None:
    """Have the server gather statistics and write what is in memory, as it would in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def measure_pages() -> dict[str, object]:
    """Return the milliseconds of processor time of each page, peak memory, and slow questions."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from council_finance.accounts.models import User
    from monitoring.models import FinancialYear

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(User.objects.get())
    starts = set(FinancialYear.objects.values_list("start", flat=True))
    found: dict[str, object] = {}
    questions: dict[str, float] = {}
    for name, (view, start, *rest) in PAGES.items():
        if start is not None and start not in starts:
            continue
        address = reverse(view, args=[] if start is None else [start, *rest])
        asked = {"q": "Line 1234"} if start is None else {}
        with CaptureQueriesContext(connection) as captured:
            read_page(client, address, asked)
        questions |= {each["sql"]: float(each["time"]) for each in captured.captured_queries}
        taken = []
        for _ in range(ASKED):
            begun = all_seconds()
            read_page(client, address, asked)
            taken.append((all_seconds() - begun) * 1000)
        found[name] = statistics.median(taken)
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slowest = sorted(questions, key=lambda sql: -questions[sql])
    found["questions"] = [sql for sql in slowest if sql.startswith("SELECT")][:5]
    return found


def read_page(client, address: str, asked: dict[str, str]) -> None:
    """Ask for a page and read it to its end."""
    answer = client.get(address, asked)
    b"".join(answer) if answer.streaming else answer.content
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")


def measure_upload(lines: int, seed: int) -> dict[str, float]:
    """Return the seconds of processor time of an upload into the draft, and peak memory."""
    begun = all_seconds()
    upload(LAST, DRAFT, lines, seed)
    seconds = all_seconds() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"upload": seconds, "upload memory": memory}


def all_seconds() -> float:
    """Return the processor time of this process, its children and its database session."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return processor_seconds() + children.ru_utime + children.ru_stime


def describe() -> None:
    """Print the disk that tables and their indexes take."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "ORDER BY pg_total_relation_size(oid) DESC LIMIT 15"
        )
        for name, table, indexes in cursor.fetchall():
            print(f"{name}: {table / 1e6:,.0f} MB, indexes {indexes / 1e6:,.0f} MB")
        cursor.execute("SELECT pg_database_size(current_database())")
        print(f"database: {cursor.fetchone()[0] / 1e6:,.0f} MB")


def explain(questions: list[str]) -> None:
    """Print the plans of questions."""
    from django.db import connection

    with connection.cursor() as cursor:
        for sql in questions:
            print(f"\n{sql[:300]}")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}")
            print("\n".join(row[0] for row in cursor.fetchall()))


def run_step(step: str, *arguments: str) -> None:
    """Do a step in this process and print what it found as JSON, where it finds anything."""
    import django

    django.setup()
    lines = int(arguments[0])
    if step == "prepare":
        prepare(lines)
    elif step == "grow":
        grow(lines)
    elif step == "describe":
        describe()
    elif step == "explain":
        explain(json.loads(arguments[1]))
    elif step == "pages":
        print(json.dumps(measure_pages()))
    else:
        print(json.dumps(measure_upload(lines, int(arguments[1]))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", nargs="+")
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--only", choices=["backups"])
    arguments = parser.parse_args()
    if arguments.step:
        run_step(*arguments.step)
        return
    lines, turns = str(arguments.lines), arguments.turns
    # As by Ctrl-C: the server is stopped and removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended by SIGTERM."))
    with own_cluster() as cluster:
        os.environ["DATABASE_URL"] = cluster.address
        with own_environment() as one:
            do_step(one, "prepare", lines)
            if arguments.only:
                for turn in range(turns):
                    upload_again(one, lines, turn)
            else:
                with own_environment(one["DATABASE_URL"]) as ten:
                    compare_years(one, ten, lines, turns)
            backups.print_table(backups.measure(one, cluster, turns))


def compare_years(one: dict[str, str], ten: dict[str, str], lines: str, turns: int) -> None:
    """Print what pages and uploads take with one year and with ten, disk, and plans."""
    do_step(ten, "grow", lines)
    found: dict[str, dict[str, list[float]]] = {"1": {}, "10": {}}
    questions: list[str] = []
    for turn in range(turns):
        for name, environment in (("1", one), ("10", ten)):
            said = json.loads(do_step(environment, "pages", lines))
            questions = said.pop("questions")
            said |= upload_again(environment, lines, turn)
            for figure, value in said.items():
                found[name].setdefault(figure, []).append(value)
    print_ratios(found)
    print(do_step(ten, "describe", lines))
    print(do_step(ten, "explain", lines, json.dumps(questions)))


def upload_again(environment: dict[str, str], lines: str, turn: int) -> dict[str, float]:
    """Upload the draft's next file, and return what it took."""
    taken: dict[str, float] = json.loads(do_step(environment, "upload", lines, str(100 + turn)))
    return taken


def do_step(environment: dict[str, str], *step: str) -> str:
    """Do a step in a process of its own, with the database of this environment."""
    command = [sys.executable, "-m", "benchmarks.scale", "--step", *step]
    return subprocess.run(
        command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def print_ratios(found: dict[str, dict[str, list[float]]]) -> None:
    """Print each figure with one year and with ten: lowest, median and highest, and the ratio.

    A page of the first year is compared with the same page of the last in the other database.
    """
    print("| figure | 1 year | 10 years | ratio |\n|---|---:|---:|---:|")
    for figure, ten in found["10"].items():
        one = found["1"][figure.removeprefix("old ")]
        cells = [
            f"{statistics.median(each):,.1f} ({min(each):,.1f}–{max(each):,.1f})"
            for each in (one, ten)
        ]
        ratio = statistics.median(ten) / statistics.median(one)
        print(f"| {figure} | {cells[0]} | {cells[1]} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
