"""The council's OpenID provider, as django-allauth talks to it.

allauth keeps the state and PKCE's code verifier in the session, and exchanges the code. Added here:
the nonce, the signature of the ID token, and a discovery document that must be of the provider that
is configured. Of allauth's own pages none is used: `SignOnAdapter` ends each log-in before them.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from django.urls import reverse

from council_finance.accounts.single_sign_on import answers
from council_finance.accounts.single_sign_on.configured import configured_oidc
from council_finance.typed_text import NUL

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""Signatures by a key pair: with the others everybody who knows the client's secret could sign."""

_CLOCKS_DIFFER_SECONDS = 60
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_KEPT = ("preferred_username", "email", "name")
"""Claims that are kept with the account, for the administrator to see who it is."""


class CouncilAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """The exchange with the provider that the settings name."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, "council")
        self._openid_config: dict[str, Any] = {}

    def get_provider(self) -> "CouncilProvider":
        """Return the provider of the settings."""
        return council_provider(self.request)

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the provider's discovery document. Raise `OAuth2Error` where it is another's."""
        if not self._openid_config:
            address = f"{configured_oidc().issuer}/.well-known/openid-configuration"
            found = _fetch_json(address)
            if found.get("issuer", "").rstrip("/") != configured_oidc().issuer:
                raise OAuth2Error("the discovery document names another issuer than OIDC_ISSUER")
            if missing := [name for name in _NEEDED if not isinstance(found.get(name), str)]:
                raise OAuth2Error(f"the discovery document has no {missing[0]}")
            self._openid_config = found
        return self._openid_config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Return the address to which the provider sends people back."""
        return request.build_absolute_uri(reverse("sign-on-callback"))

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Return who logged in, by the ID token. Raise `OAuth2Error` where it is not valid."""
        id_token = kwargs["response"].get("id_token")
        if not isinstance(id_token, str):
            raise OAuth2Error("the provider sent no ID token")
        claims = self._verify_id_token(id_token)
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims = claims
        return login

    def _verify_id_token(self, id_token: str) -> dict[str, Any]:
        """Return the claims of an ID token after checking signature, issuer, audience and time."""
        try:
            keys = jwt.PyJWKSet.from_dict(_fetch_json(self.openid_config["jwks_uri"]))
            kid = jwt.get_unverified_header(id_token).get("kid")
            fitting = [key for key in keys.keys if kid is None or key.key_id in (kid, None)]
            if not fitting:
                raise OAuth2Error("the ID token is signed with a key that the provider has not")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                fitting[0].key,
                algorithms=_ALGORITHMS,
                audience=configured_oidc().client_id,
                issuer=self.openid_config["issuer"],
                leeway=_CLOCKS_DIFFER_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"the ID token is not valid: {error}") from error
        subject = claims.get(configured_oidc().subject_claim)
        if not isinstance(subject, str) or not subject or not subject.isprintable():
            raise OAuth2Error(f"the ID token has no claim {configured_oidc().subject_claim}")
        if len(subject) > app_settings.UID_MAX_LENGTH:
            raise OAuth2Error(f"the subject has more than {app_settings.UID_MAX_LENGTH} characters")
        return claims


class CouncilProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """The provider of the settings, with PKCE, and with few of its claims kept."""

    pkce_enabled_default = True

    def get_oauth2_adapter(self, request: HttpRequest) -> CouncilAdapter:
        """Return the exchange with the provider."""
        return CouncilAdapter(request)

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        """Return the subject, by which the provider names the person for good."""
        return str(data[configured_oidc().subject_claim])

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the claims that are kept."""
        found = {name: data[name] for name in _KEPT if isinstance(data.get(name), str)}
        return {name: text.replace(NUL, "") for name, text in found.items()}

    def extract_common_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return nothing: the product reads the claims itself."""
        return {}

    def extract_email_addresses(self, data: Mapping[str, Any]) -> list[Any]:
        """Return nothing: e-mail addresses are kept with the person alone."""
        return []


class SignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth's hooks: log in by the product's own rules, and answer with its own pages."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Log the person in, after comparing the nonce; allauth's own log-in never runs."""
        nonce = sociallogin.state.get("nonce")
        if not nonce or sociallogin.claims.get("nonce") != nonce:
            raise OAuth2Error("the ID token is for another log-in: its nonce differs")
        raise ImmediateHttpResponse(answers.log_in_by(request, sociallogin))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: OpenIDConnectProvider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: Mapping[str, Any] | None = None,
    ) -> NoReturn:
        """Answer with the product's own page."""
        raise ImmediateHttpResponse(
            answers.explain_failure(
                request,
                cancelled=error == AuthError.CANCELLED,
                exception=exception,
            )
        )


def council_provider(request: HttpRequest) -> CouncilProvider:
    """Return the provider of the settings. Raise `Http404` where single sign-on is off."""
    oidc = configured_oidc()
    app = SocialApp(
        provider=OpenIDConnectProvider.id,
        provider_id=oidc.issuer,
        name=oidc.name[:40],
        client_id=oidc.client_id,
        secret=oidc.client_secret,
        settings={"scope": list(oidc.scope)},
    )
    return CouncilProvider(request, app=app)


def _fetch_json(address: str) -> dict[str, Any]:
    """Return the JSON object at an address of the provider.

    Raise `RequestException` where the provider fails, `OAuth2Error` where it is no such object.
    """
    with get_adapter().get_requests_session() as session:
        response = session.get(address)
        response.raise_for_status()
        found = response.json()
    if not isinstance(found, dict):
        raise OAuth2Error(f"{address} is no JSON object")
    return found
