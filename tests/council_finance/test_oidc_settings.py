"""The settings of single sign-on: read whole, or refused with what to do."""

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from council_finance.environment import secrets_given
from council_finance.oidc_settings import OidcSettings, read_oidc, read_passwords_only_for

ISSUER = "https://login.microsoftonline.com/8a1f0c2e-0000-4000-8000-000000000001/v2.0"
NEEDED = {
    "OIDC_ISSUER": ISSUER,
    "OIDC_CLIENT_ID": "a-client",
    "OIDC_CLIENT_SECRET": "a-secret-of-the-provider",
}
NAMES = (
    *NEEDED,
    *("OIDC_NAME", "OIDC_SCOPE", "OIDC_SUBJECT_CLAIM", "OIDC_GROUPS_CLAIM", "OIDC_GROUP_ROLES"),
    *("PASSWORDS_ONLY_FOR", "IN_SERVICE"),
)


@pytest.fixture
def given(monkeypatch):
    def read(**changes: str) -> OidcSettings | None:
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in changes.items():
            monkeypatch.setenv(name, value)
        return read_oidc()

    return read


def test_it_is_off_unless_a_provider_is_named(given):
    assert given() is None
    assert read_passwords_only_for(None) == ""


def test_three_settings_are_enough(given):
    assert given(**NEEDED) == OidcSettings(ISSUER, "a-client", "a-secret-of-the-provider")
    assert "a-secret-of-the-provider" in secrets_given()


def test_every_setting_is_read(given):
    found = given(
        **NEEDED | {"OIDC_ISSUER": f"{ISSUER}/"},
        OIDC_NAME="Example account",
        OIDC_SCOPE="openid email",
        OIDC_SUBJECT_CLAIM="oid",
        OIDC_GROUPS_CLAIM="roles",
        OIDC_GROUP_ROLES="CN=Leads=finance_lead, 9f-2 = director",
    )
    assert found == OidcSettings(
        ISSUER,
        "a-client",
        "a-secret-of-the-provider",
        "Example account",
        ("openid", "email"),
        "oid",
        "roles",
        (("CN=Leads", "finance_lead"), ("9f-2", "director")),
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"OIDC_ISSUER": "login.example"}, "must be an address that begins with https://"),
        ({"OIDC_ISSUER": "http://login.example/"}, "must be an address that begins with https://"),
        ({"OIDC_ISSUER": ISSUER.replace("8a1f0c2e", "common/8a")}, "every organisation"),
        (
            {"OIDC_ISSUER": "https://login.microsoftonline.com/organizations/v2.0"},
            "every organisation",
        ),
        ({"OIDC_ISSUER": f"https://a.example/{'x' * 200}"}, "more than 200 characters"),
        ({"OIDC_ISSUER": ""}, "so OIDC_ISSUER must name the provider"),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID must be set too"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET must be set too"),
        ({"OIDC_SCOPE": "email"}, "must have openid"),
        ({"OIDC_GROUP_ROLES": "g-leads"}, "write each as GROUP=ROLE"),
        ({"OIDC_GROUP_ROLES": "=director"}, "write each as GROUP=ROLE"),
        ({"OIDC_ISSUER": "http://127.0.0.1:9/o", "IN_SERVICE": "1"}, "is for tests"),
    ],
)
def test_what_is_missing_or_unsafe_stops_the_start(given, changes, said):
    with pytest.raises(ImproperlyConfigured, match=said):
        given(**NEEDED | changes)


def test_a_provider_on_this_machine_is_for_tests(given):
    assert (
        given(**NEEDED | {"OIDC_ISSUER": "http://127.0.0.1:9/o"}).issuer == "http://127.0.0.1:9/o"
    )


def test_passwords_are_closed_only_beside_single_sign_on(given, monkeypatch):
    oidc = given(**NEEDED, PASSWORDS_ONLY_FOR="boss")
    assert read_passwords_only_for(oidc) == "boss"
    with pytest.raises(ImproperlyConfigured, match="nobody else could log in"):
        read_passwords_only_for(None)


def test_a_group_gives_a_role_that_there_is(settings):
    settings.OIDC = OidcSettings(ISSUER, "a", "b", group_roles=(("g", "mayor"),))
    with pytest.raises(ImproperlyConfigured, match="“mayor”, which is no role"):
        apps.get_app_config("accounts").ready()
