"""Addresses of savings. `year` is the converter that monitoring.urls registers."""

from django.urls import path

from savings.views import entry, reading, register

urlpatterns = [
    path("<year:start>/<int:number>/savings/", reading.show, name="savings"),
    path("<year:start>/<int:number>/savings/tracker/", reading.lines, name="savings-lines"),
    path("<year:start>/<int:number>/savings/entry/", entry.entry, name="savings-entry"),
    # A reference may be any text: what is fixed comes before it, or stands elsewhere.
    path("<year:start>/savings/<path:reference>/", reading.saving, name="saving"),
    path("<year:start>/new-saving/", register.new, name="saving-new"),
    path("<year:start>/change-saving/<path:reference>/", register.change, name="saving-change"),
    path(
        "<year:start>/<int:number>/replace-saving/<path:reference>/",
        register.exchange,
        name="saving-replace",
    ),
]
