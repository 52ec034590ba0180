"""Addresses of allotments."""

from django.urls import path

from allotments import views

urlpatterns = [
    path("<year:start>/<int:number>/allotments/", views.allotments, name="allotments"),
]
