# syntax=docker/dockerfile:1
# gateway, asr, mt, tts, the keeper and the migration: one image, and the command picks one of them.
#
#   docker build -t livetranslate:0.1.0 .
#   docker run livetranslate:0.1.0 python -m asr

FROM ghcr.io/astral-sh/uv:0.13.8 AS uv

FROM python:3.11-slim-bookworm AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/livetranslate
WORKDIR /src
# The packages by themselves: this layer stays while only the code changes.
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --extra server --extra riva --extra web --no-install-project
COPY README.md LICENSE ./
COPY livetranslate livetranslate
COPY gateway gateway
COPY asr asr
COPY mt mt
COPY tts tts
COPY model_repository model_repository
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --extra server --extra riva --extra web --no-editable

FROM python:3.11-slim-bookworm
# tini: Linux lets the first process of a container ignore SIGTERM until it has a handler for it.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /tmp livetranslate \
    && install --directory --owner=10001 /var/lib/livetranslate
COPY --from=build /opt/livetranslate /opt/livetranslate
ENV PATH=/opt/livetranslate/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "gateway"]
