"""Passwords are hashed so many at once and no more, and the shipped memory holds them."""

import configparser
import runpy
import threading

import pytest
import yaml
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    check_password,
    identify_hasher,
    make_password,
)
from django.test import Client

from council_finance.accounts import hashing, trail
from council_finance.accounts.hashing import (
    HASHES_AT_ONCE,
    MOST_OF_AN_ADDRESS,
    MOST_WAITING,
    Argon2Hasher,
    NoPlace,
    Places,
)
from council_finance.accounts.models import Role
from council_finance.accounts.services import one_time_link
from monitoring.identity.selectors import Identity
from tests.project.test_safety import ROOT

HASHER = "council_finance.accounts.hashing.Argon2Hasher"
MEGABYTE = 1024 * 1024
PROCESS = 260 * MEGABYTE
"""A web process that has printed PDFs, as docs/operating.md tells."""
OLD_HASH = 100 * MEGABYTE
"""Hashes of before are checked once more with the memory that they were made with."""


class Counted:
    """Counts how many are in at once; who is in waits until `open` is set."""

    def __init__(self):
        self.open, self.entered = threading.Event(), threading.Semaphore(0)
        self.now = self.most = self.all = 0
        self._lock = threading.Lock()

    def __enter__(self):
        with self._lock:
            self.now += 1
            self.all += 1
            self.most = max(self.most, self.now)
        self.entered.release()
        assert self.open.wait(30)

    def __exit__(self, *_):
        with self._lock:
            self.now -= 1


@pytest.fixture
def counted(settings, monkeypatch):
    """The product's hasher, each hash counted in place of being worked out."""
    settings.PASSWORD_HASHERS = [HASHER]
    inside = Counted()

    def encode(self, password, salt):
        with inside:
            return f"argon2$argon2id$v=19$m=65536,t=3,p=4${salt}$x"

    def verify(self, password, encoded):
        with inside:
            return False

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify)
    return inside


def run(threads):
    for each in threads:
        each.start()
    return threads


def end(threads):
    for each in threads:
        each.join(30)
        assert not each.is_alive()


def test_hashes_wait_for_each_other_whoever_makes_them(counted):
    threads = [threading.Thread(target=make_password, args=("a",)) for _ in range(4)]
    encoded = "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$x"
    threads += [threading.Thread(target=check_password, args=("a", encoded)) for _ in range(4)]
    run(threads)
    assert counted.entered.acquire(timeout=30)
    counted.open.set()
    end(threads)
    assert (counted.most, counted.all) == (HASHES_AT_ONCE, 8)


@pytest.mark.slow
def test_posts_at_once_never_hash_more_than_allowed(counted, monkeypatch):
    """Names that nobody has, from many addresses: every one would be hashed."""

    def authenticate(request=None, **credentials):
        make_password(credentials["password"])

    monkeypatch.setattr("django.contrib.auth.forms.authenticate", authenticate)
    monkeypatch.setattr(trail, "note_failed_log_in", lambda *_: None)
    monkeypatch.setattr("monitoring.context.read_identity", Identity)  # threads have no database
    answers, waiting = [], MOST_WAITING

    def post(number):
        data = {"username": "nobody", "password": "wrong", "next": "/reports/"}
        response = Client().post("/login/", data, REMOTE_ADDR=f"192.0.2.{number}")
        answers.append(response)

    first = run([threading.Thread(target=post, args=(number,)) for number in range(waiting)])
    assert counted.entered.acquire(timeout=30)
    while hashing.PLACES._taken.total() < waiting:
        assert any(each.is_alive() for each in first)
    for number in range(waiting, waiting + 20):  # no place is left: answered at once
        post(number)
    refused = answers[:]
    counted.open.set()
    end(first)
    assert [response.status_code for response in refused] == [503] * 20
    assert (counted.most, counted.all) == (HASHES_AT_ONCE, waiting)
    assert [each.status_code for each in answers[20:]] == [422] * waiting
    page = refused[0].content.decode()
    assert "Wait 5 seconds" in page and "log in again" in page
    assert 'href="/login/?next=%2Freports%2F"' in page and refused[0]["Retry-After"] == "5"
    assert hashing.PLACES._taken.total() == 0


