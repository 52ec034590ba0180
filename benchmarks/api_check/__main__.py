"""Ask the API at least 2,000 times by its own OpenAPI document, as each role.

    make api-check

A site with a draft, a published, a redacted and a withheld report is started in a temporary
folder. For each role schemathesis asks it twice: with any values that the document allows or
forbids, and with the years, periods, versions and statements that there are. It compares each
answer with the document. Then every version of every report is read. Of all of these answers none
may be an error of the server, and those of roles that see no drafts may hold no draft and no name
of an exempt line.
"""

import argparse
import copy
import itertools
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from benchmarks.api_check.council import DRAFT, SECRET
from benchmarks.upload import ROOT
from council_finance.processes import free_port, wait_for_http

SEE_DRAFTS = {"finance_officer", "finance_lead", "administrator"}
WITHOUT_ACCESS = "no_role"
HIDDEN = (SECRET, DRAFT, '"status": "draft"')
"""Texts that only those who see drafts may be answered with."""
LEAST_REQUESTS = 2_000
_SHOWN = 5
KNOWN: dict[str, list[Any]] = {
    "year": ["2021-22", "2019-20"],
    "period": [1, 2, 3],
    "version": ["1", "2", "latest", "draft"],
    "statement": ["annex-a", "virements", "budget-reconciliation"],
}
"""The years, periods and versions that the site has, and some statements."""


@dataclass(frozen=True)
class Exchange:
    """A request of schemathesis and its answer."""

    address: str
    status: int
    text: str


def main() -> int:
    """Run all of it and return 0 where nothing was found."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--schemathesis", required=True, help="the program")
    arguments.add_argument("--port", type=int, default=8541)
    arguments.add_argument("--examples", type=int, default=5, help="cases an operation and run")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {
            "DATA_DIR": name,
            "DJANGO_SETTINGS_MODULE": "benchmarks.api_check.settings",
        }
        command = [sys.executable, "-m", "benchmarks.api_check.council"]
        made = subprocess.run(
            command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
        tokens = json.loads(made.stdout.splitlines()[-1])
        with _serving(environment, free_port(chosen.port)) as site:
            return _check_roles(chosen, folder, site, tokens)


@contextmanager
def _serving(environment: dict[str, str], port: int) -> Iterator[str]:
    """Run the web server; give its address."""
    site = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "gunicorn", "council_finance.wsgi", "--no-control-socket"),
        *("--bind", f"127.0.0.1:{port}", "--threads", "4", "--log-level", "warning"),
    ]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=quiet, stderr=quiet)
    try:
        if not wait_for_http(f"{site}/login/", 60):
            raise SystemExit("The web server did not start.")
        yield site
    finally:
        server.terminate()
        server.wait()


def _check_roles(
    chosen: argparse.Namespace, folder: Path, site: str, tokens: dict[str, str]
) -> int:
    with urllib.request.urlopen(f"{site}/api/v1/openapi.json") as answer:
        whole = json.load(answer)
    documents = {"any": whole, "known": with_known_values(whole)}
    total, faults = 0, []
    print("| role | requests | answers | runs that differ from the document |\n|---|---|---|---|")
    for role, token in tokens.items():
        exchanges, failures = [], 0
        for name, document in documents.items():
            path = folder / f"{name}.json"
            path.write_text(json.dumps(document))
            found, status = _ask(chosen, path, site, token, folder / f"{role}-{name}")
            exchanges += found
            failures += status
        exchanges += list(_read_everything(site, token))
        total += len(exchanges)
        faults += [f"{role}: {fault}" for fault in faults_of(role, exchanges)]
        faults += [f"{role}: schemathesis found differences"] if failures else []
        counted = Counter(each.status for each in exchanges)
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(counted.items()))
        print(f"| {role} | {len(exchanges)} | {answers} | {failures} |", flush=True)
    print(f"\n{total} requests, {len(faults)} faults")
    print("\n".join(faults[:_SHOWN]))
    return 1 if faults or total < LEAST_REQUESTS else 0


def with_known_values(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the years, periods, versions and statements that the site has."""
    narrowed = copy.deepcopy(document)
    for name, values in KNOWN.items():
        narrowed["components"]["parameters"][name]["schema"]["enum"] = values
    return narrowed


def _read_everything(site: str, token: str) -> Iterator[Exchange]:
    """Read every version of every report there is: schemathesis picks only some by chance."""
    parts = [
        "",
        "/statements",
        "/services",
        *(f"/statements/{name}" for name in KNOWN["statement"]),
    ]
    places = itertools.product(KNOWN["year"], KNOWN["period"], KNOWN["version"], parts)
    for year, period, version, part in places:
        address = f"{site}/api/v1/reports/{year}/{period}/{version}{part}"
        answer = requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        yield Exchange(address, answer.status_code, answer.text)


def _ask(
    chosen: argparse.Namespace, document: Path, site: str, token: str, report: Path
) -> tuple[list[Exchange], int]:
    """Run schemathesis; return what was asked and answered, and 1 where it found something."""
    har = report.with_suffix(".har")
    command = [
        *(chosen.schemathesis, "run", str(document), "--url", f"{site}/api/v1", "--seed", "1"),
        *("--header", f"Authorization: Bearer {token}", "--max-examples", str(chosen.examples)),
        *("--continue-on-failure", "--report", "har", "--report-har-path", str(har)),
    ]
    if "known" in document.name:
        command += ["--mode", "positive"]
    run = subprocess.run(
        command,
        check=False,
        cwd=report.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if run.returncode:
        print(run.stdout[-6_000:], file=sys.stderr)
    entries = json.loads(har.read_text())["log"]["entries"]
    exchanges = [
        Exchange(
            entry["request"]["url"],
            entry["response"]["status"],
            entry["response"]["content"].get("text", ""),
        )
        for entry in entries
    ]
    return exchanges, min(run.returncode, 1)


def faults_of(role: str, exchanges: list[Exchange]) -> list[str]:
    """Return what a role was answered and should not have been."""
    faults = []
    for each in exchanges:
        if each.status >= 500:
            faults.append(f"{each.status} from {each.address}")
        if role not in SEE_DRAFTS and each.status == 200:
            read = [word for word in HIDDEN if word in each.text]
            faults += [f"{word} at {each.address}" for word in read]
        if role == WITHOUT_ACCESS and each.status in (200, 304):
            faults.append(f"{each.status} without a role from {each.address}")
    if role in SEE_DRAFTS:
        # Or the search above would find nothing either.
        texts = [each.text for each in exchanges]
        unread = [word for word in HIDDEN if not any(word in text for text in texts)]
        faults += [f"{word} was not read, though the role may" for word in unread]
    return faults


if __name__ == "__main__":
    sys.exit(main())
