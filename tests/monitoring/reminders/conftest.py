"""A site that can send mail, and a manager of the small council with work that is due."""

import datetime

import pytest
from django.utils import timezone

from council_finance.accounts.models import Role, User
from monitoring.reminders.services import choose_reminders
from tests.councils.month import only_open_year, small_council, tie

NOW = datetime.datetime(2021, 6, 8, 6, 45, tzinfo=datetime.UTC)


@pytest.fixture
def mail(settings):
    settings.EMAIL_HOST, settings.SITE_ADDRESS = "mail.council.test", "https://budget.council.test"
    return settings


@pytest.fixture
def now() -> datetime.datetime:
    return timezone.localtime(NOW)


@pytest.fixture
def small_year(db, tmp_path):
    return only_open_year(small_council(tmp_path))


@pytest.fixture
def manager(small_year, person, now) -> User:
    """Forecasts of Home care are due from her, and she is mailed of it every working day."""
    user = tie(person(Role.BUDGET_MANAGER, email="manager@council.test"), "CARE")
    choose_reminders(user=user, digest="daily", at_once=False, now=now)
    return user
