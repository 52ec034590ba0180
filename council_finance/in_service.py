"""The checks that must pass with IN_SERVICE=1: the product serves a council only when it is safe.

Every fault is reported at once, each in a sentence that says what to do. No value is ever repeated,
as most of them are secrets.
"""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from council_finance import environment

MAKE_A_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
_LEAST_LENGTH, _LEAST_VARIETY = 32, 10
_EXAMPLES = ("change-me", "changeme", "insecure", "example")
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1"}


def refuse_unsafe() -> None:
    """Raise ImproperlyConfigured with every fault of the environment, if there is one."""
    if found := faults():
        listed = "\n".join(f"- {sentence}" for sentence in found)
        raise ImproperlyConfigured(f"IN_SERVICE=1 refuses to start as it stands:\n{listed}")


def faults() -> list[str]:
    """Return what is unsafe in the environment, in the order of the operator's guide."""
    checks = (_check_debug, _check_secrets, _check_hosts, _check_servers, _check_web_server)
    return [sentence for check in checks for sentence in check()]


def _check_debug() -> list[str]:
    if not environment.flag("DEBUG"):
        return []
    return ["DEBUG is on and would show visitors the product's inside: take DEBUG out."]


def _check_secrets() -> list[str]:
    found = []
    for name, secret in (
        ("SECRET_KEY", environment.text("SECRET_KEY")),
        *(("SECRET_KEY_FALLBACKS", old) for old in environment.words("SECRET_KEY_FALLBACKS", [])),
    ):
        if not secret:
            found.append(
                f"{name} is missing: set one secret, the same on every machine ({MAKE_A_SECRET})."
            )
        elif _is_weak(secret):
            found.append(
                f"{name} is short, simple or an example's: set a random one ({MAKE_A_SECRET})."
            )
    return found


def _is_weak(secret: str) -> bool:
    return (
        len(secret) < _LEAST_LENGTH or len(set(secret)) < _LEAST_VARIETY or _is_an_example(secret)
    )


def _is_an_example(secret: str) -> bool:
    return any(word in secret.casefold() for word in _EXAMPLES)


def _check_hosts() -> list[str]:
    hosts = environment.words("ALLOWED_HOSTS", [])
    if not set(hosts) - _LOOPBACK:
        return ["ALLOWED_HOSTS is missing: set the site's own name, such as budget.council.gov.uk."]
    if "*" in hosts:
        return ["ALLOWED_HOSTS lets any name in: list the site's own names instead of *."]
    return []


def _check_servers() -> list[str]:
    found = []
    database = urlsplit(environment.text("DATABASE_URL"))
    if database.scheme not in ("postgres", "postgresql"):
        found.append(
            "DATABASE_URL must be PostgreSQL: set postgres://user:password@host/name (SQLite "
            "serves one machine only)."
        )
    elif _is_an_example(database.password or ""):
        found.append("DATABASE_URL has an example's password: give the database one of its own.")
    if urlsplit(environment.text("CELERY_BROKER_URL")).scheme not in ("redis", "rediss"):
        found.append(
            "CELERY_BROKER_URL must be Redis: set redis://host:6379/0, or rediss:// with TLS."
        )
    return found


def _check_web_server() -> list[str]:
    found = []
    if not environment.text("SECURE_PROXY_SSL_HEADER"):
        found.append(
            "SECURE_PROXY_SSL_HEADER is missing: name the header in which your web server says "
            "https, such as X-Forwarded-Proto, and have the web server set it on every request."
        )
    if not environment.number("TRUSTED_PROXIES", 0, most=10):
        found.append(
            "TRUSTED_PROXIES is missing: say how many web servers of your own stand in front, "
            "such as 1; else wrong passwords are counted for all visitors together."
        )
    if any(
        not each.startswith("https://") for each in environment.words("CSRF_TRUSTED_ORIGINS", [])
    ):
        found.append("CSRF_TRUSTED_ORIGINS has an address without TLS: begin each with https://.")
    return found
