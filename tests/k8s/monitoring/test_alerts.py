"""Every alert fires when it should, keeps quiet when it should, and leads to a page that says what to do."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.k8s.monitoring.files import ROOT, RUNBOOKS, alerts, rule_files, write_rules
from tests.k8s.monitoring.promql import parse
from tests.k8s.monitoring.series import known_series
from tests.programs import needed_program

TESTS = sorted((Path(__file__).parent / "alerts").glob("*.yaml"))
SECTIONS = ["What it means", "How to see more", "What to do"]


def test_prometheus_takes_the_rules(tmp_path: Path) -> None:
    """promtool reads each file, finds every rule in it, and no two alike."""
    for path in write_rules(tmp_path):
        rule_count = sum(len(group["rules"]) for group in rule_files()[path.name]["groups"])
        told = _promtool("check", "rules", "--lint-fatal", path)
        assert f"SUCCESS: {rule_count} rules found" in told


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_alerts_fire_when_they_should(path: Path, tmp_path: Path) -> None:
    """promtool plays made-up series to the rules, and compares what fires with what should, words included."""
    write_rules(tmp_path)
    _promtool("test", "rules", shutil.copy(path, tmp_path))


@pytest.mark.parametrize("name", alerts())
def test_every_alert_is_tested(name: str) -> None:
    """It fires in one of the tests, and not yet, or not at all, in one of them."""
    checks = [
        check
        for path in TESTS
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
        for check in test["alert_rule_test"]
        if check["alertname"] == name
    ]
    assert {bool(check.get("exp_alerts")) for check in checks} == {True, False}


@pytest.mark.parametrize("name", alerts())
def test_every_alert_has_what_a_person_needs(name: str) -> None:
    """How urgent it is, what is amiss in a line, and the page."""
    alert = alerts()[name]
    assert alert["labels"] == {"severity": alert["labels"]["severity"]}
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"docs/runbooks/{_page_name(name)}.md"


@pytest.mark.parametrize("name", alerts())
def test_the_words_of_an_alert_name_labels_that_it_has(name: str) -> None:
    """A template with a label that is aggregated away would leave a gap in the sentence."""
    alert = alerts()[name]
    named = set(re.findall(r"\$labels\.(\w+)", str(alert["annotations"])))
    expression = parse(alert["expr"])
    kept = expression.grouping_labels or frozenset().union(
        *(known_series()[each.series] for each in expression.selectors)
    )
    assert named <= kept


@pytest.mark.parametrize("name", alerts())
def test_every_alert_has_a_runbook(name: str) -> None:
    """It names the alert, tells the expression as it is, and has the sections that a reader at night looks for."""
    text = (RUNBOOKS / f"{_page_name(name)}.md").read_text(encoding="utf-8")
    assert f"`{name}`" in text.splitlines()[2]
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert alerts()[name]["labels"]["severity"] in text.splitlines()[2]


def test_every_runbook_has_an_alert() -> None:
    """And the table of contents has each of them."""
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {_page_name(name) for name in alerts()}
    contents = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`(\w+)`\]\(([\w-]+)\.md\) \| (\w+) \|", contents, re.MULTILINE)
    assert rows == [(name, _page_name(name), alert["labels"]["severity"]) for name, alert in alerts().items()]


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_runbooks_ask_for_what_there_is(path: Path) -> None:
    """Each series and label in their PromQL exists, and each page and setting that they name."""
    text = path.read_text(encoding="utf-8")
    for expr in re.findall(r"```promql\n(.+?)```", text, re.DOTALL):
        for line in expr.strip().splitlines():
            for selector in parse(line).selectors:
                assert set(selector.matchers) <= known_series()[selector.series]
    for link in re.findall(r"\]\(([\w./-]+)[^)]*\)", text):
        assert (RUNBOOKS / link).exists()
    settings = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    for variable in re.findall(r"LIVETRANSLATE_\w+", text):
        assert f"`{variable}`" in settings or re.sub(r"_(GATEWAY|ASR|MT|TTS)_", "_<NAME>_", variable) in settings


def _page_name(alert: str) -> str:
    """LiveTranslateCommitLagHigh: commit-lag-high."""
    return "-".join(word.lower() for word in re.findall(r"[A-Z][a-z]+", alert.removeprefix("LiveTranslate")))


def _promtool(*arguments: str | Path) -> str:
    run = subprocess.run([needed_program("promtool"), *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout
