"""Every address of the site; they are readable and lasting."""

from django.urls import include, path

from council_finance import site_pages

urlpatterns = [
    path("", include("council_finance.accounts.urls")),
    path("accessibility/", site_pages.accessibility, name="accessibility"),
    path("glossary/", site_pages.glossary, name="glossary"),
    path("privacy/", site_pages.privacy, name="privacy"),
    path("", include("monitoring.urls")),
    path("", include("reserves.urls")),
    path("", include("savings.urls")),
]
