"""Every address of the site; they are readable and lasting."""

from django.urls import include, path

urlpatterns = [
    path("", include("council_finance.accounts.urls")),
    path("", include("monitoring.urls")),
    path("", include("reserves.urls")),
    path("", include("savings.urls")),
]
