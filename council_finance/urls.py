"""Every address of the site; they are readable and lasting."""

from django.urls import include, path, register_converter

from council_finance import site_pages
from council_finance.converters import YearConverter
from council_finance.installed_apps import url_modules

register_converter(YearConverter, "year")

urlpatterns = [
    path("", include("council_finance.accounts.urls")),
    path("accessibility/", site_pages.accessibility, name="accessibility"),
    path("glossary/", site_pages.glossary, name="glossary"),
    path("privacy/", site_pages.privacy, name="privacy"),
    *(path("", include(module)) for module in url_modules()),
]
