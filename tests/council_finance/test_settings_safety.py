"""In service it starts only when safe; everything wrong is told at once, and no value with it."""

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from council_finance import environment, in_service
from tests.conftest import ROOT

SECRET = "Zk3-qX9vB7mN2rT5yW8cF1hJ4gL6dS0pQaUeIoMz"
SAFE = {
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "budget.council.test",
    "DATABASE_URL": "postgres://budget:Hq7tZr2vXw@db.council.test/budget",
    "CELERY_BROKER_URL": "redis://:Rr8nLk3sTq@redis.council.test:6379/0",
    "SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto",
    "TRUSTED_PROXIES": "1",
}
READ = {*SAFE, "DEBUG", "SECRET_KEY_FALLBACKS", "CSRF_TRUSTED_ORIGINS", "IN_SERVICE"}


@pytest.fixture
def given(monkeypatch):
    """The environment as SAFE has it, with these changes; answers the faults."""

    def faults(**changes: str) -> list[str]:
        for name in READ:
            monkeypatch.delenv(name, raising=False)
        for name, value in (SAFE | changes).items():
            monkeypatch.setenv(name, value)
        return in_service.faults()

    return faults


def test_what_is_safe_starts(given):
    assert given() == []
    assert given(CELERY_BROKER_URL="rediss://redis.council.test/0") == []
    assert given(DATABASE_URL="postgresql://budget@db/budget") == []


@pytest.mark.parametrize(
    ("name", "value", "do"),
    [
        ("DEBUG", "1", "take DEBUG out"),
        ("SECRET_KEY", "", "set one secret"),
        ("SECRET_KEY", "short", "set a random one"),
        ("SECRET_KEY", "a" * 64, "set a random one"),
        ("SECRET_KEY", f"django-insecure-{SECRET}", "set a random one"),
        ("SECRET_KEY_FALLBACKS", f"{SECRET},weak", "set a random one"),
        ("ALLOWED_HOSTS", "", "set the site's own name"),
        ("ALLOWED_HOSTS", "localhost, 127.0.0.1", "set the site's own name"),
        ("ALLOWED_HOSTS", "budget.council.test,*", "list the site's own names"),
        ("DATABASE_URL", "", "set postgres://"),
        ("DATABASE_URL", "sqlite:////tmp/x.sqlite3", "set postgres://"),
        ("DATABASE_URL", "postgres://budget:change-me@db/budget", "one of its own"),
        ("CELERY_BROKER_URL", "", "set redis://"),
        ("CELERY_BROKER_URL", "filesystem://", "set redis://"),
        ("SECURE_PROXY_SSL_HEADER", "", "name the header"),
        ("TRUSTED_PROXIES", "0", "say how many web servers"),
        ("CSRF_TRUSTED_ORIGINS", "https://a.test,http://b.test", "https://"),
    ],
)
def test_what_is_unsafe_is_told_with_what_to_do(given, name, value, do):
    (sentence,) = given(**{name: value})
    assert sentence.startswith(name)
    assert do in sentence
    assert sentence.endswith(".")
    assert not value or len(value) < 10 or value not in sentence


def test_everything_wrong_is_told_at_once(given, monkeypatch):
    given()
    for name in SAFE:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DEBUG", "1")
    with pytest.raises(ImproperlyConfigured) as refused:
        in_service.refuse_unsafe()
    told = str(refused.value).splitlines()
    assert len(told) == 1 + 1 + len(SAFE)
    assert {line.split()[1] for line in told[1:]} == {"DEBUG", *SAFE}


@pytest.mark.parametrize(
    ("function", "name", "value"),
    [
        (environment.proxy_ssl_header, "SECURE_PROXY_SSL_HEADER", "X-Forwarded Proto"),
        (environment.contact, "CONTACT_EMAIL", "finance"),
        (environment.drop_dir, "DROP_DIR", "/no/such/folder"),
        (environment.drop_dir, "DROP_DIR", "docs"),
        (environment.contact, "CONTACT_EMAIL", "a@b>c"),
        (lambda: environment.one_of("LOG_FORMAT", ("plain", "json")), "LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_word_stops_the_start(monkeypatch, function, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        function()


def test_every_secret_of_the_environment_is_known_to_the_logs(given, monkeypatch):
    given(
        SECRET_KEY_FALLBACKS="one-of-before", DATABASE_URL="postgres://budget:p%40ss-word@db/budget"
    )
    monkeypatch.setenv("EMAIL_HOST_PASSWORD", "mail-word")
    found = environment.secrets_given()
    assert {SECRET, "one-of-before", "p%40ss-word", "p@ss-word", "Rr8nLk3sTq", "mail-word"} == set(
        found
    )


def run(tmp_path, code: str, **changes: str) -> subprocess.CompletedProcess:
    """Python with the product's settings, in a clean environment."""
    values = SAFE | {"IN_SERVICE": "1", "DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "council_finance.settings", **values, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_process_itself_refuses(tmp_path):
    ended = run(
        tmp_path, "from django.conf import settings; settings.DEBUG", DEBUG="1", ALLOWED_HOSTS=""
    )
    assert ended.returncode == 1
    assert "IN_SERVICE=1 refuses to start" in ended.stderr
    assert "- DEBUG is on" in ended.stderr and "- ALLOWED_HOSTS" in ended.stderr
    assert SECRET not in ended.stderr and "Hq7tZr2vXw" not in ended.stderr


LOOK = """
import json
from django.conf import settings
names = '''DEBUG SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_HTTPONLY
SECURE_HSTS_SECONDS SECURE_PROXY_SSL_HEADER SECURE_SSL_REDIRECT ALLOWED_HOSTS
SECRET_KEY_FALLBACKS'''.split()
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "redirect", "seconds"),
    [
        ({}, False, 31_536_000),
        ({"SECURE_SSL_REDIRECT": "1", "SECURE_HSTS_SECONDS": "600"}, True, 600),
    ],
)
def test_in_service_cookies_and_addresses_are_for_https_only(tmp_path, changes, redirect, seconds):
    ended = run(tmp_path, LOOK, **changes)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "DEBUG": False,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SECURE_HSTS_SECONDS": seconds,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "SECURE_SSL_REDIRECT": redirect,
        "ALLOWED_HOSTS": ["budget.council.test"],
        "SECRET_KEY_FALLBACKS": [],
    }
