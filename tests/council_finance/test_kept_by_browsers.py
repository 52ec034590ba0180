"""What browsers and caches between may keep: nothing of what is not public.

That no address of the site lets a person's browser keep it stands in tests.monitoring.test_pages.
"""

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from tests.monitoring.test_pages import draft

__all__ = ["draft"]
NOT_KEPT, ASKED_EACH_TIME = "private, no-store", "no-cache"


def test_the_json_of_a_published_statement_may_be_asked_for_again(client, person, somerset):
    """By a program, which learns from its ETag that nothing has changed."""
    client.force_login(person(Role.SCRUTINY_MEMBER))
    address = reverse("download", args=[2019, 3, "annex-a", "json"])
    assert client.get(address)["Cache-Control"] == "private, no-cache"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("public", "address", "status", "kept"),
    [
        (True, "/reports/", 200, ASKED_EACH_TIME),
        (True, "/reports/2019-20/3/annex-a/", 200, ASKED_EACH_TIME),
        (True, "/reports/2019-20/4/annex-a/", 404, NOT_KEPT),
        (False, "/reports/", 302, NOT_KEPT),
        (False, "/glossary/", 200, ASKED_EACH_TIME),
        (False, "/privacy/", 200, ASKED_EACH_TIME),
        (False, "/login/", 200, "no-store"),
        (False, "/nothing/", 404, NOT_KEPT),
        (False, "/login/?a=%00", 400, NOT_KEPT),
        (False, "/static/css/app.css", 200, "max-age=60, public"),
    ],
)
def test_what_a_strangers_browser_keeps(client, draft, settings, public, address, status, kept):
    settings.PUBLIC_REPORTS = public
    response = client.get(address)
    response.close()
    assert response.status_code == status
    assert kept in response["Cache-Control"]


def test_a_public_page_read_by_a_person_is_not_kept(client, person, somerset, settings):
    settings.PUBLIC_REPORTS = True
    client.force_login(person(Role.SCRUTINY_MEMBER))
    for address in ("/reports/", "/reports/2019-20/3/annex-a/", "/glossary/"):
        assert client.get(address)["Cache-Control"] == NOT_KEPT
