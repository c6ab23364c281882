# What the lock names is fetched by its hashes; of that, only what the service needs goes into the image.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock ./
RUN pip download --quiet --require-hashes --no-deps --requirement requirements.lock --dest /wheels
COPY pyproject.toml README.md manifest.yml ./
COPY creneau creneau
RUN pip install --quiet --no-index --find-links /wheels hatchling \
    && pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python -m venv /opt/creneau \
    && /opt/creneau/bin/pip install --quiet --no-index --find-links /wheels creneau

FROM python:3.11-slim-bookworm
COPY --from=build /opt/creneau /opt/creneau
ENV PATH=/opt/creneau/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --no-create-home creneau && install -d -o creneau -m 0700 /backups
USER creneau
STOPSIGNAL SIGTERM
EXPOSE 8000
ENTRYPOINT ["creneau"]
CMD ["web", "--bind", "0.0.0.0:8000"]
