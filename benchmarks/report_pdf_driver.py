"""Prints each council's whole report as PDF once, by the build in whose folder it is run.

It uses only what every build has: commands, addresses and the test client. It prints a JSON object
with the seconds of processor time of each print, those of children included
(benchmarks/report_pdf.py).
"""

import json
import os
import shutil
from typing import Any

import django

REPORTS = {"somerset-2019-20": (2019, 3), "cambridgeshire-2018-19": (2018, 13)}
PACKS = os.path.join(os.getcwd(), "fixtures")


def measure() -> dict[str, float]:
    """Return seconds by pack; the library that prints is loaded before."""
    from django.test import Client

    from council_finance.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username="member"))
    _print_report(client, 2019, 2)
    return {name: _print_report(client, *report) for name, report in REPORTS.items()}


def load() -> None:
    """Load both councils' packs where the database is empty."""
    from django.core.management import call_command

    from council_finance.accounts.models import User

    call_command("migrate", verbosity=0)
    if not User.objects.exists():
        for name in REPORTS:
            call_command("load_pack", os.path.join(PACKS, name))
        User.objects.create_user("member", password="-")


def _print_report(client: Any, start: int, number: int) -> float:
    from django.conf import settings
    from django.urls import NoReverseMatch, reverse

    shutil.rmtree(settings.DATA_DIR / "printed", ignore_errors=True)
    try:
        address = reverse("document-file", args=[start, number, "pdf"])
    except NoReverseMatch:  # before reports were documents
        address = reverse("pack", args=[start, number, "pdf"])
    begun = _processor_seconds()
    answer = client.get(address)
    content = b"".join(answer) if answer.streaming else answer.content
    if answer.status_code != 200 or not content.startswith(b"%PDF"):
        raise SystemExit(f"{address} answered {answer.status_code}.")
    return _processor_seconds() - begun


def _processor_seconds() -> float:
    return sum(os.times()[:4])


if __name__ == "__main__":
    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS.append("testserver")
    load()
    print(json.dumps(measure()))
