"""A translator that adds a known word; into French it fails."""

from typing import Any

from livetranslate.engine.requests import respond, text

TRANSLATED = "zqtranslated"


class TritonPythonModel:
    """Answers each text by itself."""

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: Any) -> Any:
        said: Any = text(request, "TEXT")
        if text(request, "TARGET_LANGUAGE") == "fr":
            said = RuntimeError(f"there is no French for {said}")
        return respond(request, said, lambda said: {"TRANSLATION": [f"{said} {TRANSLATED}"]})
