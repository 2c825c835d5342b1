"""Forms as they were read."""

import io

from starlette.datastructures import UploadFile

from gateway.web.form import Form


def form(**texts: str | list[str]) -> Form:
    """A form that names a model, unless it says otherwise."""
    given: dict[str, str | list[str]] = {"model": "whisper-1", **texts}
    told = {name: [value] if isinstance(value, str) else value for name, value in given.items()}
    return Form(UploadFile(io.BytesIO(b"RIFF"), size=4, filename="talk.wav"), told)
