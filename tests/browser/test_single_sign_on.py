"""Single sign-on in a browser: the site, and an OpenID provider beside it."""

import os
from collections.abc import Iterator

import pytest

from council_finance.processes import free_port
from tests.browser.conftest import CONFIGURED, PROCESS, Site, Visitor, running_site
from tests.openid_provider.running import PASSWORD, Provider, running_provider
from tests.openid_provider.serve import CLIENT, SECRET

pytestmark = [pytest.mark.browser, pytest.mark.worker]

JO = {
    "preferred_username": "jo.example@council.example",
    "email": "jo@council.example",
    "name": "Jo Example",
}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port(8400 + 20 * PROCESS)


@pytest.fixture(scope="module")
def provider(tmp_path_factory, port) -> Iterator[Provider]:
    callback = f"http://127.0.0.1:{port}/login/sso/callback/"
    with running_provider(tmp_path_factory.mktemp("provider"), callback) as provider:
        yield provider


@pytest.fixture(scope="module")
def signed_on_site(tmp_path_factory, provider, port) -> Iterator[Site]:
    environment = {key: value for key, value in os.environ.items() if key not in CONFIGURED}
    environment |= {
        "DATA_DIR": str(tmp_path_factory.mktemp("site")),
        "PYTHONUNBUFFERED": "1",
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": SECRET,
        "OIDC_NAME": "your Example account",
        "OIDC_GROUP_ROLES": "g-members=scrutiny_member",
    }
    with running_site(environment, port) as site:
        yield site


@pytest.fixture
def visitor(page, signed_on_site) -> Visitor:
    return Visitor(page, signed_on_site)


def sign_on(visitor: Visitor, path: str = "") -> None:
    """With the keyboard alone, from the page that is wanted to the provider and back."""
    page = visitor.page
    visitor.go(path)
    button = page.get_by_role("button", name="Log in with your Example account")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Council account'), header:has-text('Log out')")
    if page.get_by_role("heading", name="Council account").count():
        page.get_by_label("Username").fill("jo")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
    page.wait_for_selector("text=Log out")


def said_but(visitor: Visitor, status: str) -> None:
    """Forget that Chromium says of a page that it came with this status."""
    visitor.said[:] = [line for line in visitor.said if status not in line]


@pytest.mark.parametrize("width", [1280, 360])
def test_from_a_first_log_in_to_a_role_and_back(visitor, provider, width):
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    visitor.go("login/")
    visitor.check_page()
    provider.has(jo=JO)
    sign_on(visitor, "reports/")
    assert page.get_by_role("heading", name="You have no role yet").is_visible()
    assert page.get_by_text("admin", exact=True).is_visible()
    said_but(visitor, "403")
    visitor.check_page()
    page.get_by_role("button", name="Log out").click()

    provider.has(jo=JO | {"groups": ["g-members"]})
    sign_on(visitor, "reports/")
    assert page.get_by_role("heading", name="Reports").first.is_visible()
    assert page.url.endswith("/reports/")
    page.get_by_role("button", name="Log out").click()

    provider.has(jo=JO | {"groups": []})
    sign_on(visitor, "reports/")
    assert page.get_by_role("heading", name="You have no role yet").is_visible()
    page.get_by_role("button", name="Log out").click()

    visitor.log_in("admin")
    visitor.go("settings/people/")
    assert page.get_by_text("1 person is waiting for a role").is_visible()
    said_but(visitor, "403")
    visitor.check_page()
    page.get_by_role("link", name="Jo Example").first.click()
    assert page.get_by_role("heading", name="Single sign-on").is_visible()
    visitor.check_page()


def test_an_answer_of_another_browser_leads_to_a_page_that_begins_again(visitor, provider):
    page = visitor.page
    visitor.go("login/sso/callback/?code=x&state=y")
    assert page.get_by_role("heading", name="You are not logged in").is_visible()
    said_but(visitor, "400")
    visitor.check_page()
    provider.has(jo=JO)
    page.get_by_role("button", name="Try again with your Example account").click()
    page.get_by_label("Username").wait_for()
