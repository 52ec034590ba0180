"""Settings come from the environment; a wrong one stops the start and says what to do."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def flag(name: str, default: bool = False) -> bool:
    """A yes or no. Raises ImproperlyConfigured for anything else."""
    text = os.environ.get(name, "").strip().casefold()
    if text == "":
        return default
    if text not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not “{text}”.")
    return text in _TRUE


def words(name: str, default: list[str]) -> list[str]:
    """A list written with commas."""
    text = os.environ.get(name, "")
    return [word.strip() for word in text.split(",") if word.strip()] or default


def number(name: str, default: int, *, most: int = 65_535) -> int:
    """A whole number from 0 to `most`. Raises ImproperlyConfigured for anything else."""
    text = os.environ.get(name, "").strip()
    if text == "":
        return default
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise ImproperlyConfigured(f"{name} must be a whole number up to {most}, not “{text}”.")
    return int(text)


def sender(host: str) -> str:
    """DEFAULT_FROM_EMAIL, which is needed where mail is sent: a mail server refuses a guess."""
    address = os.environ.get("DEFAULT_FROM_EMAIL", "").strip()
    if host and "@" not in address:
        raise ImproperlyConfigured(
            "EMAIL_HOST is set, so DEFAULT_FROM_EMAIL must name the address that mail comes from, "
            "such as budget@council.gov.uk."
        )
    return address


def data_dir(base: Path) -> Path:
    """The folder for the database file, the broker's folders and the secret; made when missing."""
    folder = Path(os.environ.get("DATA_DIR") or base / "data").resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR {folder} cannot be made: {error.strerror}. Name a folder you may write to."
        ) from error
    return folder


def secret_key(folder: Path) -> str:
    """SECRET_KEY, or a secret made once and kept in the data folder for this user only."""
    if given := os.environ.get("SECRET_KEY", ""):
        if len(given) < 32:
            raise ImproperlyConfigured("SECRET_KEY must have at least 32 characters.")
        return given
    return kept_secret(folder / "secret_key")


def kept_secret(path: Path) -> str:
    """The secret in a file, made at the first call; two processes at once get the same one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
