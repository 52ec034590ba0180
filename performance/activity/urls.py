"""Addresses of activity. The converter `year` is registered by the site's urls."""

from django.urls import path

from performance.activity.views import entry, report_pages, what_if

_PERIOD = "<year:start>/<int:number>/activity/"

urlpatterns = [
    path(_PERIOD, report_pages.overview, name="activity"),
    path(f"{_PERIOD}entry/", entry.entry, name="activity-entry"),
    # A code may contain slashes, so no fixed part of an address comes after it.
    path(f"{_PERIOD}group/<path:code>/", report_pages.group, name="activity-group"),
    path(f"{_PERIOD}what-if/<path:code>/", what_if.what_if, name="activity-what-if"),
]
