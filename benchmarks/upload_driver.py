"""The processor time of an upload, by the build whose folder this runs in (benchmarks.builds).

    python upload_driver.py prepare LEDGER      a year with a published month of the same size
    python upload_driver.py upload KIND LEDGER  the next month, in figures of JSON
    python upload_driver.py floor KIND LEDGER   the least that any program would need for it

LEDGER is a folder with the ledgers of both months. Uses only what both builds have.
"""

import gc
import io
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connection, transaction

YEAR = "2019/20"
NANOSECONDS = 1_000_000_000
FEW = 20


def database_seconds() -> float:
    """Return the processor seconds that PostgreSQL has spent on this connection; 0 on SQLite."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = cursor.fetchone()[0]
    spent = Path(f"/proc/{process}/schedstat").read_text().split()[0]
    return int(spent) / NANOSECONDS


def product_seconds() -> float:
    """Return the processor seconds of this process and of those it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def spent_seconds() -> float:
    """Return the processor seconds of product and database so far."""
    return product_seconds() + database_seconds()


def processor_seconds(work: Callable[[], Any]) -> dict[str, float]:
    """Return the processor seconds of some work, of the product and of the database."""
    database, product = database_seconds(), product_seconds()
    work()
    spent = {"product": product_seconds() - product}
    if connection.vendor == "postgresql":
        spent["database"] = database_seconds() - database
    return {"whole": sum(spent.values())} | spent


def prepare(ledger: Path) -> None:
    """Set the council up, with the month before stored and published."""
    call_command("migrate", verbosity=0)
    call_command("load_pack", str(Path.cwd() / "fixtures" / "somerset-2019-20"))
    store(ledger / "4.csv", "4")
    call_command("publish", "--year", YEAR, "--period", "4")


def upload(kind: str, ledger: Path) -> dict[str, float]:
    """Return processor seconds and the peak memory in MB of the month's upload.

    A few lines are uploaded and taken back before, as a worker has loaded all it needs.
    """
    with transaction.atomic():
        store(ledger / f"few.{kind}")
        transaction.set_rollback(True)
    spent = processor_seconds(lambda: store(ledger / f"5.{kind}"))
    return spent | {"memory MB": peak_memory()}


def peak_memory() -> float:
    """Return the most memory that this program has had, in MB.

    The figure of getrusage is that of the process, and so may be one of the program before.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def store(file: Path, period: str = "5") -> None:
    """Upload a ledger's file."""
    call_command("upload", "position", str(file), "--year", YEAR, "--period", period)


def floor(kind: str, ledger: Path) -> dict[str, float]:
    """Return processor seconds of the least that any program would need for the month's upload.

    It is done for a few lines before, and without a search for garbage, as an upload is.
    """
    rows = make_bare_table()
    gc.disable()
    do_the_least((ledger / f"few.{kind}").read_bytes(), kind, rows[:FEW])
    content = (ledger / f"5.{kind}").read_bytes()
    return processor_seconds(lambda: do_the_least(content, kind, rows))


def make_bare_table() -> list[tuple]:
    """Create the table `bare` for the positions of the last batch, and return these as rows."""
    from monitoring.models import Batch, Position

    batch = Batch.objects.order_by("-pk").first()
    fields = [field.column for field in Position._meta.fields if field.column]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare ({', '.join(f'{name} bigint' for name in fields)})")
    return list(Position.objects.filter(batch=batch).values_list(*fields))


def do_the_least(content: bytes, kind: str, rows: list[tuple]) -> None:
    """Parse a ledger, write the rows into the bare table, and add the forecasts up by service."""
    import pandas as pd
    from python_calamine import load_workbook

    if kind == "csv":
        frame = pd.read_csv(io.BytesIO(content), dtype=str)
    else:
        cells = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        frame = pd.DataFrame(cells[1:], columns=cells[0])
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = "".join(
                "\t".join(r"\N" if value is None else str(value) for value in row) + "\n"
                for row in rows
            )
            cursor.cursor.copy_expert("COPY bare FROM STDIN", io.StringIO(text))
        else:
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO bare VALUES ({marks})", rows)
    pd.to_numeric(frame["forecast"]).groupby(frame["service_code"]).sum()


def main() -> None:
    step, *arguments = sys.argv[1:]
    django.setup()
    *kind, ledger = arguments
    if step == "prepare":
        prepare(Path(ledger))
        print("{}")
    else:
        print(json.dumps({"upload": upload, "floor": floor}[step](*kind, Path(ledger))))


if __name__ == "__main__":
    main()
