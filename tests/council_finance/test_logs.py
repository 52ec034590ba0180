"""Logs: each line with its request, in JSON where wanted, and never with a secret."""

import json
import logging
import re
import sys

import pytest
from celery.signals import before_task_publish
from django.core import mail
from django.http import HttpResponse
from django.test import Client, RequestFactory

from council_finance import job_logs, logs
from council_finance.accounts.models import Role
from council_finance.accounts.services import one_time_link

SECRET = "Zk3-qX9vB7mN2rT5yW8cF1hJ4gL6dS0pQaUeIoMz"


class Kept(logging.Handler):
    """Keeps what a formatter makes of each line."""

    def __init__(self, formatter: logging.Formatter):
        super().__init__()
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def kept():
    """Everything that is logged meanwhile, as JSON lines."""
    handler, root = Kept(logs.Json([SECRET])), logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", "django", "council_finance")}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.INFO)
    yield handler.lines
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def answer(**headers) -> HttpResponse:
    seen = []

    def view(request):
        seen.append(logs.request_id())
        return HttpResponse("x")

    response = logs.with_request_id(view)(RequestFactory().get("/", headers=headers))
    assert seen == [response["X-Request-ID"]]
    return response


def test_a_request_keeps_the_id_it_came_with():
    assert answer(x_request_id="proxy-0123_A.b")["X-Request-ID"] == "proxy-0123_A.b"


@pytest.mark.parametrize(
    "given",
    ["", "short", "a" * 65, "with space in it", "line\nbreak-12345", "<script>alert(1)", "ü" * 9],
)
def test_one_that_is_no_id_gets_another(given):
    made = answer(x_request_id=given)["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", made)
    assert made != answer()["X-Request-ID"]


def test_every_line_of_a_request_has_its_id_and_no_address(client, db, kept):
    client.get("/reports/2019-20/3/?q=looking-for", headers={"x-request-id": "abc-12345678"})
    client.get("/nothing/here/?q=1", headers={"x-request-id": "abc-87654321"})
    lines = [json.loads(line) for line in kept]
    of_requests = [line for line in lines if line["logger"] == "council_finance.requests"]
    assert [
        (line["request_id"], line["method"], line["route"], line["status"]) for line in of_requests
    ] == [
        ("abc-12345678", "GET", "/reports/<year:start>/<int:number>/", 302),
        ("abc-87654321", "GET", "no such address", 404),
    ]
    assert {line["request_id"] for line in lines if line["logger"] == "django.request"} == {
        "abc-87654321"
    }
    assert "looking-for" not in "".join(kept)
    assert logs.request_id() == ""


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/nothing/SECRET-NAME/", "Not Found: no such address"),
        ("/2019-20/3/services/SECRET-NAME/", "Not Found: /<year:start>/<int:number>/services/"),
        ("/settings/people/?search=SECRET-NAME", "(Permission denied): /settings/people/"),
        ("/nothing/SECRET-NAME-£é/", "Not Found: no such address"),
        ("/reports/SECRET-NAME%00/", "no such address"),
        ("/reports/?q=SECRET-NAME%00", "/reports/"),
    ],
)
@pytest.mark.parametrize("formatter", [logs.Plain, logs.Json])
def test_lines_about_refusals_hold_the_pattern_and_not_the_address(
    client, person, somerset, formatter, address, told
):
    client.force_login(person(Role.FINANCE_OFFICER))
    handler, logger = Kept(formatter()), logging.getLogger("django.request")
    logger.addHandler(handler)
    status = client.get(address).status_code
    logger.removeHandler(handler)
    assert status in (400, 403, 404)
    assert told in "".join(handler.lines)
    assert "SECRET-NAME" not in "".join(handler.lines)


def test_a_form_without_its_token_is_told_by_its_pattern(db, kept):
    client = Client(enforce_csrf_checks=True)
    client.post("/2019-20/3/services/SECRET-NAME/", {})
    told = [json.loads(line) for line in kept]
    assert [line["message"] for line in told if line["logger"] == "django.security.csrf"] == [
        "Forbidden (CSRF cookie not set.): /<year:start>/<int:number>/services/<path:code>/"
    ]


