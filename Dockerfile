# Web server and worker of Budget monitor; compose.yaml starts them with PostgreSQL and Redis.
FROM python:3.11-slim-bookworm

# Pango draws the PDFs.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin budget \
    && install --directory --owner=budget --group=budget --mode=700 /data /backups

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    IN_SERVICE=1 \
    LOG_FORMAT=json \
    DATA_DIR=/data \
    WEB_BIND=0.0.0.0:8000

WORKDIR /app
COPY requirements.txt .
RUN pip install --requirement requirements.txt
COPY . .
# Compiled here once: whoever runs it may not write into its folders.
RUN python -m compileall -q -j 0 .

# The pages' files, each under a name with its hash in it, and compressed. What stands for the
# settings here is of this step only and reaches no server.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    DATABASE_URL=postgres://none@none/none CELERY_BROKER_URL=redis://none ALLOWED_HOSTS=none \
    SECURE_PROXY_SSL_HEADER=X-Forwarded-Proto TRUSTED_PROXIES=1 DATA_DIR=/tmp/build \
    python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build

USER budget
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "council_finance.wsgi"]
