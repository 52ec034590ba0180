"""The provider that the settings name."""

from django.conf import settings
from django.http import Http404

from council_finance.oidc_settings import OidcSettings


def configured_oidc() -> OidcSettings:
    """Return the settings of single sign-on. Raise `Http404` where it is off."""
    if settings.OIDC is None:
        raise Http404
    return settings.OIDC
