"""OData read by programs that nobody here wrote, and compared with the published statements.

    make odata-check

Starts the demo in a folder of its own, issues a token, and has each program read everything:
by pages, filtered, sorted, selected and counted. Needs node and npm; the programs are installed
into a folder that is removed again.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from benchmarks.upload import ROOT

PYTHON_CLIENT = "python-odata==0.8.1"
NODE_CLIENT = "odata@2.0.1"
MOST_SECONDS = 600


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """The address of a demo whose data are in the folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "manage.py", "demo", "--port", str(port)]
    log = (folder / "demo.log").open("w")
    demo = subprocess.Popen(
        command, cwd=ROOT, env=environment(folder), stdout=log, stderr=log, start_new_session=True
    )
    try:
        address = f"http://127.0.0.1:{port}/"
        wait_for(f"{address}readyz", demo)
        yield address
    finally:
        os.killpg(demo.pid, signal.SIGTERM)
        demo.wait()


def environment(folder: Path) -> dict[str, str]:
    """What the processes of the demo have in their environment."""
    kept = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    return kept | {
        "DATA_DIR": str(folder / "data"),
        "DJANGO_SETTINGS_MODULE": "council_finance.settings",
    }


def wait_for(address: str, demo: subprocess.Popen) -> None:
    """Wait until the demo answers."""
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until and demo.poll() is None:
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            time.sleep(1)
    raise SystemExit("The demo did not start.")


def print_facts() -> None:
    """Print a token of a reader, and what the statements of the reports hold."""
    import django

    django.setup()
    from django.utils import timezone

    from council_finance import registry
    from council_finance.accounts.models import TokenKind, User
    from council_finance.accounts.tokens.services import issue_token
    from monitoring.models import Report, ReportStatement

    read = TokenKind.READ
    reader = User.objects.get(username="member")
    token = issue_token(
        person=reader, name="check", days=1, kind=read, allowed=[read], now=timezone.now()
    )
    reports = Report.objects.order_by("period__year__start", "period__number", "version")
    last = {year: report for report, year in reports.values_list("pk", "period__year")}
    sums = {}
    for each in ReportStatement.objects.select_related("report__period__year"):
        period = each.report.period
        of_year = registry.statement_entry(each.name).of_year
        if of_year and last[period.year_id] != each.report_id:
            continue  # It is read from the year's last report.
        place = f"{period.year.slug}/{period.number:02}/{each.report.version}/{each.name}"
        data = json.loads(each.text, parse_float=Decimal)
        if cells := [*cells_of(data, each.layout)]:
            sums[place] = [len(cells), sum(cells)]
    print(json.dumps({"token": token, "sums": sums}))


def cells_of(data: dict, layout: dict) -> Iterator[int]:
    """The amount of each cell in pence; 0 for cells that are no amount or have none."""
    units = {column["key"]: column["unit"] for column in data["columns"]}
    counts = layout.get("counts", ())
    for row in data["rows"]:
        for key, cell in row["cells"].items():
            is_amount = units[key] not in ("", "%") and row["kind"] != "percent"
            is_given = cell["value"] is not None and row["key"] not in counts
            yield round(Decimal(cell["value"]) * 100) if is_amount and is_given else 0


def read_by_all(folder: Path, root: str, token: str) -> dict[str, dict]:
    """The answers of each program, by its name and version."""
    here = Path(__file__).parent
    say(sys.executable, "-m", "venv", str(folder / "python"))
    python = str(folder / "python" / "bin" / "python")
    say(python, "-m", "pip", "install", "--quiet", PYTHON_CLIENT)
    npm = folder / "npm"
    say("npm", "install", "--silent", "--prefix", str(npm), NODE_CLIENT)
    node = ["env", f"NODE_PATH={npm / 'node_modules'}", "node", str(here / "in_node.cjs")]
    return {
        PYTHON_CLIENT: json.loads(say(python, str(here / "in_python.py"), root, token)),
        NODE_CLIENT: json.loads(say(*node, root, token)),
    }


def say(*command: str) -> str:
    """Run a command and return what it printed."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def compare(answers: dict[str, dict], sums: dict[str, list[int]]) -> list[str]:
    """Print what each program read; return what differs from the statements or between them."""
    faults = []
    first = next(iter(answers.values()))
    for name, found in answers.items():
        rows = sum(count for count, _ in found["sums"].values())
        total = sum(pence for _, pence in found["sums"].values()) / 100
        print(
            f"{name}: {rows:,} figures of {len(found['sums'])} statements on {found['pages']} "
            f"pages, {found['reports']} reports, {found['services']} services; "
            f"{found['counted']} filtered; sum of all amounts {total:,.2f}"
        )
        wrong = {key for key in {*sums, *found["sums"]} if sums.get(key) != found["sums"].get(key)}
        faults += [f"{name}: {key} differs from its statement" for key in sorted(wrong)]
        if found["pages"] < 2:
            faults.append(f"{name}: it read no second page")
        if found["ids"] != rows:
            faults.append(f"{name}: {rows - found['ids']} figures came twice")
        if found["count"] != found["counted"]:
            faults.append(f"{name}: counted {found['count']}, read {found['counted']}")
        others = found.keys() - {"sums"}
        faults += [f"{name}: {key} is {found[key]}" for key in others if found[key] != first[key]]
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", action="store_true", help="print token and sums of this site")
    if parser.parse_args().facts:
        print_facts()
        return
    if missing := [name for name in ("node", "npm") if not shutil.which(name)]:
        raise SystemExit(f"This needs {', '.join(missing)}.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_demo(folder) as address:
            command = [sys.executable, "-m", "benchmarks.odata_clients", "--facts"]
            printed = subprocess.run(
                command, env=environment(folder), cwd=ROOT, check=True, stdout=subprocess.PIPE
            ).stdout
            facts = json.loads(printed)
            answers = read_by_all(folder, f"{address}odata/v1/", facts["token"])
    if faults := compare(answers, facts["sums"]):
        raise SystemExit("\n".join(faults))
    print("Every program read every figure of every statement, and each once.")


if __name__ == "__main__":
    main()
