"""The provider's site: its log-in, its people, and their claims; see serve.py."""

import json

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path
from oauth2_provider.oauth2_validators import OAuth2Validator

FORM = """<!DOCTYPE html><html lang="en"><title>Council account</title><h1>Council account</h1>
<form method="post">{% csrf_token %}{{ form }}<button>Sign in</button></form></html>"""


def people() -> dict:
    return json.loads(settings.PEOPLE_FILE.read_text(encoding="utf-8"))


class PeopleFile:
    """Lets in those who are in the file, with the password that they have there."""

    def authenticate(self, request, username=None, password=None):
        if username not in people() or people()[username]["password"] != password:
            return None
        return User.objects.get_or_create(username=username)[0]

    def get_user(self, pk):
        return User.objects.filter(pk=pk).first()


class ClaimsOfFile(OAuth2Validator):
    """Puts the claims of the file into the ID token."""

    oidc_claim_scope = None

    def get_additional_claims(self, request):
        return people()[request.user.username]["claims"]


class Account(LoginView):
    def render_to_response(self, context, **kwargs):
        template = engines["django"].from_string(FORM)
        return HttpResponse(template.render(context, self.request))


urlpatterns = [
    path("favicon.ico", lambda request: HttpResponse(status=204)),
    path("account/", Account.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
