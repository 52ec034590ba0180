"""Addresses of the log-in and of one's own account."""

from django.urls import path

from council_finance.accounts import second_factor_views, views
from council_finance.accounts.single_sign_on import views as sign_on

urlpatterns = [
    path("login/", views.LogIn.as_view(), name="login"),
    path("login/code/", second_factor_views.LogInCode.as_view(), name="login-code"),
    path("login/sso/", sign_on.begin, name="sign-on"),
    path("login/sso/callback/", sign_on.callback, name="sign-on-callback"),
    path("logout/", views.LogOut.as_view(), name="logout"),
    path("password/", views.Account.as_view(), name="password"),
    path("password/second-factor/", second_factor_views.second_factor_page, name="second-factor"),
    path("password/reset/", views.AskForReset.as_view(), name="password-reset"),
    path("password/reset/sent/", views.ResetSent.as_view(), name="password-reset-sent"),
    path(
        "password/reset/<str:uidb64>/<str:token>/",
        views.SetPassword.as_view(),
        name="password-reset-confirm",
    ),
]
