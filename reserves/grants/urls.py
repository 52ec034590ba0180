"""Addresses of grants."""

from django.urls import path

from reserves.grants import carry_forward_view, views

urlpatterns = [
    path("<year:start>/<int:number>/grants/", views.grants, name="grants"),
    path("<year:start>/<int:number>/grants/entry/", views.entry, name="grants-entry"),
    path(
        "<year:start>/<int:number>/grants/entry/<path:reference>/",
        views.position,
        name="grant-position",
    ),
    path("<year:start>/grants-forward/", carry_forward_view.carry_forward, name="grants-forward"),
    path("<year:start>/grants/<path:reference>/", views.grant, name="grant"),
]