def test_every_line_says_whose_request_it_is_by_a_number(client, person, kept):
    user = person(Role.FINANCE_OFFICER, username="jo")
    client.force_login(user)
    client.get("/settings/people/")
    client.logout()
    client.get("/reports/")
    lines = [json.loads(line) for line in kept]
    told = {(line["logger"], line.get("status")): line["person"] for line in lines}
    assert told[("council_finance.requests", 403)] == user.pk
    assert told[("django.request", None)] == user.pk
    assert told[("council_finance.requests", 302)] is None
    assert '"jo"' not in "".join(kept)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://budget:word-9@db/budget", "postgres://budget:[hidden]@db/budget"),
        ("redis://:word-9@redis:6379/0", "redis://:[hidden]@redis:6379/0"),
        ("Gone: /password/reset/MQ/cx1-abc9/", "Gone: /password/reset/[hidden]/"),
        (
            "https://b.test/password/reset/MQ/cx1-abc9/ sent",
            "https://b.test/password/reset/[hidden]/ sent",
        ),
        (
            "Cookie: sessionid=abc9; csrftoken=def9",
            "Cookie: sessionid=[hidden]; csrftoken=[hidden]",
        ),
        ("{'password': 'word 9', 'x': 1}", "{'password': [hidden], 'x': 1}"),
        ('{"token": "word-9"}', '{"token": [hidden]}'),
        ("Authorization: Bearer word-9", "Authorization: Bearer [hidden]"),
        (f"the key {SECRET} is", "the key [hidden] is"),
        ("GET /2019-20/3/ 200", "GET /2019-20/3/ 200"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text, shown):
    assert logs.hide(text, [SECRET]) == shown
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (text,), None)
    assert json.loads(logs.Json([SECRET]).format(record))["message"] == shown
    assert logs.Plain([SECRET]).format(record) == f"INFO x: {shown}"


@pytest.mark.parametrize("formatter", [logs.Json, logs.Plain])
def test_a_traceback_hides_them_too(formatter):
    try:
        raise ValueError(f"could not use {SECRET} at postgres://u:word-9@db/x")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    line = formatter([SECRET]).format(record)
    assert "ValueError" in line and "could not use [hidden]" in line
    assert SECRET not in line and "word-9" not in line


def test_a_line_of_json_is_one_line():
    record = logging.LogRecord("x", logging.WARNING, "", 0, "two\nlines “£”", (), None)
    line = logs.Json().format(record)
    assert "\n" not in line
    found = json.loads(line)
    assert (found["message"], found["level"], found["logger"]) == ("two\nlines “£”", "warning", "x")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", found["at"])


def test_logging_in_and_a_forgotten_password_leave_no_secret(client, person, settings, kept):
    user = person(Role.DIRECTOR, username="jo", email="jo@council.example")
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail", "budget@council.example"
    client.post("/login/", {"username": "jo", "password": "wrong-word-9"})
    client.post("/login/", {"username": "jo", "password": "pass"})
    session = client.cookies["sessionid"].value
    client.get("/nothing/")
    client.post("/password/reset/", {"email": user.email})
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    client.get(link)
    client.get(f"{link[:-3]}xx/")
    client.get(one_time_link(user))
    everything = "\n".join(kept)
    assert '"status": 410' in everything and '"route": "/login/"' in everything
    for secret in (session, "wrong-word-9", link.split("/")[-2], link.split("/")[-2][:-2]):
        assert secret not in everything


def test_a_jobs_message_carries_the_id_to_the_worker():
    headers = {}
    answered = []

    def view(request):
        before_task_publish.send(sender="x", headers=headers, body=())
        return HttpResponse("x")

    answered.append(
        logs.with_request_id(view)(
            RequestFactory().get("/", headers={"x-request-id": "abc-12345678"})
        )
    )
    assert headers == {"request_id": "abc-12345678"}
    logs.of_person(7)
    before_task_publish.send(sender="x", headers=headers, body=())
    assert headers["person"] == 7
    logs.forget_request()
    outside = {}
    before_task_publish.send(sender="x", headers=outside, body=())
    assert outside == {}


class Request:
    """As much of a Celery request as the signals look at."""

    called_directly = is_eager = False

    def __init__(self, request_id=None):
        self.request_id, self.person = request_id, 7


class Task:
    def __init__(self, request_id=None):
        self.request = Request(request_id)


@pytest.mark.parametrize(
    ("given", "taken"),
    [("abc-12345678", "abc-12345678"), (None, "task-12345678"), ("bad id", "task-12345678")],
)
def test_a_worker_works_under_the_id_of_the_message(given, taken):
    task = Task(given)
    job_logs.take_request_id(task, "task-12345678")
    assert (logs.request_id(), logs.person()) == (taken, 7)
    job_logs.forget_request_id(task)
    assert (logs.request_id(), logs.person()) == ("", None)


def test_plain_text_tells_warnings_only_and_json_each_request():
    assert logs.logging_settings("plain", [])["root"]["level"] == "WARNING"
    assert logs.logging_settings("json", [])["root"]["level"] == "INFO"
