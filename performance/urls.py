"""Addresses of performance."""

from performance.activity.urls import urlpatterns as activity_urls
from performance.indicators.urls import urlpatterns as indicator_urls

urlpatterns = [*activity_urls, *indicator_urls]
