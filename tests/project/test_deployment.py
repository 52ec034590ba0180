"""What an operator is given: units, images and examples that hold together, and a guide."""

import configparser
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
import yaml

from council_finance import in_service
from council_finance.headers import POLICIES
from council_finance.installed_apps import project_apps
from council_finance.processes import free_port
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SECRET = "Zk3-qX9vB7mN2rT5yW8cF1hJ4gL6dS0pQaUeIoMz"
SERVICE = {
    "IN_SERVICE": "1",
    "LOG_FORMAT": "json",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "budget.council.test",
    "SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto",
    "TRUSTED_PROXIES": "1",
    "EMAIL_HOST": "127.0.0.1",
    "EMAIL_PORT": "9",
    "DEFAULT_FROM_EMAIL": "budget@council.test",
}
SERVERS = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "CELERY_BROKER_URL")}
NOBODY = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
}


SECURE = {
    **POLICIES,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def variables(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


# ------------------------------------------------------------------------------ examples


@pytest.mark.parametrize("name", ["env.example", "compose.env.example"])
def test_an_example_starts_once_its_secrets_are_ones_own(monkeypatch, name):
    given = variables(DEPLOY / name) | {"IN_SERVICE": "1"}
    for each in ("DEBUG", "SECRET_KEY_FALLBACKS", "CSRF_TRUSTED_ORIGINS"):
        monkeypatch.delenv(each, raising=False)
    for each, value in given.items():
        monkeypatch.setenv(each, value)
    assert {sentence.split()[0] for sentence in in_service.faults()} == {
        "SECRET_KEY",
        "DATABASE_URL",
    }
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("DATABASE_URL", given["DATABASE_URL"].replace("change-me", "Hq7tZr2vXw"))
    assert in_service.faults() == []


def test_compose_starts_the_parts_in_order_and_safely():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    services = compose["services"]
    assert set(services) == {"migrate", "web", "worker", "postgres", "redis", "proxy"}
    for name in ("migrate", "web", "worker"):
        product = services[name]
        assert product["env_file"] == "budget.env"
        assert product["read_only"] is True
        assert product["cap_drop"] == ["ALL"]
    for name in ("web", "worker"):
        needs = services[name]["depends_on"]
        assert needs["migrate"] == {"condition": "service_completed_successfully"}
        assert needs["redis"] == {"condition": "service_healthy"}
    assert {name for name in services if "ports" in services[name]} == {"proxy"}
    named = {
        volume.split(":")[0] for each in services.values() for volume in each.get("volumes", ())
    }
    assert {name for name in named if not name.startswith(".")} == set(compose["volumes"])
    assert services["web"]["expose"] == ["8000"]
    given = variables(DEPLOY / "compose.env.example")
    assert given["DATABASE_URL"].endswith(f"@postgres:5432/{given['POSTGRES_DB']}")
    assert given["CELERY_BROKER_URL"].startswith("redis://redis:")


def test_the_image_runs_as_nobody_in_particular_and_is_probed():
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^FROM python:3\.11-slim-bookworm$", text, re.M)
    last_user = re.findall(r"^USER (\w+)$", text, re.M)[-1]
    assert last_user == "budget"
    assert "libpango-1.0-0" in text and "libpangoft2-1.0-0" in text
    assert "/healthz" in text.split("HEALTHCHECK")[1]
    assert 'CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "council_finance.wsgi"]' in text
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "data", "*.env"} <= set(ignored)


# --------------------------------------------------------------------------------- units


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read_string(path.read_text())
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_whole_and_confined(path):
    parsed = unit(path)
    if path.suffix == ".timer":
        assert path.with_suffix(".service") in UNITS
        assert parsed["Timer"]["OnCalendar"]
        return
    service = parsed["Service"]
    if path.stem == "budget-monitor-physical-backup":
        # It reads every file of the server, so the product may not be it, nor it know its secrets.
        assert (service["User"], "EnvironmentFile" in service) == ("budget-backup", False)
    else:
        assert service["User"] == "budget"
        assert service["EnvironmentFile"] == "/etc/budget-monitor.env"
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")
    assert service["UMask"] == "0077"


def test_systemd_takes_the_units(tmp_path):
    """Where systemd is installed, by its own judgement; the programs stand elsewhere here."""
    if not shutil.which("systemd-analyze"):
        return
    for path in UNITS:
        text = re.sub("=/opt/budget-monitor/(.venv/bin|deploy)/", "=/bin/true ", path.read_text())
        (tmp_path / path.name).write_text(text.replace("/bin/true gunicorn", "/bin/true"))
    ended = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    about_ours = [line for line in ended.stderr.splitlines() if "budget-monitor" in line]
    assert about_ours == []


@pytest.mark.slow
def test_gunicorn_takes_its_settings(tmp_path):
    code = "import runpy; print(sorted(runpy.run_path('deploy/gunicorn.conf.py')))"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {"bind", "workers", "threads", "timeout", "logconfig_dict"} <= set(
        re.findall(r"'(\w+)'", ended.stdout)
    )
    checked = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "-c", "deploy/gunicorn.conf.py"]
        + ["council_finance.wsgi"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "WEB_CONCURRENCY": "65"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode != 0
    assert "WEB_CONCURRENCY must be a whole number up to 64" in checked.stderr


# --------------------------------------------------------------------------------- guide


def test_every_variable_stands_in_the_guide():
    """Whatever the settings read, the operator can look up; and the guide names no other."""
    read = set()
    for name in ("settings", "environment", "in_service", "oidc_settings"):
        text = (ROOT / "council_finance" / f"{name}.py").read_text()
        read |= set(
            re.findall(r'(?:environ(?:ment)?\.\w+|\btext|\bwords|\.get)\(\s*"([A-Z_]+)"', text)
        )
    read |= set(
        re.findall(r'environment\.\w+\("([A-Z_]+)"', (DEPLOY / "gunicorn.conf.py").read_text())
    )
    assert {"SECRET_KEY", "DATABASE_URL", "WEB_BIND", "IN_SERVICE", "DATA_DIR", "DEBUG"} <= read
    guide = (ROOT / "docs" / "operating.md").read_text()
    table = guide.split("## Every variable")[1].split("\n## ")[0]
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", "\n".join(re.findall(r"^\| (.*?) \|", table, re.M))))
    assert told == read


def test_the_guide_names_commands_and_files_that_there_are():
    guide = (ROOT / "docs" / "operating.md").read_text()
    commands = set(re.findall(r"manage\.py (\w+)", guide))
    own = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    assert commands <= own | {
        "migrate",
        "collectstatic",
        "check",
        "clearsessions",
        "showmigrations",
    }
    assert {"back_up", "restore", "move_database", "clean_up", "migrate"} <= commands
    for name in set(re.findall(r"\bdeploy/[\w./-]+\w", guide)):
        assert (ROOT / name).exists(), name


# ---------------------------------------------------------------------------- real processes


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Path:
    """A copy of the product with its pages' files collected, as it stands on a server."""
    folder = tmp_path_factory.mktemp("product")
    packages = {app.name.split(".")[0] for app in project_apps()}
    for name in (*packages, "static", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(DEPLOY, folder / "deploy")
    shutil.copy(ROOT / "manage.py", folder)
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder / "data")}
    ended = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input"],
        cwd=folder,
        env=environment | SERVICE | NOBODY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.mark.worker
