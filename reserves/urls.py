"""Addresses of reserves and capital receipts."""

from django.urls import path

from reserves import carry_forward_view, register_views, views
from reserves.grants.urls import urlpatterns as grants_urls

urlpatterns = [
    *grants_urls,
    path("<year:start>/<int:number>/reserves/", views.reserves, name="reserves"),
    path(
        "<year:start>/<int:number>/reserves/review/",
        views.confirm_movements,
        name="reserves-review",
    ),
    path(
        "<year:start>/<int:number>/capital-receipts/",
        views.capital_receipts,
        name="capital-receipts",
    ),
    path(
        "<year:start>/reserves-forward/", carry_forward_view.carry_forward, name="reserves-forward"
    ),
    path("<year:start>/new-reserve/", register_views.new_reserve, name="reserve-new"),
    path("<year:start>/new-receipts-project/", register_views.new_project, name="receipts-new"),
    path(
        "<year:start>/<int:number>/capital-receipts/forecasts/",
        register_views.receipts_forecasts_of,
        name="receipts-forecasts",
    ),
    path("<year:start>/reserves/<path:code>/", views.reserve, name="reserve"),
]
