"""How much memory the models of a server that is started here may take together."""

import os

import typer

from livetranslate.hardware import available_memory_mib, nvidia_gpus
from livetranslate.stack.budget import VARIABLE, automatic_budget_mib, default_budget_mib
from livetranslate.stack.models import GPU_PROFILE, find_models, memory_mib
from livetranslate.stack.stack import TRITON_URL, default_model_repository
from livetranslate.weights import default_models_folder


def chosen_budget_mib(profile: str) -> int:
    """The setting's budget; without one, what this machine asks for, which is then explained; 0: no limit."""
    if VARIABLE in os.environ or TRITON_URL in os.environ:
        return default_budget_mib()
    sizes = memory_mib(find_models(default_model_repository(), profile, default_models_folder()))
    gpus = nvidia_gpus() if profile == GPU_PROFILE else ()  # each of them gets all models
    free_mib = min(gpu.free_mib for gpu in gpus) if gpus else available_memory_mib()
    budget_mib = automatic_budget_mib(sum(sizes.values()), free_mib)
    if budget_mib:
        place = "of the GPU's memory" if gpus else "of memory"
        too_large = ", ".join(name for name, size_mib in sizes.items() if size_mib > budget_mib)
        typer.echo(
            f"The models take {sum(sizes.values()):,} MiB together, and {free_mib:,} MiB {place} are free: they are "
            f"loaded when they are needed, within {budget_mib:,} MiB"
            f"{too_large and f', without {too_large}'}. {VARIABLE} sets another budget; 0: none.",
            err=True,
        )
    return budget_mib