def test_the_pages_files_are_collected_under_names_with_their_hash(product):
    collected = product / "staticfiles"
    manifest = json.loads((collected / "staticfiles.json").read_text())["paths"]
    wanted = ["css/app.css", "vendor/govuk-frontend/govuk-frontend.min.css"]
    plotly = [name for name in manifest if re.match(r"vendor/plotly/.*\.js$", name)]
    assert plotly
    for name in wanted + plotly:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", manifest[name])
        file = collected / manifest[name]
        assert file.with_name(f"{file.name}.br").exists()
        packed = file.with_name(f"{file.name}.gz").read_bytes()
        assert zlib.decompress(packed, 31) == file.read_bytes()


class Site:
    """gunicorn and a worker, started as the units start them; what they log is kept."""

    def __init__(self, product: Path, folder: Path, servers: dict[str, str]):
        self.product, self.folder, self.port = product, folder, free_port(8445)
        kept = {key: value for key, value in os.environ.items() if key not in SERVERS}
        own = {"DATA_DIR": str(folder), "WEB_BIND": f"127.0.0.1:{self.port}"}
        safe = {"IN_SERVICE": "1" if len(servers) == len(SERVERS) else "0"}
        self.environment = kept | SERVICE | safe | own | servers | {"WEB_CONCURRENCY": "2"}
        self.processes: dict[str, subprocess.Popen] = {}

    def manage(self, *arguments: str) -> None:
        """Run a command of the product."""
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=self.product, env=self.environment, check=True)

    def start(self, name: str, *arguments: str) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=self.product,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ask(self, method: str, path: str, body: str | None = None, **headers: str):
        """The answer and its text; asked as the web server in front does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        given = {"Host": "budget.council.test", "X-Forwarded-Proto": "https"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        # An answer that never came leaves the connection open.
        with contextlib.closing(connection):
            connection.request(method, path, body, given | named)
            answer = connection.getresponse()
            text = answer.read().decode()
        return answer, text

    def wait_until_ready(self, parts: dict[str, bool], seconds: float = 40) -> None:
        """Wait until /readyz tells these parts so; the others are ready meanwhile."""
        until = time.monotonic() + seconds
        found: dict = {}
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                answer, text = self.ask("GET", "/readyz", Host="10.1.2.3")
                found = json.loads(text)["parts"]
                assert (answer.status == 200) == all(part["ok"] for part in found.values())
                if all(part["ok"] == parts.get(name, True) for name, part in found.items()):
                    return
            time.sleep(0.2)
        raise AssertionError(found)

    def lines(self, name: str) -> list[dict]:
        """What a process has logged; Celery warns of root in plain words."""
        return [json.loads(line) for line in self.text(name).splitlines() if line[:1] == "{"]

    def text(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def servers():
    """The configured servers, with a database of the site's own on PostgreSQL."""
    given = {name: value for name, value in SERVERS.items() if value}
    if not given.get("DATABASE_URL", "").startswith("postgres"):
        yield given
        return
    import psycopg2

    name = f"deployed_{os.getpid()}"
    admin = psycopg2.connect(given["DATABASE_URL"])
    admin.autocommit = True
    admin.cursor().execute(f'CREATE DATABASE "{name}"')
    yield given | {"DATABASE_URL": re.sub(r"/[^/]*$", f"/{name}", given["DATABASE_URL"])}
    admin.cursor().execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.close()


