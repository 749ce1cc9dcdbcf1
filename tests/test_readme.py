"""What the README shows is what happens."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from dupdetect.cli import program
from dupdetect.config import DEDUPE_THRESHOLD, Config, NearDuplicateConfig, RecycledConfig
from dupdetect.match.families import STORY_FACTS, STORY_SHARE
from dupdetect.match.null import shipped
from dupdetect.match.overlap import COMMON_ZIPF, MAX_REPEATS, REACH
from dupdetect.reference import LEAST_PAIRS, LEAST_TEXTS
from dupdetect.results import RELATIONS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ONE_LINE = " ".join(README.split())  # sentences, wherever their lines break
WORDS = dict(enumerate("none one two three four five six seven".split()))


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
    assert (config.recycled.level, config.recycled.review_level) == (0.01, 0.1)


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
    assert f"p of their family ≤ {recycled.level}," in README
    assert f"p of the group up to {recycled.review_level} " in README
    assert (
        f"Up to p = {recycled.level} a family is decided. Up to {recycled.review_level} it"
        in README
    )
    assert f"shorter than {recycled.min_tokens} words" in README
    assert f"Up to {recycled.max_all_pairs:,} texts the recycled lens scores all pairs" in README
    assert WORDS[recycled.min_places] + " or more places" in README
    assert STORY_SHARE == 0.5
    assert f"{STORY_FACTS} or more different words in the names" in README


def test_the_relations_are_in_the_table_strongest_first():
    table = README.split("## What it tells apart")[1].split("\n\n")[1]
    assert tuple(re.findall(r"^\| `([a-z-]+)` \|", table, flags=re.MULTILINE)) == RELATIONS


def test_what_is_set_aside_is_what_the_lens_sets_aside():
    assert f"with {WORDS[REACH]} words on either side" in ONE_LINE
    assert f"words that a text uses {WORDS[MAX_REPEATS + 1]} times or more" in ONE_LINE
    assert f"words as common as {10 ** (COMMON_ZIPF - 3):.0f} in a million" in ONE_LINE


def lowest_tail(stratum):
    """The smallest probability of a family that the table holds a quantile for."""
    tails = [tail for sizes in stratum.groups.values() for tail in sizes.values()]
    return min(tail.tails[-1] for tail in tails if tail.tails)


def test_the_null_is_described_as_it_is():
    strata = {stratum.name: stratum for stratum in shipped().strata}
    assert f"of {WORDS[len(strata)]} kinds of honest English: {', '.join(strata)}." in ONE_LINE
    events = strata["reports of one event"]
    for name, said in (
        ("reports of one event", "reports of 40 events"),
        ("answers to one question", "answers to 6 questions"),
        ("web pages on one subject", "web pages"),
        ("abstracts of one field", "abstracts"),
    ):
        assert f"{strata[name].n_documents:,} {said}" in ONE_LINE, name
    lowest = {name: lowest_tail(stratum) for name, stratum in strata.items()}
    at_events = lowest.pop(events.name)
    assert f"Below {max(lowest.values())}, and against {events.name} below {at_events}," in ONE_LINE
    n_reports = max(events.groups)
    assert f"reported {WORDS[n_reports]} times each" in ONE_LINE
    assert f"nothing of families of {WORDS[n_reports + 1]} or more" in ONE_LINE
    assert f"beyond {max(max(each.groups) for each in strata.values())} pages" in ONE_LINE


def test_what_a_reference_needs_is_what_is_asked_of_it():
    least = f"It needs {LEAST_TEXTS} different texts of {RecycledConfig().min_tokens} words or more"
    assert least in ONE_LINE
    assert f"and {LEAST_PAIRS} pairs of them on one subject" in ONE_LINE


def test_the_links_into_the_repository_lead_somewhere():
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_metadata_is_what_the_readme_says():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "MIT"
    assert project["requires-python"] == ">=3.11"
    assert (ROOT / "dupdetect" / "py.typed").exists()
