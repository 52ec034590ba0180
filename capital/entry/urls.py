"""Addresses of the pages on which the capital programme is forecast and changed."""

from django.urls import path

from capital.entry import change_views, views

urlpatterns = [
    path("<year:start>/<int:number>/capital/entry/", views.entry, name="capital-entry"),
    path("<year:start>/<int:number>/capital/balance/", views.balance, name="capital-balance"),
    path(
        "<year:start>/<int:number>/capital/entry/<path:reference>/",
        views.forecast,
        name="capital-forecast",
    ),
    path(
        "<year:start>/<int:number>/capital/funding/<path:reference>/",
        views.spend_by,
        name="capital-spend-by",
    ),
    path(
        "<year:start>/<int:number>/capital/changes/", change_views.changes, name="capital-changes"
    ),
    path(
        "<year:start>/<int:number>/capital/new-change/",
        change_views.new_change,
        name="capital-change-new",
    ),
    path(
        "<year:start>/<int:number>/capital/changes/<path:reference>/",
        change_views.change,
        name="capital-change",
    ),
]
