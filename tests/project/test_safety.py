"""What attackers try, a test a line: those that stand elsewhere are named in ELSEWHERE.

Pages and addresses are all of the site's, from tests.monitoring.test_pages.
"""

import csv
import io
import json
import os
import socket
import subprocess
import sys

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast, Concat
from django.test import Client
from django.urls import reverse

from council_finance.accounts import throttle
from council_finance.accounts.models import Role
from council_finance.uploads import reading
from monitoring.models import Report, ReportDocument, ReportLines, ReportStatement, Service
from monitoring.uploading.pipeline import reading as pipeline
from monitoring.uploading.services import uploads as upload_services
from tests.conftest import ROOT
from tests.councils.packs import refreeze
from tests.monitoring.test_pages import ACTS, POSITION, addresses, draft, writers

ELSEWHERE = {
    "HSTS, cookies": "test_settings_safety.py",
    "files that would fill the memory": "test_file_guards.py",
    "access by role and part of the tree": "test_reach.py",
    "throttling of log-in": "test_log_in.py",
    "secrets in logs": "test_logs.py",
    "retention by setting; accessibility statement, privacy note": "test_retention.py",
}
EVIL = "<script>x()</script>"
FORMULA = '=HYPERLINK("http://x","y")'
_KEYS = {
    # What rows are found by, or a word of a list that is no Django choice: never free text.
    *("code", "key", "parent_key", "cost_centre", "account", "reference", "username", "password"),
    *("sha256", "task", "lock", "state", "role", "email", "service_code", "name_hash", "sheet"),
    *("declared_status", "status_override", "direction_of_travel", "kind", "reverses", "scope"),
    *("session_key", "layout_name", "typed_choice", "method", "record", "instead", "action"),
}
# Their texts are CSV, JSON and ids, which break when words alone take their place.
_WRITTEN_BY_PROGRAM = (ReportStatement, ReportDocument, ReportLines)

__all__ = ["draft"]


def test_elsewhere_is_true():
    assert [name for name in ELSEWHERE.values() if not list(ROOT.glob(f"tests/**/{name}"))] == []


PRODUCT_APPS = (
    "monitoring",
    "savings",
    "reserves",
    "capital",
    "performance",
    "planning",
    "accounts",
)


def free_texts() -> list[tuple[type[models.Model], str]]:
    """Every field of the product in which somebody's words stand."""
    found = []
    for label in PRODUCT_APPS:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.concrete_fields:
                is_text = isinstance(field, (models.CharField, models.TextField))
                holds = (field.max_length or 1000) >= len(EVIL) + 10
                is_key = field.unique or field.choices or field.name in _KEYS
                if is_text and holds and not is_key and model not in _WRITTEN_BY_PROGRAM:
                    found.append((model, field.name))
    return found


def with_evil(value):
    """The same with EVIL in the place of each text that readers see."""
    shown = {"label", "total_label", "section", "title", "name", "reason", "purpose", "owner"}
    if isinstance(value, list):
        return [with_evil(each) for each in value]
    if isinstance(value, dict):
        return {
            key: EVIL if key in shown and isinstance(text, str) and text else with_evil(text)
            for key, text in value.items()
        }
    return value


@pytest.mark.slow
def test_script_in_every_text_field_is_text_on_every_page(client, person, draft):
    lead = person(Role.FINANCE_LEAD)
    fields = free_texts()
    assert len(fields) > 30, "the fields of all apps"
    for model, name in fields:
        # With the number of its row, as some texts stand once only.
        text = Concat(Value(EVIL), Cast("pk", models.CharField()))
        models.QuerySet(model).exclude(**{name: ""}).update(**{name: text})
    for report in Report.objects.defer(None):
        refreeze(report, **with_evil(report.frozen) | {"commentary": {"ADULT": EVIL}})
    for kept in ReportDocument.objects.all():
        blocks = [
            block | {"text": EVIL} if "text" in block else block for block in json.loads(kept.text)
        ]
        models.QuerySet(ReportDocument).filter(pk=kept.pk).update(text=json.dumps(blocks))
    shown = 0
    for role in (Role.FINANCE_LEAD, Role.ADMINISTRATOR):
        client.force_login(lead if role == Role.FINANCE_LEAD else person(role))
        for name, (address, readers) in addresses(draft).items():
            response = client.get(address)
            response.getvalue()
            if role not in readers or "html" not in response["Content-Type"]:
                continue
            page = response.content.decode()
            assert EVIL not in page, name
            shown += "&lt;script&gt;x()" in page or "\\u003cscript\\u003ex()" in page
    assert shown > 60, "most pages show some of it"


