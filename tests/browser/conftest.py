"""A real site: the demo command with its web server and Celery worker, and Debian's Chromium."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests import ready_databases

ROOT = Path(__file__).resolve().parents[2]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
"""Which of the test processes this is: each has a site, a port and a Redis number of its own."""

CONFIGURED = {name for name in ("DATABASE_URL", "CELERY_BROKER_URL") if os.environ.get(name)}
STAY_IN_THE_DEMO = """
from council_finance.accounts.models import User
from monitoring.people.models import ChosenYear
from monitoring.structure.models import FinancialYear
year = FinancialYear.objects.get(start=2019)
ChosenYear.objects.bulk_create(ChosenYear(user=user, year=year) for user in User.objects.all())
"""
"""The demo's year for its people; some tests add an earlier one, which else would be theirs."""

SITES = ["sqlite and files", *(["as configured"] if CONFIGURED else [])]


@dataclass
class Site:
    """Where it runs, and the password of all its demo users."""

    address: str
    password: str
    environment: dict[str, str]

    def command(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run a management command against the site's database."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            check=True,
        )


@pytest.fixture(scope="session", params=SITES)
def site(request, tmp_path_factory) -> Iterator[Site]:
    """The demo, from an empty data folder; on SQLite, and on the servers of the environment."""
    environment = {key: value for key, value in os.environ.items() if key not in CONFIGURED}
    folder = tmp_path_factory.mktemp("site")
    environment["DATA_DIR"] = str(folder)
    environment["PYTHONUNBUFFERED"] = "1"
    if request.param == "as configured":
        environment |= _servers()
    else:
        ready_databases.copy_file(folder)
    with running_site(environment, 8300 + PROCESS) as site:
        site.command("shell", "-c", STAY_IN_THE_DEMO)
        yield site


@contextlib.contextmanager
def running_site(environment: dict[str, str], port: int, *options: str) -> Iterator[Site]:
    """The demo with these variables and options, which ends well when it is told to."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(port), *options],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Site(*_read_start(process), environment)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        process.stdout.close()
    assert process.returncode == 0


def _servers(first_number: int = 3) -> dict[str, str]:
    """A database and a Redis number of the site's own on the configured servers.

    Sites that run at the same time in one process of the tests have different first numbers.
    """
    broker = urlsplit(os.environ["CELERY_BROKER_URL"])
    return {
        "DATABASE_URL": ready_databases.make_database(f"site_{uuid.uuid4().hex[:12]}"),
        "CELERY_BROKER_URL": urlunsplit(broker._replace(path=f"/{first_number + PROCESS}")),
    }


def _read_start(process: subprocess.Popen) -> tuple[str, str]:
    """The address and the password that the demo prints."""
    said = ""
    for line in process.stdout:
        said += line
        if "Stop it with" in line:
            break
    address = re.search(r"running at (\S+)", said)
    password = re.search(r"Finance officer\s+officer\s+(\S+)", said)
    assert address and password, said
    return address[1], password[1]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """Debian's Chromium; as root it runs without its sandbox, and it calls nobody by itself."""
    return {
        "executable_path": "/usr/bin/chromium",
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


class Visitor:
    """Someone at a browser window: what went wrong in it is kept and told."""

    def __init__(self, page, site: Site):
        self.page, self.site = page, site
        self.said: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _note(self, message) -> None:
        # Chromium notes that a log-out has had it forget what it kept, as it should.
        if not message.text.startswith("Clear-Site-Data header on"):
            self.said.append(message.text)

    def log_in(self, name: str) -> None:
        """As one of the demo's people."""
        self.page.goto(f"{self.site.address}login/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", self.site.password)
        self.page.get_by_role("button", name="Log in", exact=True).click()
        self.page.wait_for_selector("text=Log out")

    def go(self, path: str) -> None:
        """To an address of the site."""
        self.page.goto(f"{self.site.address}{path}")

    def check_page(self) -> None:
        """No axe violation (WCAG 2.2 AA), nothing in the console, no sideways scroll."""
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        # Every rule is run; of those that pass, one element is described instead of each.
        options = f"{{runOnly: {{type: 'tag', values: {tags}}}, resultTypes: ['violations']}}"
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = self.page.evaluate(
            f"axe.run({options}).then(({{violations, passes}}) => "
            "({violations: violations.map(({id}) => id), passes: passes.length}))"
        )
        assert found["violations"] == [], self.page.url
        assert found["passes"]
        assert self.said == [], self.page.url
        width = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert width <= 0, self.page.url


@pytest.fixture
def visitor(page, site) -> Visitor:
    """A person with a desktop browser."""
    page.set_viewport_size({"width": 1280, "height": 900})
    return Visitor(page, site)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Tell what the page showed where a test fails; a browser alone tells what it did not."""
    report = yield
    page = item.funcargs.get("page")
    if report.failed and page is not None and not page.is_closed():
        text = page.locator("body").inner_text()
        report.sections.append(("Page", f"{page.url}\n{text}"))
    return report
