"""Addresses of performance."""

from performance.activity.urls import urlpatterns as activity_urls

urlpatterns = [*activity_urls]
