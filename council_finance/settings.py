"""Settings. Everything comes from the environment; with nothing set, the product runs for one
person on this machine: loopback, SQLite, a broker of files, a secret made once."""

import datetime
import logging.config
import os
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from council_finance import environment, in_service, oidc_settings
from council_finance.broker_settings import file_broker_options
from council_finance.logs import logging_settings

# For a council, not for one person on this machine: then the product refuses unsafe settings.
IN_SERVICE = environment.flag("IN_SERVICE")
if IN_SERVICE:
    in_service.refuse_unsafe()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.data_dir(BASE_DIR)
SECRET_KEY = environment.secret_key(DATA_DIR)
# Earlier secrets: what was signed with them is still accepted.
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS", [])
DEBUG = environment.flag("DEBUG")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    # For single sign-on. None of allauth's own addresses is in urls.py: no sign-up, no password.
    "allauth.account",
    "allauth.socialaccount",
    "council_finance",
    "council_finance.accounts",
    "monitoring",
    "savings",
    "reserves",
    "capital",
    "performance",
    "planning",
]
MIDDLEWARE = [
    # Middleware that sets headers comes before middleware that answers: every answer has them.
    "council_finance.logs.with_request_id",
    "council_finance.metrics.measure",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "council_finance.headers.with_policies",
    "council_finance.health.answer_probes",
    "council_finance.metrics.answer_scrapes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "council_finance.nul_guard.refuse_nul",
    "council_finance.one_reading.read_pages_once",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "council_finance.accounts.middleware.LogInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "council_finance.accounts.trail.with_downloads_noted",
]
ROOT_URLCONF = "council_finance.urls"
WSGI_APPLICATION = "council_finance.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "monitoring.context.for_every_page",
            ],
            "builtins": [
                "council_finance.templatetags.figures",
                "council_finance.templatetags.frame",
                "council_finance.templatetags.kept_addresses",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

FORM_RENDERER = "council_finance.forms.rendering.GovukRenderer"

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Untuned, a writer that meets another one fails at once; so tuned, it waits for its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # 16 MB of pages are kept with each connection, so that a report's frozen data, which SQLite
        # reads past, and a large programme are not read from the file again for each page.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
        "PRAGMA cache_size=-16000;",
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Published reports are then read without a log-in: the library, its pages and its downloads.
PUBLIC_REPORTS = environment.flag("PUBLIC_REPORTS")
# The licence that open data of published reports bear (monitoring/open_data/description.py).
OPEN_DATA_LICENCE = environment.one_of("OPEN_DATA_LICENCE", ("ogl-uk-3.0", "cc-by-4.0", "cc0-1.0"))
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = [
    "council_finance.accounts.hashing.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60

# After five wrong passwords for a user name from one address, that pair must wait. Locking the name
# would let anybody keep a person out; locking the address would keep out a whole council, whose
# people share one.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
# Tries during the wait do not make it longer: the page says when it ends.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "council_finance.accounts.throttle.client_address"
AXES_LOCKOUT_CALLABLE = "council_finance.accounts.throttle.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code"]
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# The number of web servers in front of the product, each adding to X-Forwarded-For.
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0, most=10)

# Failed log-ins on the audit trail, which is kept for good: at most so many an hour from one
# address, and from all of them. One entry stands for those beyond.
FAILED_LOG_INS_NOTED = 20
FAILED_LOG_INS_NOTED_IN_ALL = 500
# Roles that must have a second factor, with commas, or "all"; accounts.apps refuses others.
SECOND_FACTOR_ROLES = environment.words("SECOND_FACTOR_ROLES", [])
OTP_TOTP_ISSUER = "Budget monitor"

# Single sign-on by OpenID Connect, where OIDC_ISSUER is set.
OIDC = oidc_settings.read_oidc()
# The one user name that logs in with a password then, for when the provider fails.
PASSWORDS_ONLY_FOR = oidc_settings.read_passwords_only_for(OIDC)
SOCIALACCOUNT_ADAPTER = "council_finance.accounts.single_sign_on.provider.SignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
# Log-ins by single sign-on that one address may begin in an hour: a whole council shares one.
SIGN_ONS_MOST = 3_000

# Wrong access tokens from one address within AXES_COOLOFF_TIME, before they are answered with 429.
WRONG_TOKENS_MOST = 30

# Links to set a password: the most an hour that one address may ask for, and one person is sent.
RESET_ASKED_MOST = 20
RESET_MAILED_MOST = 3
# A PDF takes a web process seconds: the most in ten minutes for a person, or a stranger's address.
PDFS_MOST = 30