def test_one_address_has_fewer_places_than_there_are():
    assert MOST_OF_AN_ADDRESS < MOST_WAITING
    places = Places(most=3, most_of_an_address=2)
    with places.taken_for("a"), places.taken_for("a"):
        with pytest.raises(NoPlace) as none, places.taken_for("a"):
            pass
        assert none.value.for_address
        with places.taken_for("b"), pytest.raises(NoPlace) as none, places.taken_for("c"):
            pass
        assert not none.value.for_address
    assert not places._taken
    with pytest.raises(ZeroDivisionError), places.taken_for("a"):
        1 / 0  # noqa: B018
    assert not places._taken


def test_every_form_that_hashes_has_to_have_a_place(client, person, monkeypatch):
    """The log-in, a password set by a link, and one's own changed."""
    user = person(Role.DIRECTOR, username="jo")
    client.force_login(user)
    by_link = Client()
    link = by_link.get(one_time_link(user)).url
    before = user.password
    monkeypatch.setattr(hashing.PLACES, "_most_of_an_address", 0)
    monkeypatch.setattr("django.contrib.auth.hashers.verify_password", pytest.fail)
    monkeypatch.setattr("django.contrib.auth.base_user.make_password", pytest.fail)
    new = {"new_password1": "yellow bicycle pond", "new_password2": "yellow bicycle pond"}
    for address, asked_by, data in (
        ("/login/", Client(), {"username": "jo", "password": "pass"}),
        (link, by_link, new),
        ("/password/", client, new | {"old_password": "pass"}),
    ):
        response = asked_by.post(address, data)
        assert response.status_code == 429, address
        assert "Several passwords from your network" in response.content.decode()
        assert ("Back to log in" in response.content.decode()) == (address == "/login/")
    user.refresh_from_db()
    assert user.password == before


@pytest.mark.slow
def test_the_hash_is_argon2id_of_64_megabytes():
    encoded = Argon2Hasher().encode("purple lantern cattle", Argon2Hasher().salt())
    assert encoded.startswith("argon2$argon2id$v=19$m=65536,t=3,p=4$")
    assert Argon2Hasher().verify("purple lantern cattle", encoded)
    assert not Argon2Hasher().verify("wrong", encoded)
    assert not Argon2Hasher().must_update(encoded)


@pytest.mark.slow
def test_a_hash_of_before_holds_and_is_made_anew(settings):
    settings.PASSWORD_HASHERS = [HASHER]
    old = Argon2PasswordHasher().encode("purple lantern cattle", "somesaltofits")
    made = []
    assert check_password("purple lantern cattle", old, setter=made.append)
    assert made == ["purple lantern cattle"]
    assert identify_hasher(old).algorithm == "argon2"


def memory(text: str) -> int:
    return int(text[:-1]) * {"G": 1024, "M": 1}[text[-1].upper()] * MEGABYTE


def test_the_shipped_memory_holds_every_process_with_its_hashes(monkeypatch):
    """The same sum as in docs/operating.md, for the unit's and compose's most processes."""
    for name in ("WEB_CONCURRENCY", "WEB_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    gunicorn = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
    hash_ = max(Argon2Hasher.memory_cost * 1024, OLD_HASH) * HASHES_AT_ONCE
    needed = gunicorn["workers"] * (PROCESS + hash_)
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.read(ROOT / "deploy" / "systemd" / "budget-monitor-web.service")
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert needed <= memory(unit["Service"]["memorymax"])
    assert needed <= memory(compose["services"]["web"]["mem_limit"])
    assert gunicorn["threads"] > MOST_WAITING, "one thread is left for pages"


def test_the_settings_use_it():
    text = (ROOT / "council_finance" / "settings.py").read_text()
    assert f'PASSWORD_HASHERS = [\n    "{HASHER}"' in text
