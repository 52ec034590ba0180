"""How long a report's downloads take, beside a floor: the same cells with nothing else.

    make benchmark-downloads                               SQLite
    make benchmark-downloads DATABASE_URL=postgres://…     PostgreSQL: a database of its own is made

Somerset's month 3 and Cambridgeshire's close, 14 statements each, asked for as a browser does; the
middle of three times counts. A printed PDF is kept, so "again" is what a second reader waits. The
floor is the same texts and numbers written by XlsxWriter without formats, by WeasyPrint as one
bare table without tags, and by csv.
"""

import argparse
import csv
import io
import json
import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator

from benchmarks.upload import ROOT, own_place

REPORTS = {"Somerset, month 3": (2019, 3), "Cambridgeshire, close": (2018, 13)}
PACKS = ("somerset-2019-20", "cambridgeshire-2018-19")
TIMES = 3
FILES = ("annex-a.xlsx", "annex-a.pdf", "pack.xlsx", "pack.pdf", "pack.zip")


def measure() -> dict[str, dict[str, dict[str, float]]]:
    """Seconds by report and file: first, again, floor."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from council_finance.accounts.models import User
    from monitoring.packs.services import load_pack

    call_command("migrate", verbosity=0)
    for name in PACKS:
        load_pack(folder=ROOT / "fixtures" / name, by=None)
    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(User.objects.create_user("member", password="-"))
    client.get(reverse("download", args=[2019, 2, "contingency", "pdf"]))  # imports the library
    return {
        label: {file: _times(client, *report, file) for file in FILES}
        for label, report in REPORTS.items()
    }


def _times(client, start: int, number: int, file: str) -> dict[str, float]:
    from django.urls import reverse

    address = reverse("report", args=[start, number]) + file
    rows = list(_cells(start, number, file))
    return {
        "first": _middle(lambda: client.get(address), before=_forget_printed),
        "again": _middle(lambda: client.get(address)),
        "floor": _middle(lambda: _floor(file, rows)),
    }


def _forget_printed() -> None:
    from django.conf import settings

    shutil.rmtree(settings.DATA_DIR / "printed", ignore_errors=True)


def _middle(ask: Callable, before: Callable = lambda: None) -> float:
    seconds = []
    for _ in range(TIMES):
        before()
        begun = time.perf_counter()
        answer = ask()
        seconds.append(time.perf_counter() - begun)
        if getattr(answer, "status_code", 200) != 200:
            raise SystemExit(f"The download answered {answer.status_code}.")
    return statistics.median(seconds)


def _cells(start: int, number: int, file: str) -> Iterator[list]:
    """Rows of what was frozen: the label and each value, or its text."""
    from monitoring.models import ReportStatement

    rows = ReportStatement.objects.filter(
        report__period__year__start=start, report__period__number=number
    )
    if not file.startswith("pack"):
        rows = rows.filter(name=file.partition(".")[0])
    for text in rows.values_list("text", flat=True):
        for row in json.loads(text)["rows"]:
            values = [(cell["value"], cell["text"]) for cell in row["cells"].values()]
            yield [row["label"], *(text if value is None else value for value, text in values)]


def _floor(file: str, rows: list[list]) -> bytes:
    out = io.BytesIO()
    if file.endswith(".xlsx"):
        import xlsxwriter

        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    elif file.endswith(".pdf"):
        from weasyprint import HTML

        body = "".join(
            "<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>" for row in rows
        )
        HTML(string=f"<table>{body}</table>").write_pdf(out)
    else:
        lines = io.StringIO()
        csv.writer(lines).writerows(rows)
        out.write(lines.getvalue().encode())
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true", help="measure in this process")
    if parser.parse_args().here:
        import django

        django.setup()
        print(json.dumps(measure()))
        return
    with own_place() as run:
        found = json.loads(run("benchmarks.downloads", "--here").splitlines()[-1])
    print(f"{'PostgreSQL' if os.environ.get('DATABASE_URL') else 'SQLite'}, seconds\n")
    print("| report | file | first | again | floor |")
    print("|---|---|---:|---:|---:|")
    for label, files in found.items():
        for file, times in files.items():
            cells = [label, file, *(f"{seconds:.2f}" for seconds in times.values())]
            print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
