"""For a WSGI server such as gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from council_finance.installed_apps import load_registered

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council_finance.settings")
application = get_wsgi_application()

# The first person to ask for a page does not wait for what commands load only when they need it.
load_registered()
get_resolver().url_patterns  # noqa: B018 (it loads every page)
