"""Addresses of the log-in and of one's own account."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from council_finance.accounts import views

urlpatterns = [
    path("login/", views.LogIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", views.Account.as_view(), name="password"),
    path("password/reset/", views.AskForReset.as_view(), name="password-reset"),
    path("password/reset/sent/", views.ResetSent.as_view(), name="password-reset-sent"),
    path(
        "password/reset/<str:uidb64>/<str:token>/",
        views.SetPassword.as_view(),
        name="password-reset-confirm",
    ),
]
