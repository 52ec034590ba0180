"""Addresses of savings. The converter `year` is registered by monitoring.urls."""

from django.urls import path

from savings.views import entry, register, report_pages

urlpatterns = [
    path("<year:start>/<int:number>/savings/", report_pages.overview, name="savings"),
    path("<year:start>/<int:number>/savings/tracker/", report_pages.tracker, name="savings-lines"),
    path("<year:start>/<int:number>/savings/entry/", entry.entry, name="savings-entry"),
    # A reference may contain slashes, so no fixed part of an address comes after it.
    path("<year:start>/savings/<path:reference>/", report_pages.saving, name="saving"),
    path("<year:start>/new-saving/", register.add, name="saving-new"),
    path("<year:start>/change-saving/<path:reference>/", register.change, name="saving-change"),
    path(
        "<year:start>/<int:number>/replace-saving/<path:reference>/",
        register.replace,
        name="saving-replace",
    ),
]
