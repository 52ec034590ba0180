"""People who read and change settings, each in a browser of their own."""

import pytest
from django.test import Client

from council_finance.accounts.models import Role


@pytest.fixture
def as_role(person):
    """A browser in which somebody of a role is logged in."""

    def log_in(role: str) -> Client:
        client = Client()
        client.force_login(person(role, username=f"{role}-of-settings"))
        return client

    return log_in


@pytest.fixture
def lead(as_role) -> Client:
    """The browser of a finance lead."""
    return as_role(Role.FINANCE_LEAD)


@pytest.fixture
def administrator(as_role) -> Client:
    """The browser of an administrator, who may change the same settings."""
    return as_role(Role.ADMINISTRATOR)
