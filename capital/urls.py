"""Addresses of the capital programme. The converter `year` is registered by monitoring.urls."""

from django.urls import path

from capital import views
from capital.entry.urls import urlpatterns as entry_urls
from capital.roll_forward_view import roll_forward

urlpatterns = [
    *entry_urls,
    path("<year:start>/<int:number>/capital/", views.programme, name="capital"),
    path("<year:start>/capital-programme/take-over/", roll_forward, name="capital-roll"),
    # A reference may contain slashes, so no fixed part of an address comes after it.
    path("<year:start>/capital/<path:reference>/", views.scheme, name="capital-scheme"),
]
