"""What the README shows is what happens."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from dupdetect.cli import program
from dupdetect.config import DEDUPE_THRESHOLD, Config, NearDuplicateConfig, RecycledConfig

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def run(*arguments):
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    )
    return done.stdout


def test_the_python_example_prints_what_is_shown_below_it():
    (code,), (shown,) = block("python"), block("text")
    assert run("-X", "utf8", "-c", code) == shown


def test_the_shortened_output_is_the_real_output_with_lines_left_out():
    (shown,) = block("console")
    command, *lines = shown.splitlines()
    assert command == "$ python -m dupdetect report seeds/"
    real = iter(run("-X", "utf8", "-m", "dupdetect", "report", "seeds/").splitlines())
    for line in lines:
        if line.strip() != "[...]":
            assert line in real, line  # `in` moves the iterator on: the order holds too


def test_two_lines_to_copy_need_nothing_but_python():
    setup, tests, *_ = block("sh")
    for line in (setup, tests):
        assert line.startswith("python3 -m venv .venv && .venv/bin/python -m pip install ")
        assert "--group" not in line
        assert line.count("\n") == 1
    assert setup.rstrip().endswith("-m dupdetect report seeds/")
    assert "-m pytest" in tests


def test_the_settings_file_is_one_that_can_be_used():
    (settings,) = block("toml")
    config = Config.from_dict(tomllib.loads(settings))
    assert (config.near_duplicate.threshold, config.evidence.max_partners) == (0.8, 50)


def test_every_option_of_report_is_in_the_table():
    table = README.split("## On the command line")[1]
    for parameter in program.commands["report"].params:
        for option in parameter.opts:
            assert option in table or not option.startswith("-"), option
    for name in program.commands:
        assert f"dupdetect {name}" in table


def test_every_option_of_dedupe_is_described():
    for parameter in program.commands["dedupe"].params:
        for option in parameter.opts:
            assert option in README or not option.startswith("-"), option


def test_the_threshold_of_dedupe_is_the_default():
    assert f"Jaccard of 5-word shingles with it of {DEDUPE_THRESHOLD}" in README
    assert f"{DEDUPE_THRESHOLD}, where a report has {NearDuplicateConfig().threshold}" in README


def test_the_thresholds_in_the_table_are_the_defaults():
    near, recycled = NearDuplicateConfig(), RecycledConfig()
    assert f"{near.shingle_words}-word shingles ≥ {near.threshold}" in README
    assert f"{near.containment:.0%} of one text's shingles" in README
    assert f"at least {near.min_shared_shingles}," in README
    assert (
        f"{recycled.window_tokens}-word windows in {recycled.shingle_chars}-character shingles"
        f" ≥ {recycled.threshold}" in README
    )
    assert f"shorter than {recycled.min_tokens} words" in README


def test_the_links_into_the_repository_lead_somewhere():
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_metadata_is_what_the_readme_says():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "MIT"
    assert project["requires-python"] == ">=3.11"
    assert (ROOT / "dupdetect" / "py.typed").exists()
