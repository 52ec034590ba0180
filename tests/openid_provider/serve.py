"""An OpenID provider: django-oauth-toolkit in a site of its own, with people out of a JSON file.

`python -m tests.openid_provider.serve PORT FOLDER CALLBACK` serves it on loopback. The file
`people.json` in the folder gives each person's password and claims; it is read at each log-in, so a
test changes a person's groups by writing it. It prints "Ready" once it answers.
"""

import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.core.management import call_command

CLIENT, SECRET = "budget-monitor", "a secret between the site and its provider"
SITE = "tests.openid_provider.site"


def configure(port: int, folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings.configure(
        SECRET_KEY="of the provider beside the tests, on loopback alone",
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        ROOT_URLCONF=SITE,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite3"}
        },
        AUTHENTICATION_BACKENDS=[f"{SITE}.PeopleFile"],
        LOGIN_URL="/account/",
        # Cookies are shared by all ports of a host, and the product has its own there.
        SESSION_COOKIE_NAME="provider_session",
        CSRF_COOKIE_NAME="provider_csrf",
        USE_TZ=True,
        # Its tables come from the models: its migrations are no business of the product.
        MIGRATION_MODULES=dict.fromkeys(
            ("auth", "contenttypes", "sessions", "oauth2_provider"), None
        ),
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem,
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}/o",
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "", "profile": "", "email": ""},
            "OAUTH2_VALIDATOR_CLASS": f"{SITE}.ClaimsOfFile",
        },
        PEOPLE_FILE=folder / "people.json",
    )
    django.setup()


def register_client(callback: str) -> None:
    from oauth2_provider.models import Application

    Application.objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        redirect_uris=callback,
        skip_authorization=True,
    )


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def serve(port: int, folder: Path, callback: str) -> None:
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain http, on loopback alone
    configure(port, folder)
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", run_syncdb=True, verbosity=0)
    register_client(callback)
    server = make_server("127.0.0.1", port, get_wsgi_application(), Server, Quiet)
    print("Ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