@pytest.fixture
def site(product, tmp_path, servers):
    made = Site(product, tmp_path, servers)
    yield made
    for process in made.processes.values():
        process.terminate()
    for process in made.processes.values():
        process.wait(timeout=20)


@pytest.mark.worker
def test_a_site_as_it_is_deployed(site):
    """Ready with a worker and not without; a request's id reaches its job; no log has a secret."""
    site.manage("migrate", "--verbosity=0")
    site.start("web", "gunicorn", "--config", "deploy/gunicorn.conf.py", "council_finance.wsgi")
    site.wait_until_ready({"worker": False})
    site.start(
        *("worker", "celery", "--quiet", "--app=council_finance", "worker"),
        *("--concurrency=1", "--without-gossip", "--without-mingle"),
    )
    site.wait_until_ready({})

    answer, page = site.ask("GET", "/password/reset/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    cookie = answer.getheader("Set-Cookie").split(";")[0]
    answer, _ = site.ask(
        "POST",
        "/password/reset/",
        f"csrfmiddlewaretoken={token}&email=nobody@council.test",
        Cookie=cookie,
        Referer="https://budget.council.test/password/reset/",
        Content_Type="application/x-www-form-urlencoded",
        X_Request_ID="test-0123456789",
    )
    assert (answer.status, answer.getheader("X-Request-ID")) == (302, "test-0123456789")
    until = time.monotonic() + 15
    while "test-0123456789" not in site.text("worker"):
        assert time.monotonic() < until
        time.sleep(0.1)
    of_the_job = [line for line in site.lines("worker") if line["request_id"] == "test-0123456789"]
    assert "send_reset_mail" in of_the_job[0]["message"]
    assert {line["request_id"] for line in site.lines("web") if line.get("status") == 302} == {
        "test-0123456789"
    }

    _secure_everywhere(site, page)
    site.kill("worker")
    site.wait_until_ready({"worker": False}, seconds=10)
    everything = site.text("web") + site.text("worker")
    for secret in (SECRET, token, cookie.split("=")[1]):
        assert secret not in everything


def _secure_everywhere(site: Site, page: str) -> None:
    style = re.search(r'href="(/static/css/app[^"]+)"', page)[1]
    statuses = {"/login/": 200, "/": 302, "/nothing/": 404, style: 200, "/healthz": 200}
    for path, status in statuses.items():
        answer, _ = site.ask("GET", path)
        assert answer.status == status, path
        for name, value in SECURE.items():
            assert answer.getheader(name) == value, (path, name)
        assert "unsafe" not in answer.getheader("Content-Security-Policy")
        if site.environment["IN_SERVICE"] == "1":
            assert answer.getheader("Strict-Transport-Security") == "max-age=31536000"
    answer, _ = site.ask("GET", "/login/", Host="evil.test")
    assert answer.status == 400
    for name, value in SECURE.items():
        assert answer.getheader(name) == value
