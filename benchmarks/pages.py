"""How long pages take with few lines and years and with many, beside a page that shows nothing.

    make benchmark-pages                                   SQLite
    make benchmark-pages DATABASE_URL=postgres://…         PostgreSQL: a database of its own is made

For each size a process of its own: Somerset's year with a draft of month 4, of whose lines 200
hang on one service; of the years before, as many as the table says are known as history. The
overviews are of the draft and of the published month 3. Each page is asked for several times in
the process; the middle time counts.
The floor is the account page, which reads the session and the person.
"""

import argparse
import json
import os
import statistics
import time

from benchmarks.upload import ROOT, as_file, ledger, own_place

SIZES = ((200, 1), (20_000, 3), (200_000, 5))
"""Lines, and years including this one."""

PASTED = 200
PLACE = "TRADING"
TIMES = 7


def prepare(lines: int, years: int):
    """The year, and month 4 with so many lines, 200 of them on one service; years before it."""
    from django.core.management import call_command

    from council_finance.accounts.models import Role, User
    from monitoring.packs.services import load_pack
    from monitoring.structure.selectors.calendar import find_year
    from monitoring.uploading.services.uploads import upload_file

    call_command("migrate", verbosity=0)
    load_pack(folder=ROOT / "fixtures" / "somerset-2019-20", by=None)
    if years > 1:
        upload_file(
            kind="history",
            year=find_year(2019),
            period=None,
            content=_history(years - 1),
            file_name="history.csv",
            by=None,
        )
    rows = [
        (
            PLACE if number < PASTED else "ADULT" if row[0] == PLACE else row[0],
            f"P{row[1]}",
            *row[2:],
        )
        for number, row in enumerate(ledger(lines, 4))
    ]
    upload_file(
        kind="position",
        year=find_year(2019),
        period=4,
        content=as_file(rows, "csv"),
        file_name="ledger.csv",
        by=None,
    )
    return User.objects.create_user("officer", password="-", role=Role.FINANCE_OFFICER)


def _history(years: int) -> bytes:
    """What the thirteen reports of each earlier year said of Somerset's services."""
    from monitoring.models import Service

    codes = Service.objects.filter(year__start=2019).values_list("code", flat=True)
    rows = [
        f"{2019 - back}/{(20 - back):02d},{number},{code},1000000,{number * 1000}"
        for back in range(1, years + 1)
        for number in range(1, 14)
        for code in codes
    ]
    head = "financial_year,period,service_code,current_budget,net_variance"
    return "\n".join([head, *rows]).encode()


def measure(lines: int, years: int) -> dict[str, tuple[float, int]]:
    """Seconds and queries of each page."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(prepare(lines, years))
    found = {"floor": middle_time(lambda _: client.get(reverse("password")))}
    found["overview"] = middle_time(lambda _: client.get(reverse("overview", args=[2019, 3])))
    found["draft overview"] = middle_time(lambda _: client.get(reverse("overview", args=[2019, 4])))
    found["month"] = middle_time(lambda _: client.get(reverse("month", args=[2019, 4])))
    grid = reverse("forecasts", args=[2019, 4, PLACE])
    found["grid"] = middle_time(lambda _: client.get(grid))
    found["paste"] = middle_time(lambda sent: client.post(grid, sent), status=302, before=_pasted)
    return found


def _pasted(turn: int) -> dict[str, str]:
    """The form with 200 changed forecasts, as someone sends it who sees what is there now."""
    from monitoring.ledger.selectors.positions import positions_frame
    from monitoring.models import BudgetLine
    from monitoring.structure.selectors.calendar import find_period

    frame = positions_frame(find_period(2019, 4).batch)
    lines = set(BudgetLine.objects.filter(service__code=PLACE).values_list("pk", flat=True))
    data = {"action": "save", "reason": "Pasted"}
    for row in frame[frame["line"].isin(lines)].head(PASTED).itertuples():
        data[f"seen-{row.line}"] = str(row.forecast)
        data[f"forecast-{row.line}"] = f"{row.forecast // 100 + turn + 1}.00"
    return data


def middle_time(ask, status: int = 200, before=lambda turn: turn) -> tuple[float, int]:
    """The middle of several times; `before` makes what is sent, outside the clock."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    seconds, queries = [], 0
    for turn in range(TIMES):
        sent = before(turn)
        with CaptureQueriesContext(connection) as captured:
            start = time.perf_counter()
            response = ask(sent)
            seconds.append(time.perf_counter() - start)
        if response.status_code != status:
            raise SystemExit(f"The page answered {response.status_code}.")
        queries = len(captured)
    return statistics.median(seconds), queries


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, help="measure one size in this process")
    parser.add_argument("--years", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.size:
        import django

        django.setup()
        print(json.dumps(measure(arguments.size, arguments.years)))
        return
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"{database}, milliseconds (queries)\n")
    pages = "overview | draft overview | month page | grid of 200 lines | paste of 200 rows"
    print(f"| lines | years | floor | {pages} |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for size, years in SIZES:
        with own_place() as run:
            said = run("benchmarks.pages", "--size", str(size), "--years", str(years))
            found = json.loads(said.splitlines()[-1])
        cells = [f"{seconds * 1000:.0f} ({queries})" for seconds, queries in found.values()]
        print(f"| {size:,} | {years} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
