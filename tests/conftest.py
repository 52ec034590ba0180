"""What tests share: both councils' packs, loaded once a session, and people of each role."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as of_properties

from tests import ready_databases

# A busy machine makes no property wrong.
of_properties.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
of_properties.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
REFERENCE = ROOT / "tests" / "reference"
LONGEST_FILES = (
    "tests/browser/test_first_start.py",
    "tests/browser/test_month_walk.py",
    "tests/monitoring/test_wide_matrix.py",
    "tests/monitoring/uploading/test_faults.py",
    "tests/monitoring/packs/test_made_up_council.py",
    "tests/monitoring/ledger_files/test_purpose_sequences.py",
    "tests/monitoring/figures/test_figures_follow.py",
    "tests/council_finance/backup/test_backups_kept.py",
    "tests/council_finance/uploads/test_written_ledgers.py",
    "tests/council_finance/test_left_behind.py",
    "tests/monitoring/test_commands.py",
)
BROWSER = "tests/browser/"
BOTH_DATABASES = (
    "tests/capital/",
    "tests/council_finance/accounts/test_trail.py",
    "tests/council_finance/backup/",
    "tests/council_finance/test_bulk.py",
    "tests/council_finance/test_health.py",
    "tests/council_finance/test_metrics.py",
    "tests/council_finance/test_partitions.py",
    "tests/monitoring/figures/",
    "tests/monitoring/ledger_files/",
    "tests/monitoring/reports/test_same_bytes.py",
    "tests/monitoring/test_constraints.py",
)
"""Quick tests that run on PostgreSQL too: figures, and what is written for each database."""


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Where nothing may be skipped (NO_SKIPS), a skipped test has failed."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("NO_SKIPS") and report.skipped:
        report.outcome = "failed"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what runs on both databases, and begin with the longest files.

    Started last, one of these would keep a process at work alone. They are sorted after pytest has
    put together the tests of each site, which would come last otherwise.
    """
    for item in items:
        if item.nodeid.startswith(BOTH_DATABASES):
            item.add_marker("both")
        if item.get_closest_marker("browser") and not item.nodeid.startswith(BROWSER):
            raise pytest.UsageError(f"{item.nodeid}: tests with a browser are run from {BROWSER}")
    outcome = yield
    ranks = {name: rank for rank, name in enumerate(LONGEST_FILES)}
    items.sort(key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(ranks)))
    return outcome


def pytest_sessionfinish(session):
    """Drop the databases that sites were copied from, once every process has ended."""
    if not hasattr(session.config, "workerinput"):
        ready_databases.drop_all()


def pytest_collection_finish():
    """Spare the garbage collector the thousands of collected tests, which stay until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(autouse=True)
def _nothing_at_hand():
    """What a test changed of what a report froze is no business of the next."""
    from tests.councils.packs import forget_frozen

    forget_frozen()


@pytest.fixture(scope="session", autouse=True)
def _fast_and_in_process(tmp_path_factory):
    """A quick password hasher, tasks run where they are called, locks in a folder of one's own."""
    from django.conf import settings
    from django.db import connection

    from council_finance.celery import app

    # The tables come from the models, as a hundred migrations take long (tests/made_tables.py).
    connection.settings_dict["TEST"]["MIGRATE"] = False
    settings.DATA_DIR = tmp_path_factory.mktemp("data")
    # What is counted in one test is no business of the next.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    app.conf.task_always_eager = True
    app.conf.task_eager_propagates = True


@pytest.fixture(scope="session", autouse=True)
def _static_files_found_once():
    """Let WhiteNoise look for the static files once: it would for every client of a test."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    find, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add_files(middleware):
        if not found:
            find(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, _fast_and_in_process):
    """The test database with both packs in it; tests see them and roll their own writes back."""
    from monitoring.packs.services import load_pack
    from tests.made_tables import note_migrations

    with django_db_blocker.unblock():
        note_migrations("default")
        for name in ("somerset-2019-20", "cambridgeshire-2018-19"):
            load_pack(folder=FIXTURES / name, by=None)


@pytest.fixture
def somerset(db):
    """Somerset's 2019/20, months 2 and 3 published."""
    from monitoring.models import FinancialYear

    return FinancialYear.objects.get(start=2019)


@pytest.fixture
def cambridgeshire(db):
    """Cambridgeshire's 2018/19, month 11 and the close published."""
    from monitoring.models import FinancialYear

    return FinancialYear.objects.get(start=2018)


@pytest.fixture
def person(db):
    """Make a person: `person("finance_officer")`."""
    from council_finance.accounts.models import User

    def make(role: str, **fields):
        name = fields.pop("username", role)
        return User.objects.create_user(username=name, password="pass", role=role, **fields)

    return make