# Without EMAIL_HOST no mail is sent, and the pages say so.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "").strip()
EMAIL_PORT = environment.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = environment.sender(EMAIL_HOST)
# The address of the site in mails that no page sends, such as reminders; without it there are none.
SITE_ADDRESS = environment.site_address()

# A host that no file needs: without one kombu warns at each start.
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL") or "filesystem://localhost"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS = file_broker_options(DATA_DIR / "broker")
else:
    # A silent Redis must not keep a page waiting: the sweep sends later what cannot be sent now.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0}

# Counts that every web process shares; nothing that must be kept.
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
if CELERY_BROKER_URL.startswith(("redis:", "rediss:")):
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CELERY_BROKER_URL,
        "KEY_PREFIX": "budget-monitor",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
# Tables of published statements, which never change: each web process keeps those it has rendered.
CACHES["template_fragments"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "fragments",
    "OPTIONS": {"MAX_ENTRIES": 30},
}

LANGUAGE_CODE = "en-gb"
# Django's British words are those of its code: they need no translation.
USE_I18N = False
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = (BASE_DIR if IN_SERVICE else DATA_DIR) / "staticfiles"
if not IN_SERVICE:
    STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
# In service they are collected and compressed, and browsers keep them for good, as each name has
# its file's hash in it; else they are served from their own folders.
WHITENOISE_USE_FINDERS = not IN_SERVICE
WHITENOISE_ALLOW_ALL_ORIGINS = False
if IN_SERVICE:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # A chart is saved as a picture by way of an image that the page itself makes.
        "img-src": [SELF, "blob:"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = environment.proxy_ssl_header()
SECURE_SSL_REDIRECT = environment.flag("SECURE_SSL_REDIRECT")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = environment.number(
    "SECURE_HSTS_SECONDS", 31_536_000 if IN_SERVICE else 0, most=100_000_000
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IN_SERVICE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Minutes in which nothing was opened or sent, after which a person is logged out; 0: never.
IDLE_MINUTES = environment.number("IDLE_MINUTES", 60, most=480)
X_FRAME_OPTIONS = "DENY"
# A forecast grid of 2,000 lines sends up to twelve fields a line, and one for each question that
# was asked about its figures.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 40_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# The address for questions about the site, on the pages about accessibility and privacy.
CONTACT_EMAIL = environment.contact()
# Days for which refused, failed and withdrawn files are kept (0: for good); their rows stay.
KEEP_UNSTORED_FILES_DAYS = environment.number("KEEP_UNSTORED_FILES_DAYS", 90)
# Days (0: for good) for which these are kept: ledger files that were replaced before any report
# used them, closed accounts before they are erased, and the audit trail.
KEEP_REPLACED_FILES_DAYS = environment.number("KEEP_REPLACED_FILES_DAYS", 0)
KEEP_CLOSED_ACCOUNTS_DAYS = environment.number("KEEP_CLOSED_ACCOUNTS_DAYS", 0)
KEEP_AUDIT_TRAIL_DAYS = environment.number_of_a_year_or_more("KEEP_AUDIT_TRAIL_DAYS")
# Days (0: for good) for which the log of reminders is kept.
KEEP_MAIL_LOG_DAYS = environment.number("KEEP_MAIL_LOG_DAYS", 90)

# The folder that is watched for files of the ledger; without it there is none.
DROP_DIR = environment.drop_dir()

# Back-ups: their folder, how many are kept, who can decrypt them, and where copies go.
BACKUP_DIR = environment.text("BACKUP_DIR")
BACKUP_KEEP = environment.number("BACKUP_KEEP", 30)
BACKUP_RECIPIENTS = environment.words("BACKUP_RECIPIENTS", [])
BACKUP_KEY = environment.words("BACKUP_KEY", [])
BACKUP_KEY_FILE = environment.text("BACKUP_KEY_FILE")
BACKUP_COPY_DIR = environment.text("BACKUP_COPY_DIR")
BACKUP_COPY_COMMAND = environment.text("BACKUP_COPY_COMMAND")
BACKUP_COPIES_KEEP = environment.number("BACKUP_COPIES_KEEP", 30)
# A PostgreSQL server for restore tests; the database's own where none is set.
RESTORE_TEST_SERVER = environment.text("RESTORE_TEST_SERVER")
# Off unless set: metrics for Prometheus, and errors to a service of Sentry's protocol.
METRICS_TOKEN = environment.long_secret("METRICS_TOKEN")
SENTRY_DSN = environment.dsn("SENTRY_DSN")

# Without Django's own, which this replaces in full, and which loads the pages of its debugger.
LOGGING_CONFIG = None
LOGGING = logging_settings(
    environment.one_of("LOG_FORMAT", ("plain", "json")), [*environment.secrets_given(), SECRET_KEY]
)
logging.config.dictConfig(LOGGING)
