"""Addresses of indicators. The converter `year` is registered by monitoring.urls."""

from django.urls import path

from performance.indicators.views import entry, report_pages, subjects

urlpatterns = [
    path("<year:start>/<int:number>/indicators/", report_pages.overview, name="indicators"),
    path("<year:start>/<int:number>/indicators/entry/", entry.entry, name="indicators-entry"),
    path("<year:start>/<int:number>/subject/<path:code>/", subjects.subject, name="subject"),
    # A reference may contain slashes, so no fixed part of an address comes after it.
    path("<year:start>/indicators/<path:reference>/", report_pages.indicator, name="indicator"),
]
