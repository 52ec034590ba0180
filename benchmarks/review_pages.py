"""What the pages of a month before publication cost by this build and by an earlier one.

    make benchmark-review                               SQLite
    make benchmark-review DATABASE_URL=postgres://…     PostgreSQL: databases of their own are made

Somerset's year with a published month 4 and a draft of month 5, each of 100,000 lines, 500 of them
in one service. Both builds answer in turn, each in a process of its own, with their own database.
A page is asked for twice before it is measured several times; the middle counts, in milliseconds
of processor time of the process and, on PostgreSQL, of the database's process that serves it. What
a page saves is taken back, so that each answer is of the same figures. The floor is the account
page, which reads session and person alone.
"""

import argparse
import contextlib
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

LINES = 100_000
IN_GRID = 500
PASTED = 200
PLACE = "TRADING"
YEAR, NUMBER = 2019, 5
WARM, TIMES = 2, 5
FORM = "application/x-www-form-urlencoded"
PAGES = ("review", "grid of 500 lines", "month page", "page of a service", "draft overview")


def prepare(folder: Path) -> None:
    """Publish month 4 and upload month 5, by commands that every build has."""
    from django.core.management import call_command

    from benchmarks.upload import ROOT
    from council_finance.accounts.models import Role, User

    call_command("migrate", verbosity=0)
    call_command("load_pack", str(ROOT / "fixtures" / "somerset-2019-20"))
    for number in (NUMBER - 1, NUMBER):
        file = folder / f"ledger-{number}.csv"
        file.write_bytes(_ledger_of(number))
        month = ("--year=2019/20", f"--period={number}")
        call_command("upload", "position", str(file), *month, stdout=sys.stderr)
        if number < NUMBER:
            call_command("publish", *month, stdout=sys.stderr)
    User.objects.create_user("officer", password="-", role=Role.FINANCE_OFFICER)


def _ledger_of(number: int) -> bytes:
    from benchmarks.upload import as_file, ledger

    rows = []
    for place, (service, *rest) in enumerate(ledger(LINES, number)):
        moved = PLACE if place < IN_GRID else "ADULT" if service == PLACE else service
        rows.append((moved, *rest))
    return as_file(rows, "csv")


def measure() -> dict[str, float]:
    """Return milliseconds of each page, and bytes of the review and the grid."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from council_finance.accounts.models import User

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(User.objects.get(username="officer"))
    grid = reverse("forecasts", args=[YEAR, NUMBER, PLACE])
    pages = {
        "floor": reverse("password"),
        "review": reverse("review", args=[YEAR, NUMBER]),
        "grid of 500 lines": grid,
        "month page": reverse("month", args=[YEAR, NUMBER]),
        "page of a service": reverse("service", args=[YEAR, NUMBER, "ADULT"]),
        "draft overview": reverse("overview", args=[YEAR, NUMBER]),
    }
    found = {}
    for name, address in pages.items():
        found[name], content = _time_answers(lambda at=address: client.get(at))
        if name in ("review", "grid of 500 lines"):
            found[f"{name}, KB"] = len(content) / 1000
    page = content_of(client.get(grid)).decode()
    for name, rows in (("saving five forecasts", 5), (f"paste of {PASTED} rows", PASTED)):
        form = urlencode(_pasted(_cells_of(page, rows)))
        found[name], _ = _time_answers(
            lambda form=form: client.post(grid, form, content_type=FORM), status=302
        )
    return found


def _cells_of(page: str, rows: int) -> dict[str, str]:
    """Return the fields of the first rows of a grid by name, as a browser would send them."""
    found: dict[str, str] = {}
    lines: list[str] = []
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        match = re.fullmatch(r"[\w-]+?-(\d+)", attributes.get("name", ""))
        if match is None:
            continue
        if match[1] not in lines:
            lines.append(match[1])
        if len(lines) > rows:
            break
        found[attributes["name"]] = attributes.get("value", "")
    return found


def _pasted(cells: dict[str, str]) -> dict[str, str]:
    """Return the form with a pound more in each row."""
    data = {"action": "save", "reason": "Pasted"} | cells
    for name, value in cells.items():
        if re.fullmatch(r"seen-\d+", name):
            data[f"forecast-{name.removeprefix('seen-')}"] = f"{(int(value) + 100) / 100:.2f}"
    return data


def content_of(response) -> bytes:
    """Return an answer whole, also one that is sent in parts."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def _time_answers(ask: Callable[[], object], status: int = 200) -> tuple[float, bytes]:
    """Return the middle of several times in milliseconds, and the last answer."""
    from django.db import transaction

    values, content = [], b""
    for _ in range(WARM + TIMES):
        with transaction.atomic():
            start = processor_seconds()
            response = ask()
            content = content_of(response)
            values.append(processor_seconds() - start)
            transaction.set_rollback(True)
        if response.status_code != status:
            raise SystemExit(f"A page answered {response.status_code}.")
    return statistics.median(values[WARM:]) * 1000, content


def processor_seconds() -> float:
    """Return the processor time of this process and of the database's that serves it."""
    from django.db import connection

    own = time.process_time()
    if connection.vendor == "sqlite":
        return own
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    # In nanoseconds; stat beside it has hundredths of a second, as much as a page takes.
    return own + int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


@contextlib.contextmanager
def _places(builds: list) -> Iterator[dict]:
    """Give each build an environment with an empty data folder and database."""
    from benchmarks.upload import own_environment

    with contextlib.ExitStack() as stack:
        yield {build.name: stack.enter_context(own_environment()) for build in builds}


def main() -> None:
    from benchmarks import builds as both

    parser = argparse.ArgumentParser(description=__doc__)
    both.add_arguments(parser)
    arguments = parser.parse_args()
    earlier = both.build_of(arguments.before)
    builds = [earlier, both.this_build()]
    driver = Path(__file__)
    with _places(builds) as places, tempfile.TemporaryDirectory() as folder:
        for build in builds:
            both.driven(build, driver, "prepare", folder, env=places[build.name])
        found = both.interleaved(
            lambda build: both.driven(build, driver, "measure", env=places[build.name]),
            builds,
            pairs=arguments.pairs,
        )
    floor = statistics.median(found[both.this_build().name]["floor"])
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    both.print_table(
        found, earlier, unit=f"{database}, milliseconds", floor=dict.fromkeys(PAGES, floor)
    )


def drive(step: str, *folder: str) -> None:
    """Do one step as a program of its own, and print its figures."""
    import django

    django.setup()
    if step == "prepare":
        prepare(Path(folder[0]))
    print(json.dumps({} if step == "prepare" else measure()))


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        drive(*sys.argv[1:])
    else:
        main()
