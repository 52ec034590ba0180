"""Addresses of reserves and capital receipts."""

from django.urls import path

from reserves import carry_forward_view, views

urlpatterns = [
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
    path("<year:start>/reserves/<path:code>/", views.reserve, name="reserve"),
]
