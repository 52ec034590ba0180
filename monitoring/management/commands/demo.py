"""python manage.py demo [--pack DIR | --full-year | --empty]"""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from council_finance.commands import PlainCommand
from council_finance.processes import ChildCommand, free_port, run_together, wait_for_http
from monitoring.packs.demo import load_demo_pack, load_full_year
from monitoring.people.services.demo_people import make_demo_people
from monitoring.structure.selectors.calendar import years

FIRST_PACK = settings.BASE_DIR / "fixtures" / "somerset-2019-20"


class Command(PlainCommand):
    help = "Makes the database, loads a pack where it is empty, and starts web server and worker."

    def add_arguments(self, parser: CommandParser) -> None:
        first = parser.add_mutually_exclusive_group()
        first.add_argument("--pack", type=Path, default=FIRST_PACK, metavar="DIR")
        first.add_argument(
            "--full-year",
            action="store_true",
            help="loads a made-up council with a whole year and its close",
        )
        first.add_argument(
            "--empty",
            action="store_true",
            help="loads nothing: the administrator sets the council up in the browser",
        )
        parser.add_argument("--port", type=int, default=8000)

    def run(self, *, pack: Path, full_year: bool, empty: bool, port: int, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if years().exists():
            if full_year or empty:
                self._print_line("There is a financial year already. All data stay as they are.")
        elif full_year:
            load_full_year(settings.DATA_DIR / "made-up-council", say=self._print_line)
        elif not empty:
            load_demo_pack(pack, say=self._print_line)
        log_ins = make_demo_people(settings.DATA_DIR)
        port = free_port(port)
        address = f"http://127.0.0.1:{port}/"
        status = run_together(
            [_web_server_command(port), _worker_command()],
            ready=lambda: self._print_log_ins(address, log_ins),
            is_ready=lambda: wait_for_http(f"{address}login/", 0),
        )
        sys.exit(status)

    def _print_line(self, text: str) -> None:
        """Print a line at once, also where output goes to another program."""
        self.stdout.write(text)
        self.stdout.flush()

    def _print_log_ins(self, address: str, log_ins: list[tuple[str, str, str]]) -> None:
        self.stdout.write(f"\nBudget monitor is running at {address}\n\nLog in as:")
        widest = max((len(name) for _, name, _ in log_ins), default=0) + 2
        for role, name, password in log_ins:
            self.stdout.write(f"  {role:<16} {name:<{widest}} {password}")
        self.stdout.write("\nStop it with Ctrl-C.")
        self.stdout.flush()


def _web_server_command(port: int) -> ChildCommand:
    return ChildCommand(
        "web server",
        [
            *(sys.executable, "-m", "gunicorn", "council_finance.wsgi"),
            *("--bind", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket"),
            *("--log-level", "warning"),
        ],
        folder=settings.BASE_DIR,
    )


def _worker_command() -> ChildCommand:
    return ChildCommand(
        "worker",
        [
            *(sys.executable, "-m", "celery", "-q", "-A", "council_finance", "worker"),
            *("-P", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat"),
            *("--loglevel", "WARNING"),
        ],
        folder=settings.BASE_DIR,
    )