@pytest.mark.slow
def test_a_name_that_looks_like_a_formula_is_text_in_every_csv(client, person, draft):
    Service.objects.filter(year=draft.year, code="ADULT").update(name=FORMULA)
    client.force_login(person(Role.FINANCE_LEAD))
    content = POSITION.read_bytes().replace(b"73869000", b"76869000")
    upload_services.upload_file(
        kind="position", year=draft.year, period=4, content=content, file_name="x.csv", by=None
    )
    for name in ("annex-a", "budgetary-control", "budget-reconciliation"):
        address = reverse("download", args=[2019, 4, name, "csv"])
        rows = list(csv.reader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))
        cells = [cell for row in rows for cell in row]
        assert not [cell for cell in cells if cell.startswith("=")]
        assert [cell for cell in cells if cell.lstrip("'\t") == FORMULA], name


@pytest.mark.slow
def test_nothing_is_written_without_the_token_of_its_form(person, draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(Role.FINANCE_LEAD))
    known = addresses(draft)
    for name in writers():
        assert client.post(known[name][0], {"act": "rename"}).status_code == 403, name
    for act in ACTS:
        assert client.post(reverse(act, args=[draft.pk])).status_code == 403, act
    for name in ("login", "logout", "password-reset"):
        assert client.post(reverse(name), {"username": "x"}).status_code == 403, name


def test_the_web_server_reads_no_file(client, person, somerset, monkeypatch):
    """A file that no reader survives is a worker's end, and never the site's."""
    sent = []
    monkeypatch.setattr(upload_services, "send_job", sent.append)

    def fatal(*arguments, **more):
        raise AssertionError("the web process read a file")

    monkeypatch.setattr(pipeline, "read_rows", fatal)
    monkeypatch.setattr(reading, "read_rows", fatal)
    client.force_login(person(Role.FINANCE_OFFICER))
    file = io.BytesIO(POSITION.read_bytes())
    file.name = "month.csv"
    address = reverse("upload-for-period", args=[2019, 5])
    response = client.post(address, {"kind": "position", "file": file})
    assert response.status_code == 302 and len(sent) == 1
    assert client.get(response.url).status_code == 200
    unit = (ROOT / "deploy" / "systemd" / "budget-monitor-worker.service").read_text()
    assert "MemoryMax=" in unit and "Restart=on-failure" in unit


@pytest.mark.slow
@pytest.mark.parametrize("name", ["overview", "upload", "person", "reports", "search"])
def test_every_page_forbids_what_is_not_its_own(client, person, draft, name):
    roles = addresses(draft)[name][1]
    client.force_login(person(Role.ADMINISTRATOR if name == "person" else sorted(roles)[0]))
    response = client.get(addresses(draft)[name][0])
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


def test_pdfs_are_had_so_often_and_then_later(client, person, somerset, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pdf"}
    }
    settings.PDFS_MOST = 2
    client.force_login(person(Role.SCRUTINY_MEMBER))
    address = reverse("download", args=[2019, 3, "contingency", "pdf"])
    assert [client.get(address).status_code for _ in range(3)] == [200, 200, 429]
    whole = client.get(reverse("pack", args=[2019, 3, "pdf"]))
    assert (whole.status_code, whole["Retry-After"]) == (429, "600")
    assert "Wait 10 minutes" in whole.content.decode()
    assert client.get(reverse("document-file", args=[2019, 3, "pdf"])).status_code == 429
    assert client.get(reverse("pack", args=[2019, 3, "xlsx"])).status_code == 200
    other = Client()
    other.force_login(person(Role.SCRUTINY_MEMBER, username="other"))
    assert other.get(address).status_code == 200


def test_pdfs_are_made_and_still_counted_while_the_cache_is_away(
    client, person, somerset, settings, caplog
):
    """Redis that refuses connections: each web process counts by itself."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    settings.PDFS_MOST = 2
    user = person(Role.SCRUTINY_MEMBER)
    client.force_login(user)
    throttle._OWN_COUNTS.clear()
    address = reverse("download", args=[2019, 3, "contingency", "pdf"])
    answers = [client.get(address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].content.startswith(b"%PDF-")
    assert "The cache cannot be reached" in caplog.text
    throttle._OWN_COUNTS.clear()


@pytest.mark.slow
def test_a_broker_that_is_silent_ends_the_sending(tmp_path):
    """A Redis that takes connections and never answers: the page gets an error and goes on."""
    code = (
        "import django; django.setup()\n"
        "from kombu.exceptions import OperationalError\n"
        "from council_finance.accounts import tasks\n"
        "try: tasks.send_reset_mail.delay('a@council.example', 'x')\n"
        "except OperationalError: print('not sent')\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ended = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "council_finance.settings",
                "DATA_DIR": str(tmp_path),
                "CELERY_BROKER_URL": f"redis://127.0.0.1:{silent.getsockname()[1]}/0",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    assert ended.stdout == "not sent\n"


def test_ci_asks_for_known_faults_of_the_packages():
    assert "make audit" in (ROOT / ".ci" / "run").read_text()
    assert "pip_audit --strict" in (ROOT / "Makefile").read_text()
