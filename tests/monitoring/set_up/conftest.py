"""A site without any year, and the set-up up to its steps."""

import datetime
import re

import pytest
from django.db.models import QuerySet
from django.test import Client

from council_finance.accounts.models import Role, User
from council_finance.installed_apps import subject_apps
from monitoring.models import FinancialYear, TreeDraft
from monitoring.set_up.forms import YearForm
from monitoring.set_up.selectors import set_up_of

COUNCIL, YEAR = "/set-up/council/", "/set-up/year/"
SERVICES, PREVIEW = "/set-up/services/", "/set-up/services/preview/"
NAMED = {"name": "Wharfedale Council", "short_name": "", "accent": "", "revision": "0"}
LIST = "Wharfedale Council\n  Adults\n    Care\n    Homes\n  Place\n    Roads"


@pytest.fixture
def empty(db):
    """The site as it has just been installed: nothing in the tables of its apps."""
    for app in subject_apps():
        for model in app.get_models(include_auto_created=True):
            # Foreign keys are checked when a transaction ends, so in any order.
            QuerySet(model)._raw_delete("default")


@pytest.fixture
def admin(client, person, empty):
    user = person(Role.ADMINISTRATOR, username="alex")
    client.force_login(user)
    return user


@pytest.fixture
def named(client, admin):
    """The council has a name."""
    client.post(COUNCIL, NAMED)
    return admin


@pytest.fixture
def year(client, named):
    """There is a first year."""
    client.post(YEAR, {"start": this_year()})
    return FinancialYear.objects.get()


@pytest.fixture
def stored(client, year):
    """The services are stored."""
    client.post(SERVICES, {"act": "paste", "text": LIST})
    assert act(client, "store").url == "/set-up/"
    return year


def this_year() -> int:
    return YearForm(today=datetime.date.today()).initial["start"]


def log_in(person, role: Role, **fields) -> Client:
    client = Client()
    client.force_login(person(role, **fields))
    return client


def act(client, what: str, **fields):
    """Press a button of the preview, as it is now."""
    revision = TreeDraft.objects.get().revision
    return client.post(PREVIEW, {"act": what, "revision": revision, **fields})


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def next_of(response) -> list[str]:
    return re.findall(r'class="govuk-button" href="([^"]*)">', response.content.decode())


def states(user: User) -> str:
    """The first letter of each step's state: done, under way, to do, waits."""
    return "".join(step.state[0] for step in set_up_of(user).steps)
