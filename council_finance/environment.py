"""Settings from the environment; a wrong one stops the start and says what to do."""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def flag(name: str, default: bool = False) -> bool:
    """Return a yes or no. Raise `ImproperlyConfigured` for anything else."""
    given = text(name).casefold()
    if given == "":
        return default
    if given not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not “{given}”.")
    return given in _TRUE


def text(name: str) -> str:
    """Return a text without the spaces around it; empty where it is not set."""
    return os.environ.get(name, "").strip()


def words(name: str, default: list[str]) -> list[str]:
    """Return a list that is written with commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or default


def number(name: str, default: int, *, most: int = 65_535) -> int:
    """Return a whole number from 0 to `most`. Raise `ImproperlyConfigured` for anything else."""
    given = text(name)
    if given == "":
        return default
    if not given.isascii() or not given.isdigit() or int(given) > most:
        raise ImproperlyConfigured(f"{name} must be a whole number up to {most}, not “{given}”.")
    return int(given)


def number_of_a_year_or_more(name: str) -> int:
    """Return days, 365 at least, or 0 where none is set. Raise `ImproperlyConfigured` for fewer."""
    given = number(name, 0)
    if 0 < given < 365:
        raise ImproperlyConfigured(f"{name} must be 365 or more, or 0 to keep everything.")
    return given


def one_of(name: str, choices: tuple[str, ...]) -> str:
    """Return one of the choices, the first where none is set. Raise `ImproperlyConfigured`."""
    given = text(name).casefold() or choices[0]
    if given not in choices:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(choices)}, not “{given}”.")
    return given


def proxy_ssl_header() -> tuple[str, str] | None:
    """Return Django's SECURE_PROXY_SSL_HEADER for the header that is named; None without one."""
    name = text("SECURE_PROXY_SSL_HEADER")
    if not name:
        return None
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
        raise ImproperlyConfigured(
            "SECURE_PROXY_SSL_HEADER must be the name of a header, such as X-Forwarded-Proto."
        )
    return f"HTTP_{name.upper().replace('-', '_')}", "https"


def contact() -> str:
    """Return CONTACT_EMAIL, the address for questions about the site; empty where none is set."""
    address = text("CONTACT_EMAIL")
    if address and not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", address):
        raise ImproperlyConfigured(
            "CONTACT_EMAIL must be an e-mail address, such as finance@council.gov.uk."
        )
    return address


def site_address() -> str:
    """Return SITE_ADDRESS, with which links in mails begin, without a slash at its end."""
    address = text("SITE_ADDRESS").rstrip("/")
    parts = urlsplit(address)
    if address and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ImproperlyConfigured(
            "SITE_ADDRESS must be the address of the site, such as https://budget.council.gov.uk."
        )
    return address


def long_secret(name: str) -> str:
    """Return a secret of 32 characters or more; empty where it is not set."""
    given = text(name)
    if given and len(given) < 32:
        raise ImproperlyConfigured(f"{name} must have at least 32 characters.")
    return given


def dsn(name: str) -> str:
    """Return the address of a service for errors, `https://KEY@HOST/NUMBER`; empty if not set."""
    given = text(name)
    parts = urlsplit(given)
    if given and not (parts.scheme in ("http", "https") and parts.username and parts.hostname):
        raise ImproperlyConfigured(f"{name} must be an address such as https://KEY@HOST/NUMBER.")
    return given


def secrets_given() -> list[str]:
    """Return every secret of the environment, so that it can be kept out of the logs."""
    found = [text("SECRET_KEY"), text("EMAIL_HOST_PASSWORD"), *words("SECRET_KEY_FALLBACKS", [])]
    found += [
        *words("BACKUP_KEY", []),
        text("METRICS_TOKEN"),
        text("OIDC_CLIENT_SECRET"),
        urlsplit(text("SENTRY_DSN")).username or "",
    ]
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "RESTORE_TEST_SERVER"):
        password = urlsplit(text(name)).password or ""
        found += [password, unquote(password)]
    return [secret for secret in dict.fromkeys(found) if secret]


def sender(host: str) -> str:
    """Return DEFAULT_FROM_EMAIL, which must be set where mail is sent."""
    address = text("DEFAULT_FROM_EMAIL")
    if host and "@" not in address:
        raise ImproperlyConfigured(
            "EMAIL_HOST is set, so DEFAULT_FROM_EMAIL must name the address that mail comes from, "
            "such as budget@council.gov.uk."
        )
    return address


def data_dir(base: Path) -> Path:
    """Return the folder for the database file, the broker and the secret; make it if missing."""
    folder = Path(os.environ.get("DATA_DIR") or base / "data").resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR {folder} cannot be made: {error.strerror}. Name a folder you may write to."
        ) from error
    return folder


def drop_dir() -> str:
    """Return DROP_DIR, the folder that is watched for files of the ledger; empty if not set."""
    given = text("DROP_DIR")
    if not given:
        return ""
    folder = Path(given)
    if not folder.is_absolute() or not folder.is_dir():
        raise ImproperlyConfigured(
            f"DROP_DIR {given} is no folder. Make the folder first, and name it from the root, such"
            " as /srv/budget-monitor/ledger."
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"DROP_DIR {given} cannot be written. Let the user that this service runs as read and "
            "write it: files are moved within it."
        )
    return str(folder)


def metrics_folder() -> Path | None:
    """Return the folder for the counts of gunicorn's processes; None without metrics.

    prometheus_client learns of it by PROMETHEUS_MULTIPROC_DIR, which is set here.
    """
    if not long_secret("METRICS_TOKEN"):
        return None
    folder = data_dir(Path(__file__).resolve().parent.parent) / "metrics"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    return folder


def secret_key(folder: Path) -> str:
    """Return SECRET_KEY, or a secret made once and kept in the data folder for this user only."""
    if given := os.environ.get("SECRET_KEY", ""):
        if len(given) < 32:
            raise ImproperlyConfigured("SECRET_KEY must have at least 32 characters.")
        return given
    return kept_secret(folder / "secret_key")


def kept_secret(path: Path) -> str:
    """Return the secret in a file, made at the first call; two processes get the same one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
