"""Translation."""

from tools.dashboards.grafana import Dashboard, Panel
from tools.dashboards.promql import per_second, percentile
from tools.dashboards.tiers import models, replicas

_MODEL = "livetranslate_model"
_LANGUAGE = "livetranslate_language"

_TRANSLATIONS = (
    Panel(
        title="Translations by language",
        description="Final translations.",
        queries={"{{livetranslate_language}}": per_second("livetranslate_translations_total", by=_LANGUAGE)},
        unit="ops",
        stacked=True,
    ),
    Panel(
        title="Translations by model",
        description="Final translations. When one fails, another stands in: its share grows.",
        queries={"{{livetranslate_model}}": per_second("livetranslate_translations_total", by=_MODEL)},
        unit="ops",
        stacked=True,
    ),
    Panel(
        title="Quality",
        description="The quality that final translations were given, 0 to 1: the median, and what a tenth stays below.",
        queries={
            "p50 {{livetranslate_model}}": percentile(50, "livetranslate_translation_quality", by=_MODEL),
            "p10 {{livetranslate_model}}": percentile(10, "livetranslate_translation_quality", by=_MODEL),
        },
    ),
)

DASHBOARD = Dashboard(
    "mt",
    "LiveTranslate / mt",
    "Translation: languages, models, replicas.",
    {"Translations": _TRANSLATIONS, "Models": models("mt"), "Replicas": replicas("mt")},
)
