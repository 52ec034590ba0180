"""python manage.py demo [--pack DIR | --empty]"""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from council_finance.accounts.demo import NAMES, demo_log_ins
from council_finance.accounts.models import Role
from council_finance.commands import PlainCommand
from council_finance.processes import ChildCommand, free_port, run_together, wait_for_http
from monitoring.packs.services import load_pack
from monitoring.people.services.people import give_first_parts
from monitoring.structure.selectors.calendar import years

FIRST_PACK = settings.BASE_DIR / "fixtures" / "somerset-2019-20"


class Command(PlainCommand):
    help = "Makes the database, loads a pack where it is empty, and starts web server and worker."

    def add_arguments(self, parser: CommandParser) -> None:
        first = parser.add_mutually_exclusive_group()
        first.add_argument("--pack", type=Path, default=FIRST_PACK, metavar="DIR")
        first.add_argument(
            "--empty",
            action="store_true",
            help="loads nothing: the administrator sets the council up in the browser",
        )
        parser.add_argument("--port", type=int, default=8000)

    def run(self, *, pack: Path, empty: bool, port: int, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if empty:
            self._say_what_is_there()
        elif not years().exists():
            self.stdout.write(f"Loading {pack.name} …")
            load_pack(folder=pack, by=None)
        log_ins = demo_log_ins(settings.DATA_DIR)
        if log_ins:
            give_first_parts(director=NAMES[Role.DIRECTOR], manager=NAMES[Role.BUDGET_MANAGER])
        port = free_port(port)
        address = f"http://127.0.0.1:{port}/"
        status = run_together(
            [_web_server_command(port), _worker_command()],
            ready=lambda: self._print_log_ins(address, log_ins),
            is_ready=lambda: wait_for_http(f"{address}login/", 0),
        )
        sys.exit(status)

    def _say_what_is_there(self) -> None:
        """Say that data of before stay, where there are any."""
        if years().exists():
            self.stdout.write("There is a financial year already. All data stay as they are.")

    def _print_log_ins(self, address: str, log_ins: list[tuple[str, str, str]]) -> None:
        self.stdout.write(f"\nBudget monitor is running at {address}\n\nLog in as:")
        for role, name, password in log_ins:
            self.stdout.write(f"  {role:<16} {name:<10} {password}")
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
