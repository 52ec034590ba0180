"""How long a ledger finer than a line takes: 1,000,000 rows added up to 100,000 lines.

    make benchmark-finer-ledger                             SQLite
    make benchmark-finer-ledger DATABASE_URL=postgres://…   PostgreSQL: makes a database of its own

The aim is 1.5 times the parser alone and an ordinary upload of 100,000 lines together, as commit
5a90810 did it. An ordinary upload of this build is measured here, which is quicker; --ordinary
takes the processor seconds of the other build, measured on the same machine. Both uploads go into
the month after a published one, each in a process and a database of its own. Seconds by the clock,
with those of the processor in brackets.
"""

import argparse
import csv
import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.upload import ledger, own_place, prepare

LINES, ROWS_A_LINE = 100_000, 10
SEED = 5
HEADINGS = ("Service", "Cost centre", "Account", "Programme", "Budget", "Actual", "Forecast")
LAYOUT = {
    "columns": {
        "Service": "service_code",
        "Cost centre": "cost_centre",
        "Account": "account",
        "Budget": "current_budget",
        "Actual": "actual_to_date",
        "Forecast": "forecast",
    },
    "steps": [{"do": "add_up", "by": ["cost_centre", "account"]}],
}


def finer_file() -> bytes:
    """Return the made-up ledger of the other benchmarks as CSV, each line in rows by programme."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADINGS)
    rows = ledger(LINES, SEED)
    for programme in range(ROWS_A_LINE):
        for service, centre, account, _, _, *amounts, _ in rows:
            parts = [_part(amount, programme) for amount in amounts]
            writer.writerow((service, centre, account, programme, *parts))
    return out.getvalue().encode()


def _part(amount: float, programme: int) -> str:
    """Return what one programme has of an amount: whole pounds, and the first one the rest."""
    pence = round(amount * 100)
    pounds = pence // (ROWS_A_LINE * 100)
    rest = pence - pounds * 100 * (ROWS_A_LINE - 1)
    return str(pounds) if programme else f"{rest / 100:.2f}"


def measure(step: str, file: Path) -> dict[str, tuple[float, float]]:
    """Return the seconds, by the clock and of the processor, of an upload or of the parser."""
    import pandas as pd

    from monitoring.structure.selectors.calendar import find_year
    from monitoring.uploading.services.layouts import save_layout
    from monitoring.uploading.services.uploads import upload_file

    year, content = find_year(2019), file.read_bytes()
    arguments = {"kind": "position", "year": year, "period": SEED, "by": None}
    if step == "finer":
        content = finer_file()
        save_layout(name="finer", kind="position", definition=LAYOUT, by=None)
        arguments["layout"] = "finer"
    found = {"upload": _timed(lambda: upload_file(content=content, file_name="a", **arguments))}
    found["parser"] = _timed(
        lambda: pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    )
    return found


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def _do_step(step: str) -> None:
    import django

    django.setup()
    file = Path(os.environ["DATA_DIR"]) / "ledger"
    if step == "prepare":
        prepare(LINES, "csv", 1, file)
    else:
        print(json.dumps(measure(step, file)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", choices=["prepare", "ordinary", "finer"])
    parser.add_argument(
        "--ordinary", type=float, help="processor seconds of another build's ordinary upload"
    )
    arguments = parser.parse_args()
    if arguments.step:
        _do_step(arguments.step)
        return
    found = {}
    for step in ("ordinary", "finer"):
        with own_place() as run:
            run("benchmarks.finer_ledger", "--step", "prepare")
            said = run("benchmarks.finer_ledger", "--step", step)
        found[step] = json.loads(said.splitlines()[-1])
    print("PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite")
    times = {
        "the parser alone": found["finer"]["parser"],
        "an ordinary upload": found["ordinary"]["upload"],
        "the finer ledger": found["finer"]["upload"],
    }
    for what, (clock, processor) in times.items():
        print(f"{what}: {clock:.2f} ({processor:.2f})")
    alone, ordinary, finer = times.values()
    ratios = [finer[n] / (alone[n] + ordinary[n]) for n in (0, 1)]
    print(f"ratio to the parser and this build's upload: {ratios[0]:.2f} ({ratios[1]:.2f})")
    if arguments.ordinary:
        ratio = finer[1] / (alone[1] + arguments.ordinary)
        print(f"ratio to the parser and the other build's upload, at most 1.5: ({ratio:.2f})")


if __name__ == "__main__":
    main()
