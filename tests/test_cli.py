"""The command line: streams, exit codes, files, settings, and clear words for bad input."""

import gzip
import html
import io
import json
import os
import shutil
import stat
import subprocess
import sys
from importlib import resources
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from dupdetect import cli
from dupdetect.cli import program
from dupdetect.report import FORMATS, render
from dupdetect.results import RELATIONS, Document, Documents, Pair, Passage, Report
from dupdetect.text import reading
from tests.example_report import HOSTILE_CHARACTERS, SUFFIXES, WITHOUT_GOLDEN, example

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
SCHEMA = resources.files("dupdetect.report").joinpath("schema/report.schema.json")
SENTENCES = [
    "The council met on Monday evening to talk about the clock of the town hall.",
    "Nobody could remember when it had last shown the right time of day.",
    "A clockmaker from the next valley offered to mend it for a fair price.",
    "Her workshop lies behind the mill, where the old road crosses the river.",
    "Three members spoke against the plan and wanted a new roof for the school.",
    "In the end the vote was close, and the clock will be taken down in spring.",
]
STORY = " ".join(SENTENCES)
OTHER = (
    "Wild garlic grows in damp woods and flowers in May. Its leaves are picked before that, "
    "washed in cold water, and cut into soup, bread or soft cheese by those who know the place."
)


def run(*arguments, **more):
    """The command in this process: quick, for what needs no real streams."""
    return CliRunner().invoke(program, [str(each) for each in arguments], **more)


def process(*arguments, env=None, cwd=None, stdin=None, **more):
    """The command as a program of its own."""
    clean = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "dupdetect", *map(str, arguments)],
        env={**clean, "PYTHONPATH": str(ROOT), **(env or {})},
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
        **more,
    )


@pytest.fixture
def pages(tmp_path):
    """Two copies of one story, and another text."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.txt").write_text(STORY, "utf-8")
    (folder / "b.txt").write_text(STORY, "utf-8")
    (folder / "c.txt").write_text(OTHER, "utf-8")
    return folder


@pytest.fixture
def found(monkeypatch):
    """The command with the report made by hand in place of reading and detecting."""
    seen = {}

    def fake_detect(documents, config, *, null=None):
        seen["config"], seen["null"] = config, null
        return example()

    def fake_read(paths, config):
        return Documents(tuple(Document(each, "x") for each in paths))

    monkeypatch.setattr(cli, "_read", fake_read)
    monkeypatch.setattr("dupdetect.detector.detect", fake_detect)
    return seen


# --- help, version, schema -----------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"], ["compare", "-h"]])
def test_help_loads_nothing_heavy(arguments):
    heavy = (
        "numpy", "scipy", "sklearn", "ftfy", "datasketch", "rich", "charset_normalizer", "jinja2",
    )  # fmt: skip
    script = (
        "import sys\nfrom dupdetect.cli import main\n"
        f"try:\n    main({arguments!r})\n"
        "except SystemExit as end:\n    code = end.code\n"
        f"print(code, sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.startswith("Usage: dupdetect")
    assert done.stderr == "0 []\n"


def test_help_names_every_exit_code_and_format():
    shown = run("report", "--help").output
    for words in ["0 ", "1 ", "2 ", "130 ", "near_duplicate.threshold", "recycled.level"]:
        assert words in shown
    for name, form in FORMATS.items():
        assert name in shown
        assert all(suffix in shown for suffix in form.suffixes)


def test_help_names_every_kind_of_file_that_is_read():
    words = run("report", "--help").output.replace(",", " ").split()
    assert set(reading.FORMATS) <= set(words)


def test_the_version_is_that_of_the_package():
    assert run("--version").output == f"dupdetect, version {cli.__version__}\n"


def test_schema_prints_the_schema_as_it_is():
    assert run("schema").stdout == SCHEMA.read_text("utf-8")


def test_no_command_shows_help_and_no_paths_is_wrong_use():
    assert process().returncode == 2
    missing = process("report")
    assert missing.returncode == 2
    assert b"PATHS" in missing.stderr


# --- where the result goes -----------------------------------------------------------------------


@pytest.mark.parametrize("format", [each for each in FORMATS if each not in WITHOUT_GOLDEN])
def test_the_result_goes_to_standard_output_and_the_rest_to_standard_error(found, format):
    done = run("report", "seeds", "--format", format, env={"COLUMNS": "80"})
    golden = ROOT / "tests" / "golden" / f"example.{SUFFIXES[format]}"
    assert done.exit_code == 0
    assert done.stdout == golden.read_text("utf-8")
    assert "dupdetect: 7 documents, 2 families, 2 skipped, " in done.stderr


def test_skipped_inputs_are_said_on_standard_error_unless_the_screen_shows_them(found):
    line = "skipped seeds/empty.txt: no text: the file is empty"
    assert line in run("report", "x", "--format", "json").stderr
    assert line not in run("report", "x").stderr


def test_quiet_leaves_standard_error_empty(found):
    assert run("report", "x", "--quiet", "--format", "json").stderr == ""


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("r.txt", "1 family"),
        ("r.json", "{"),
        ("r.md", "# 1"),
        ("r.markdown", "# 1"),
        ("R.MD", "# 1"),
    ],
)
def test_the_suffix_names_the_format(found, tmp_path, name, beginning):
    done = run("report", "x", "-o", tmp_path / name)
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / name).read_text("utf-8").startswith(beginning)


def test_a_format_given_wins_over_the_suffix(found, tmp_path):
    run("report", "x", "-o", tmp_path / "r.txt", "--format", "json")
    assert json.loads((tmp_path / "r.txt").read_text("utf-8"))["schema_version"] == "1.2"


def test_a_file_is_replaced_whole_and_no_draft_stays(found, tmp_path):
    (tmp_path / "r.json").write_text("old " * 10_000, "utf-8")
    assert run("report", "x", "-o", tmp_path / "r.json").exit_code == 0
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert [each.name for each in tmp_path.iterdir()] == ["r.json"]


def test_a_link_to_a_file_stays_a_link(found, tmp_path):
    (tmp_path / "real.json").write_text("old", "utf-8")
    (tmp_path / "link.json").symlink_to("real.json")
    run("report", "x", "-o", tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text("utf-8"))


def test_a_device_is_written_to_and_not_replaced(found, tmp_path):
    null = Path(os.devnull)
    assert run("report", "x", "-o", null, "--format", "json").exit_code == 0
    assert stat.S_ISCHR(null.stat().st_mode)


def test_a_failed_write_leaves_the_old_file_and_no_draft(found, tmp_path, monkeypatch):
    (tmp_path / "r.json").write_text("old", "utf-8")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    done = run("report", "x", "-o", tmp_path / "r.json")
    assert done.exit_code == 2
    assert "r.json: cannot be written: No space left on device" in done.stderr
    assert [(each.name, each.read_text("utf-8")) for each in tmp_path.iterdir()] == [
        ("r.json", "old")
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("r.pdf", "end it in one of .txt, .json, .md, .markdown, .html, .htm, or give --format"),
        ("r", "end it in one of"),
        ("missing/r.json", "there is no folder"),
        ("", "is a folder"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_the_work(tmp_path, monkeypatch, name, words):
    monkeypatch.setattr(cli, "_read", lambda *_: pytest.fail("the work was begun"))
    done = run("report", "x", "-o", tmp_path / name)
    assert done.exit_code == 2
    assert words in done.stderr.replace("\n", " ")
    assert list(tmp_path.iterdir()) == []


def test_a_dash_is_standard_output(found):
    assert run("report", "x", "-o", "-", "--format", "json").stdout.startswith("{")


def test_an_earlier_report_in_the_same_file_is_not_read_as_a_page(pages):
    for _ in range(2):
        done = run("report", pages, "-o", pages / "report.md")
        assert done.exit_code == 0
    assert "skipped" in done.stderr
    assert "report.md: the report is written to this file" in done.stderr
    assert "dupdetect: 3 documents" in done.stderr


# --- a page, and all of it beside ----------------------------------------------------------------


def test_beside_a_page_stands_all_of_it_and_both_are_named(found, tmp_path):
    done = run("report", "x", "-o", tmp_path / "r.html")
    assert (done.exit_code, done.stdout) == (0, "")
    assert {each.name for each in tmp_path.iterdir()} == {"r.html", "r.json"}
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!doctype html>")
    assert (tmp_path / "r.json").read_text("utf-8") == render(example(), "json")
    assert "r.json" in (tmp_path / "r.html").read_text("utf-8")
    last = done.stderr.splitlines()[-1]
    assert last.endswith(f"; {tmp_path / 'r.html'}, and its JSON in {tmp_path / 'r.json'}")


@pytest.mark.parametrize(
    ("page", "beside"),
    [
        ("r.htm", "r.json"),
        ("R.HTML", "R.json"),
        ("may.2024.html", "may.2024.json"),
        ("r.txt", "r.json"),
        ("may.2024", "may.2024.json"),
        ("r", "r.json"),
    ],
)
def test_what_stands_beside_a_page_has_its_name(found, tmp_path, page, beside):
    assert run("report", "x", "-o", tmp_path / page, "--format", "html").exit_code == 0
    assert {each.name for each in tmp_path.iterdir()} == {page, beside}


@pytest.mark.parametrize("output", [[], ["-o", "-"], ["-o", os.devnull]])
def test_beside_standard_output_or_a_device_stands_nothing(found, tmp_path, monkeypatch, output):
    monkeypatch.chdir(tmp_path)
    done = run("report", "x", *output, "--format", "html")
    assert done.exit_code == 0
    assert "and its JSON in" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_report_beside_the_page_is_replaced(found, tmp_path):
    for _ in range(2):
        assert run("report", "x", "-o", tmp_path / "r.html").exit_code == 0
    (tmp_path / "r.json").write_text(render(Report((), (), (), (), {}, {}), "json"), "utf-8")
    assert run("report", "x", "-o", tmp_path / "r.html").exit_code == 0
    assert (tmp_path / "r.json").read_text("utf-8") == render(example(), "json")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"schema_version": "1.1"}', b"\xff\xfe", None])
def test_what_is_no_report_is_not_replaced_and_the_work_not_begun(tmp_path, monkeypatch, content):
    monkeypatch.setattr(cli, "_read", lambda *_: pytest.fail("the work was begun"))
    beside = tmp_path / "r.json"
    if content is None:
        os.mkfifo(beside)
    else:
        beside.write_bytes(content)
    done = run("report", "x", "-o", tmp_path / "r.html")
    assert done.exit_code == 2
    assert "r.json: is no report, and all of this one would be written there" in done.stderr
    assert content is None or beside.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["r.json"]


def test_a_folder_beside_the_page_is_refused(tmp_path):
    (tmp_path / "r.json").mkdir()
    done = run("report", "x", "-o", tmp_path / "r.html")
    assert done.exit_code == 2
    assert "r.json: is a folder" in done.stderr


def test_a_page_cannot_stand_where_all_of_it_would(tmp_path):
    (tmp_path / "link.json").symlink_to("page.html")
    (tmp_path / "page.html").write_text("old", "utf-8")
    for arguments in (["-o", tmp_path / "r.json"], ["-o", tmp_path / "link.html"]):
        (tmp_path / "link.html").unlink(missing_ok=True)
        (tmp_path / "link.html").symlink_to("page.html")
        done = run("report", "x", *arguments, "--format", "html")
        assert done.exit_code == 2
        assert "is where all of the report would stand" in done.stderr
    assert (tmp_path / "page.html").read_text("utf-8") == "old"


def test_a_page_is_written_last(found, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(cli, "_write_file", lambda path, data: written.append(path.name))
    run("report", "x", "-o", tmp_path / "r.html")
    assert written == ["r.json", "r.html"]


def test_without_room_beside_the_page_there_is_no_page(found, tmp_path, monkeypatch):
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    done = run("report", "x", "-o", tmp_path / "r.html")
    assert done.exit_code == 2
    assert "r.json: cannot be written: No space left on device" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_report_in_the_folder_is_left_out_and_a_second_run_gives_the_same_bytes(pages):
    for format, names in (("html", ["r.html", "r.json"]), ("json", ["s.json"])):
        written = []
        for _ in range(2):
            done = run("report", pages, "-o", pages / names[0])
            assert done.exit_code == 0, done.stderr
            written.append([(pages / name).read_bytes() for name in names])
        assert written[0] == written[1], format
        left_out = " and ".join(str(pages / name) for name in names)
        assert f"dupdetect: not read, because an earlier report: {left_out}\n" in done.stderr
        assert "dupdetect: 3 documents, 1 family, 0 skipped" in done.stderr
        for name in names:
            (pages / name).unlink()


def test_an_earlier_report_that_was_named_is_left_out_too(pages):
    run("report", pages, "-o", pages / "r.html")
    done = run("report", pages / "a.txt", pages / "r.json", "-o", pages / "r.html")
    assert f"not read, because an earlier report: {pages / 'r.json'}\n" in done.stderr
    assert "dupdetect: 1 document, " in done.stderr
    assert "not read" not in run("report", pages, "-o", pages / "r.html", "--quiet").stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", "<!doctype html><p>The council met on Thursday."),
        ("page.html", ""),  # skipped, and still not ours to replace
        ("page.html", f"{'x' * 4096}<meta name='generator' content='dupdetect'>"),
        ("records.jsonl", '{"text": "The council met on Thursday."}\n'),
    ],
)
def test_a_page_is_not_written_over_what_was_to_be_read(pages, monkeypatch, name, content):
    monkeypatch.setattr(
        "dupdetect.detector.detect", lambda *_, **__: pytest.fail("the work was begun")
    )
    (pages / name).write_text(content, "utf-8")
    done = run("report", pages, "-o", pages / name, "--format", "html")
    assert done.exit_code == 2
    assert f"{pages / name}: is to be read, and is no earlier report" in done.stderr
    assert (pages / name).read_text("utf-8") == content
    assert not (pages / name).with_suffix(".json").exists()


def test_a_page_is_written_over_what_is_not_read(found, tmp_path):
    (tmp_path / "old.html").write_text("<p>Old.", "utf-8")
    assert run("report", "x", "-o", tmp_path / "old.html").exit_code == 0
    assert "<!doctype html>" in (tmp_path / "old.html").read_text("utf-8")


# --- how much is shown, and to whom --------------------------------------------------------------


@pytest.fixture
def limits(found, monkeypatch):
    """The limits that a page is rendered with."""
    seen = []

    def fake_render(report, *, limits, json_name):
        seen.append((limits.max_families, limits.max_pairs, json_name))
        return "<!doctype html>\n"

    monkeypatch.setattr("dupdetect.report.html.render", fake_render)
    return seen


def test_limits_reach_the_page(limits, tmp_path):
    run("report", "x", "--format", "html")
    run("report", "x", "-o", tmp_path / "r.html", "--max-families", "3", "--max-pairs", "0")
    assert limits == [(20, 40, ""), (3, 0, "r.json")]


def test_a_limit_below_zero_is_refused_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "_read", lambda *_: pytest.fail("the work was begun"))
    done = run("report", "x", "--format", "html", "--max-families", "-1", "--max-pairs", "-2")
    assert done.exit_code == 2
    assert "max_families is -1; allowed: a whole number from 0" in done.stderr
    assert "max_pairs is -2" in done.stderr


@pytest.mark.parametrize(
    ("option", "format", "words"),
    [
        (["--max-families", "3"], "json", "--max-families is for html, and the result is json"),
        (["--max-pairs", "0"], "markdown", "--max-pairs is for html, and the result is markdown"),
        (["--max-pairs", "0"], None, "--max-pairs is for html, and the result is terminal"),
        (["--no-text"], "terminal", "--no-text is for html and json, and the result is terminal"),
        (["--no-text"], "markdown", "--no-text is for html and json, and the result is markdown"),
    ],
)
def test_an_option_of_other_formats_is_refused_before_the_work(monkeypatch, option, format, words):
    monkeypatch.setattr(cli, "_read", lambda *_: pytest.fail("the work was begun"))
    done = run("report", "x", *option, *(["--format", format] if format else []))
    assert done.exit_code == 2
    assert words in done.stderr
    assert "give --format html, end FILE in .html, or leave --" in done.stderr


def test_without_text_neither_file_has_a_word_of_a_document(pages):
    done = run("report", pages, "-o", pages / "r.html", "--no-text")
    assert done.exit_code == 0, done.stderr
    for name in ("r.html", "r.json"):
        written = (pages / name).read_text("utf-8").lower()
        assert "a.txt" in written
        for word in ("clockmaker", "valley", "garlic", "nobody could remember"):
            assert word not in written, (name, word)


@pytest.mark.parametrize("format", list(FORMATS))
def test_anonymized_no_form_names_a_file(pages, format):
    (pages / "ottavia.pdf").write_bytes(b"x")
    done = run("report", pages, "--anonymize", "--format", format, "--quiet")
    assert done.exit_code == 0, done.stderr
    assert "document-0001" in done.stdout
    for name in ("a.txt", "b.txt", "c.txt", "pages", "ottavia"):
        assert f"{name}/" not in done.stdout
        assert f"{name}<" not in done.stdout
        assert name == "pages" or name not in done.stdout
    assert "input-0001" in done.stdout


def test_both_can_be_left_out_and_the_result_says_so(pages):
    done = run("report", pages, "--anonymize", "--no-text", "--format", "json")
    plain = json.loads(done.stdout)
    assert plain["settings"]["left_out"] == ["names", "text"]
    assert plain["pairs"][0]["relation"] == "exact"
    assert "left_out" not in json.loads(run("report", pages, "--format", "json").stdout)["settings"]


def test_who_runs_it_is_told_what_was_skipped_by_its_name(pages):
    (pages / "ottavia.pdf").write_bytes(b"x")
    done = run("report", pages, "--anonymize", "--format", "json")
    assert "ottavia.pdf: the suffix" in done.stderr
    assert "ottavia" not in done.stdout


# --- exit codes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strongest", "fail_on", "code"),
    [
        ("recycled", "recycled", 1),
        ("review", "recycled", 0),
        ("review", "review", 1),
        ("same-story", "review", 0),
        ("same-story", "same-story", 1),
        ("exact", "recycled", 1),
        ("recycled", "contained", 0),
        ("contained", "near-duplicate", 0),
        ("near-duplicate", "near-duplicate", 1),
        ("exact", "exact", 1),
        ("near-duplicate", "exact", 0),
        (None, "recycled", 0),
    ],
)
def test_fail_on_means_that_relation_or_a_stronger_one(
    found, monkeypatch, strongest, fail_on, code
):
    pairs = (Pair("a", "b", strongest, 1, 1, 1, 1),) if strongest else ()
    documents = tuple(
        type(example().documents[0])(
            id=id, source="", encoding="", text="x", n_chars=1, n_tokens=1,
            relation=strongest or "distinct", family=None,
        )
        for id in "ab"
    )  # fmt: skip
    report = Report(documents, pairs, (), (), {}, {})
    monkeypatch.setattr("dupdetect.detector.detect", lambda *_, **__: report)
    done = run("report", "x", "--fail-on", fail_on)
    assert done.exit_code == code
    assert ("--fail-on" in done.stderr) == bool(code)


def test_without_fail_on_findings_are_no_failure(found):
    assert run("report", "x").exit_code == 0


def test_the_report_is_written_before_the_exit_code_is_decided(found, tmp_path):
    done = run("report", "x", "-o", tmp_path / "r.json", "--fail-on", "exact")
    assert done.exit_code == 1
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["pairs"]


def test_fail_on_offers_every_relation_that_can_be_found():
    [option] = [each for each in cli.report.params if each.name == "fail_on"]
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == [each for each in RELATIONS if each != "distinct"]


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lens", ["all", "near-duplicate"])
def test_threshold_is_jaccard(found, lens):
    run("report", "x", "--threshold", "0.7", "--lens", lens)
    assert found["config"].near_duplicate.threshold == 0.7


def test_a_threshold_of_copies_is_refused_where_none_are_looked_for(found, tmp_path):
    (tmp_path / "c.toml").write_text('lens = "recycled"\n', "utf-8")
    for options in (["--lens", "recycled"], ["--config", tmp_path / "c.toml"]):
        done = run("report", "x", "--threshold", "0.3", *options)
        assert done.exit_code == 2
        assert "--threshold is for copies" in done.stderr
        assert "recycled.level" in done.stderr


def test_every_option_reaches_its_setting(found):
    run("report", "x", "--text-field", "body", "--id-field", "url", "--encoding", "cp1252",
        "--max-file-size", "10MB", "--seed", "7", "--lens", "near-duplicate")  # fmt: skip
    config = found["config"]
    assert config.reading.text_field == "body"
    assert config.reading.id_field == "url"
    assert config.reading.encoding == "cp1252"
    assert config.reading.max_file_size == 10_000_000
    assert (config.seed, config.lens) == (7, "near-duplicate")


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("1", 1), ("500kB", 500_000), ("10MB", 10**7), ("64MiB", 2**26), ("64 mib", 2**26),
        ("1.5GiB", 3 * 2**29), ("12B", 12), ("0.1MB", 100_000),
    ],
)  # fmt: skip
def test_sizes_have_units(found, written, size):
    assert run("report", "x", "--max-file-size", written).exit_code == 0
    assert found["config"].reading.max_file_size == size


@pytest.mark.parametrize("written", ["", "MB", "-1", "1e6", "10 apples", "0x10", "9" * 40, "١"])
def test_what_is_not_a_size_is_refused_with_examples(written):
    done = run("report", "x", "--max-file-size", written)
    assert done.exit_code == 2
    assert "500kB, 10MB, 64MiB" in done.stderr


@pytest.mark.parametrize("head", ["", "[tool.dupdetect]\n"])
def test_a_file_gives_settings_and_options_win(found, tmp_path, head):
    section = "tool.dupdetect." if head else ""
    (tmp_path / "c.toml").write_text(
        f"{head}seed = 5\n[{section}near_duplicate]\nthreshold = 0.7\nrecall = 0.95\n", "utf-8"
    )
    run("report", "x", "--config", tmp_path / "c.toml", "--threshold", "0.9")
    assert found["config"].seed == 5
    assert found["config"].near_duplicate.threshold == 0.9
    assert found["config"].near_duplicate.recall == 0.95


def test_the_levels_of_recycled_families_are_set_in_a_file(found, tmp_path):
    settings = "[recycled]\nlevel = 0.01\nreview_level = 0.1\njoin = -0.5\nspread = 1.5\n"
    (tmp_path / "c.toml").write_text(settings, "utf-8")
    run("report", "x", "--config", tmp_path / "c.toml")
    recycled = found["config"].recycled
    assert (recycled.level, recycled.review_level) == (0.01, 0.1)
    assert (recycled.join, recycled.spread) == (-0.5, 1.5)


@pytest.mark.parametrize("name", ["threshold", "min_passages", "recall", "num_perm"])
def test_a_setting_of_the_recycled_lens_that_is_gone_is_named_with_those_there_are(tmp_path, name):
    (tmp_path / "c.toml").write_text(f"[recycled]\n{name} = 2\n", "utf-8")
    done = run("report", "x", "--config", tmp_path / "c.toml")
    assert done.exit_code == 2
    assert f"recycled.{name} is not a setting; known: level, review_level, join" in done.stderr


# --- the null ------------------------------------------------------------------------------------

SHIPPED = resources.files("dupdetect").joinpath("match/null.json").read_text("utf-8")


@pytest.fixture
def table(tmp_path):
    """The table that is shipped, under another name and so with another hash."""
    file = tmp_path / "null.json"
    file.write_text(json.dumps(json.loads(SHIPPED) | {"name": "our archive"}), "utf-8")
    return file


def test_without_a_null_the_detector_takes_its_own(found):
    assert run("report", "x").exit_code == 0
    assert found["null"] is None


def test_a_table_is_read_from_its_file(found, table):
    assert run("report", "x", "--null", table).exit_code == 0
    assert found["null"].name == "our archive"


def test_an_archive_is_read_with_the_same_options_and_what_it_skips_is_said(monkeypatch, pages):
    seen = {}

    def fake_null_from(documents, config):
        seen["archive"] = [each.text for each in documents]
        return "the null"

    def fake_detect(documents, config, *, null):
        seen["null"] = null
        return example()

    monkeypatch.setattr("dupdetect.reference.null_from", fake_null_from)
    monkeypatch.setattr("dupdetect.detector.detect", fake_detect)
    archive = pages / "archive"
    archive.mkdir()
    (archive / "a.jsonl").write_text('{"body": "honest"}\n{"text": "no body"}\n', "utf-8")
    done = run("report", pages / "a.txt", "--reference", archive, "--text-field", "body")
    assert done.exit_code == 0, done.stderr
    assert seen == {"archive": ["honest"], "null": "the null"}
    assert "a.jsonl:2: " in done.stderr
    quiet = run(
        "report", pages / "a.txt", "--reference", archive, "--text-field", "body", "--quiet"
    )
    assert quiet.stderr == ""


def test_a_null_and_a_reference_exclude_each_other(found, table, pages):
    for command in (["report", "x"], ["compare", pages / "a.txt", pages / "c.txt"]):
        done = run(*command, "--null", table, "--reference", pages)
        assert done.exit_code == 2
        assert "--reference and --null exclude each other" in done.stderr


@pytest.mark.parametrize("option", ["--null", "--reference"])
def test_a_null_is_refused_where_no_recycled_texts_are_looked_for(found, pages, option):
    done = run("report", "x", option, pages, "--lens", "near-duplicate")
    assert done.exit_code == 2
    assert f"{option} is for recycled texts" in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "null.json: cannot be read: No such file or directory"),
        (b"\xff\xfe", "null.json: not UTF-8: "),
        (b"{}", "null.json is no null table"),
        (b"[1", "null.json is no null table"),
    ],
)
def test_a_file_that_is_no_null_is_named_with_its_fault_before_the_work(
    tmp_path, monkeypatch, content, words
):
    monkeypatch.setattr(cli, "_read", lambda *_: pytest.fail("the work was begun"))
    if content is not None:
        (tmp_path / "null.json").write_bytes(content)
    done = run("report", "x", "--null", tmp_path / "null.json")
    assert done.exit_code == 2
    assert words in done.stderr


def test_an_archive_too_small_to_calibrate_on_is_refused_with_what_is_needed(pages):
    done = run("report", pages, "--reference", pages)
    assert done.exit_code == 2
    assert "at least 30 are needed" in done.stderr


def test_the_null_that_was_used_is_named_in_the_result(pages, table):
    for command in (["report", pages], ["compare", pages / "a.txt", pages / "c.txt"]):
        done = run(*command, "--null", table, "--format", "json")
        named = json.loads(done.stdout)["settings"]["null"]
        assert named["name"] == "our archive"
        assert len(named["sha256"]) == 64
        assert named["strata"]
        own = json.loads(run(*command, "--format", "json").stdout)["settings"]["null"]
        assert own["name"] != "our archive"
        assert own["sha256"] != named["sha256"]
        none = run(*command, "--lens", "near-duplicate", "--format", "json")
        assert json.loads(none.stdout)["settings"]["null"] is None


def test_other_tools_in_a_pyproject_are_left_alone(found, tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[tool.ruff]\nline-length = 9\n[tool.dupdetect]\nseed = 3\n', "utf-8"
    )
    run("report", "x", "--config", tmp_path / "pyproject.toml")
    assert found["config"].seed == 3


def test_all_faults_of_the_settings_come_in_one_message(tmp_path):
    (tmp_path / "c.toml").write_text(
        'sed = 1\n[recycled]\nthreshold = "high"\nwindow = 2\n[repair]\nencoding = 3\n', "utf-8"
    )
    done = run("report", "x", "--config", tmp_path / "c.toml", "--threshold", "nan")
    assert done.exit_code == 2
    assert "these settings cannot be used" in done.stderr
    for fault in [
        "sed is not a setting; known: lens, seed,",
        "recycled.window is not a setting",
        "repair.encoding is 3; allowed: true or false",
        "near_duplicate.threshold is nan; allowed: a number from 0.05 to 1.0",
    ]:
        assert fault in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"seed = = 1", "c.toml: not valid TOML: "),
        (b"seed = '\xff'", "c.toml: not valid TOML: "),
        (b"[tool.other]\nx = 1", "c.toml: there is no table [tool.dupdetect] in it"),
        (b"tool = 3", "c.toml: there is no table [tool.dupdetect] in it"),
        (b"reading = 3", "reading is 3; it must be a table of settings"),
        (None, "c.toml: cannot be read: No such file or directory"),
    ],
)
def test_a_bad_settings_file_is_named_with_its_fault(tmp_path, content, words):
    if content is not None:
        (tmp_path / "c.toml").write_bytes(content)
    done = run("report", "x", "--config", tmp_path / "c.toml", "--text-field", "body")
    assert done.exit_code == 2
    assert words in done.stderr


# --- colour, width, characters -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "environment", "tty", "coloured"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_follows_the_choice_then_the_environment_then_the_terminal(
    monkeypatch, choice, environment, tty, coloured
):
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: tty, raising=False)
    assert cli._wants_color(choice, to_stdout=True) is coloured


def test_a_file_has_no_colour_unless_it_is_asked_for(found, tmp_path):
    run("report", "x", "-o", tmp_path / "r.txt", env={"FORCE_COLOR": "1"})
    assert "\x1b" not in (tmp_path / "r.txt").read_text("utf-8")
    run("report", "x", "-o", tmp_path / "r.txt", "--color", "always")
    assert "\x1b[" in (tmp_path / "r.txt").read_text("utf-8")


def test_columns_set_the_width(found):
    wide = run("report", "x", env={"COLUMNS": "100"}).stdout
    narrow = run("report", "x", env={"COLUMNS": "60"}).stdout
    assert max(map(len, wide.splitlines())) == 100
    assert max(map(len, narrow.splitlines())) == 60


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("format", list(FORMATS))
def test_any_character_set_can_carry_the_result(monkeypatch, encoding, format):
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding, newline="\n"))
    written = render(example(), format)
    cli._print(written, format)
    shown = raw.getvalue().decode(encoding)
    if format == "json":
        assert json.loads(shown) == json.loads(written)
    elif format == "html":
        # Unescaped as a whole: what matters is that no character is lost.
        assert html.unescape(shown) == html.unescape(written)
        assert shown.isascii() or encoding == "utf-8"
    elif encoding == "ascii":
        assert r"\u6e21\u8f2a.txt" in shown
        assert "\u2500" not in shown
    elif encoding == "utf-8":
        assert shown == written


@pytest.mark.parametrize("format", ["terminal", "json"])
def test_a_terminal_without_the_characters_is_no_crash(pages, format):
    (pages / "渡輪–café.txt").write_text(STORY, "utf-8")
    environment = {"PYTHONIOENCODING": "ascii"}
    done = process("report", pages, "--format", format, env=environment)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert done.stdout.isascii()
    if format == "json":
        assert "渡輪–café.txt" in [each["id"] for each in json.loads(done.stdout)["documents"]]
    else:
        assert rb"\u6e21\u8f2a-caf\xe9.txt" in done.stdout


# --- streams of a real process -------------------------------------------------------------------


def test_a_reader_that_leaves_early_is_no_noise(tmp_path):
    lines = "".join(
        json.dumps({"id": f"{n:04}", "text": f"Text number {n}."}) + "\n" for n in range(400)
    )
    (tmp_path / "many.jsonl").write_text(lines, "utf-8")
    command = f'"{sys.executable}" -m dupdetect report many.jsonl --format json --quiet | head -c 9'
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.stderr, done.returncode) == (b'{\n  "sche', b"", 0)


def test_an_interrupt_ends_with_130_and_no_traceback():
    script = (
        "import signal\nfrom dupdetect import cli\n"
        "cli._read = lambda *_: signal.raise_signal(signal.SIGINT)\n"
        "cli.main(['report', 'x', '-o', 'never.json'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (130, b"")
    assert done.stderr.strip() == b"dupdetect: interrupted"
    assert not (ROOT / "never.json").exists()


def test_json_lines_are_read_from_standard_input():
    lines = "".join(
        json.dumps({"id": id, "text": text}) + "\n"
        for id, text in {"a": STORY, "b": STORY, "c": OTHER}.items()
    )
    done = process("report", "-", "--format", "json", stdin=lines.encode())
    assert done.returncode == 0
    assert [each["relation"] for each in json.loads(done.stdout)["documents"]] == [
        "exact", "exact", "distinct"
    ]  # fmt: skip


# --- the seeds -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seeds_report():
    done = process("report", SEEDS, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_report_of_the_seeds_follows_the_schema(seeds_report):
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(seeds_report)


def test_the_seeds_are_one_recycled_family_and_one_distinct_page(seeds_report):
    [family] = seeds_report["families"]
    assert family["relation"] == "recycled"
    assert [member[:3] for member in family["members"]] == ["000", "001", "002", "003"]
    relations = [each["relation"] for each in seeds_report["documents"]]
    assert relations == ["recycled"] * 4 + ["distinct"]


def test_offsets_of_the_seeds_lead_to_the_words_in_the_files(seeds_report):
    texts = {path.name: path.read_bytes().decode("utf-8") for path in SEEDS.iterdir()}
    n_passages = 0
    for pair in seeds_report["pairs"]:
        for each in pair["passages"]:
            n_passages += 1
            assert texts[pair["a"]][each["a_start"] : each["a_end"]] == each["a_text"]
            assert texts[pair["b"]][each["b_start"] : each["b_end"]] == each["b_text"]
    assert n_passages >= 12
    for document in seeds_report["documents"]:
        for each in document["signals"]:
            assert texts[document["id"]][each["start"] : each["end"]] == each["text"]
        for each in document["repairs"]:
            assert texts[document["id"]][each["start"] : each["end"]] == each["before"]


def test_the_answer_about_the_seeds_is_the_first_line():
    done = process("report", SEEDS)
    assert done.stdout.decode().splitlines()[0] == "1 family of 4 recycled pages, 1 distinct page"
    assert "“HongĀ⟨U+00A0⟩KongĀ⟨U+00A0⟩AI" in done.stdout.decode()
    assert max(map(len, done.stdout.decode().splitlines())) <= 80


def test_the_same_run_writes_the_same_bytes():
    first, second = (
        process("report", SEEDS, "--format", "json", env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    )
    assert first == second


def test_libraries_say_nothing_on_either_stream():
    done = process("report", SEEDS, "--quiet", "--format", "json")
    assert done.stderr == b""
    json.loads(done.stdout)


# --- bad input -----------------------------------------------------------------------------------


def test_a_missing_path_is_named():
    done = run("report", "no/such/page.txt")
    assert done.exit_code == 2
    assert "no/such/page.txt" in done.stderr


def test_an_empty_folder_is_said_to_hold_nothing(tmp_path):
    done = run("report", tmp_path)
    assert done.exit_code == 2
    assert str(tmp_path) in done.stderr.replace("\n", "")


def skipped(folder, *more):
    done = run("report", folder, "--format", "json", *more)
    assert done.exit_code == 0, done.stderr
    plain = json.loads(done.stdout)
    for each in plain["skipped"]:
        assert each["source"] in done.stderr
    return {Path(each["source"]).name: each["reason"] for each in plain["skipped"]}, plain


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\t\r\n ", "white space|empty"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, "binary"),
    ],
)
def test_a_file_without_text_is_skipped_with_its_reason(pages, name, content, word):
    (pages / name).write_bytes(content)
    reasons, plain = skipped(pages)
    assert list(reasons) == [name]
    assert any(each in reasons[name] for each in word.split("|"))
    assert len(plain["documents"]) == 3


def test_a_broken_line_is_named_by_number_and_the_rest_is_read(tmp_path):
    (tmp_path / "feed.jsonl").write_text(
        f'{{"id": "a", "text": "{STORY}"}}\n{{"id": "b", "text": \n'
        f'{{"id": "c", "text": "{OTHER}"}}\n',
        "utf-8",
    )
    reasons, plain = skipped(tmp_path)
    assert list(reasons) == ["feed.jsonl:2"]
    assert [each["id"] for each in plain["documents"]] == ["a", "c"]


def test_an_absent_field_comes_with_the_fields_found(tmp_path):
    (tmp_path / "feed.jsonl").write_text(
        f'{{"id": "a", "text": "{STORY}"}}\n{{"id": "b", "body": "x", "title": "y"}}\n'
        f'{{"id": "c", "text": "{OTHER}"}}\n',
        "utf-8",
    )
    reasons, _ = skipped(tmp_path)
    for words in ('"text"', '"body"', '"title"'):
        assert words in reasons["feed.jsonl:2"].replace("'", '"')


def test_a_file_beyond_the_size_allowed_is_skipped(pages):
    (pages / "large.txt").write_text("word " * 1000, "utf-8")
    reasons, _ = skipped(pages, "--max-file-size", "2kB")
    assert list(reasons) == ["large.txt"]


def test_a_pipe_is_skipped_and_not_waited_for(pages):
    os.mkfifo(pages / "pipe.txt")
    reasons, _ = skipped(pages)
    assert list(reasons) == ["pipe.txt"]


def test_invalid_utf8_is_read_and_flagged(pages):
    (pages / "odd.txt").write_bytes(STORY.encode() + b" \xff\xfe caf\xe9 " + OTHER.encode())
    plain = json.loads(run("report", pages, "--format", "json").stdout)
    [odd] = [each for each in plain["documents"] if each["id"] == "odd.txt"]
    assert "encoding-damage" in [each["name"] for each in odd["signals"]]


def test_one_document_alone_has_nothing_to_be_compared_with(tmp_path):
    (tmp_path / "only.txt").write_text(STORY, "utf-8")
    done = run("report", tmp_path)
    assert done.exit_code == 0
    assert done.stdout.startswith("nothing to compare: only 1 document was read\n")


def test_none_found_is_not_an_error(tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.txt").write_text(STORY, "utf-8")
    (pages / "b.txt").write_text(OTHER, "utf-8")
    (tmp_path / "c.toml").write_text("[recycled]\nmin_tokens = 30\n", "utf-8")
    done = run("report", pages, "--fail-on", "recycled", "--config", tmp_path / "c.toml")
    assert done.exit_code == 0
    assert done.stdout.startswith("none found: all 2 pages are distinct\n")
    assert "documents 2" in done.stdout


def test_texts_too_short_to_judge_are_not_called_distinct(tmp_path):
    (tmp_path / "a.txt").write_text(STORY, "utf-8")
    (tmp_path / "b.txt").write_text(OTHER, "utf-8")
    done = run("report", tmp_path)
    assert done.stdout.startswith(
        "none found: 2 pages, none of them judged for recycled text\n\nNo family found "
    )
    assert "too short (recycled.min_tokens 100): 2 pages\n" in done.stdout


def test_two_documents_of_one_id_are_an_error_that_names_both(tmp_path):
    lines = f'{{"id": "x", "text": "{STORY}"}}\n' * 2
    (tmp_path / "feed.jsonl").write_text(lines, "utf-8")
    done = run("report", tmp_path)
    assert done.exit_code == 2
    assert "feed.jsonl:1" in done.stderr
    assert "feed.jsonl:2" in done.stderr


def test_an_encoding_nobody_knows_is_refused(pages):
    done = process("report", pages, "--encoding", "klingon-8")
    assert done.returncode == 2
    assert b"klingon-8" in done.stderr
    assert b"Traceback" not in done.stderr


def test_compressed_files_are_read(pages):
    (pages / "d.txt.gz").write_bytes(gzip.compress(STORY.encode()))
    plain = json.loads(run("report", pages, "--format", "json").stdout)
    assert len(plain["families"][0]["members"]) == 3


HOSTILE_NAMES = [
    "\x1b]52;c;ZXZpbA==\x07.txt",
    "[bold]x[-].txt",
    "<script>.txt",
    "a\u202etxt.exe.txt",
    "zero\u200bwidth.txt",
    "line\nbreak.txt",
    b"not-utf8-\xff.txt",
]


@pytest.mark.parametrize("format", list(FORMATS))
def test_hostile_names_and_texts_are_harmless(pages, format):
    for name in HOSTILE_NAMES:
        path = os.path.join(os.fsencode(pages), os.fsencode(name))  # noqa: PTH118
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(f"\x1b]0;owned\x07 <img src=x> {STORY} \u202e[link=x]\u200b @all")
    done = run("report", pages, "--format", format)
    assert done.exit_code == 0, done.stderr
    assert not set(done.stdout + done.stderr) & HOSTILE_CHARACTERS


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "\x1b[31m\u202e"],
        ["report", "x", "-o", "\x1b[31m\u202e"],
        ["report", "x", "--config", "\x1b[31m\u202e"],
        ["report", "x", "--max-file-size", "\x1b[31m\u202e"],
        ["report", "x", "--\x1b[31m\u202e"],
        ["\x1b[31m\u202e"],
        ["compare", "\x1b[31m\u202e", "y"],
    ],
)
def test_what_was_typed_is_harmless_in_messages(arguments):
    done = process(*arguments)
    assert done.returncode == 2
    assert done.stdout == b""
    assert not set(done.stderr.decode("utf-8")) & HOSTILE_CHARACTERS
    assert b"Traceback" not in done.stderr


# --- compare -------------------------------------------------------------------------------------


def test_compare_shows_scores_and_passages_side_by_side(pages):
    (pages / "d.txt").write_text(f"{SENTENCES[2]} {OTHER}", "utf-8")
    done = run("compare", pages / "a.txt", pages / "d.txt", env={"COLUMNS": "80"})
    assert done.exit_code == 0
    assert "│" in done.stdout
    assert "A clockmaker from the next valley" in done.stdout


@pytest.mark.parametrize("format", list(FORMATS))
def test_compare_speaks_every_format(pages, tmp_path, format):
    file = tmp_path / f"out.{SUFFIXES[format]}"
    done = run("compare", pages / "a.txt", pages / "b.txt", "-o", file)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "exact" in file.read_text("utf-8")


def test_beside_a_page_of_one_comparison_stands_nothing(pages, tmp_path):
    done = run("compare", pages / "a.txt", pages / "c.txt", "-o", tmp_path / "pair.html")
    assert done.exit_code == 0, done.stderr
    written = [each.name for each in tmp_path.iterdir() if each != pages]
    assert written == ["pair.html"]
    assert (tmp_path / "pair.html").read_text("utf-8").startswith("<!doctype html>")


def test_files_of_one_name_are_told_apart(pages, tmp_path):
    shutil.copy(pages / "a.txt", tmp_path / "a.txt")
    done = run("compare", pages / "a.txt", tmp_path / "a.txt", "--format", "json")
    plain = json.loads(done.stdout)
    assert plain["pair"]["a"] != plain["pair"]["b"]
    assert plain["pair"]["relation"] == "exact"


def test_a_text_compared_with_itself_is_an_exact_copy(pages):
    done = run("compare", pages / "a.txt", pages / "a.txt", "--fail-on", "exact")
    assert done.exit_code == 1
    assert done.stdout.startswith("exact: ")


def test_compare_wants_one_text_in_each_file(pages, tmp_path):
    feed = tmp_path / "feed.jsonl"
    feed.write_text(f'{{"text": "{STORY}"}}\n{{"text": "{OTHER}"}}\n', "utf-8")
    done = run("compare", feed, pages / "a.txt")
    assert done.exit_code == 2
    assert "holds 2 documents; compare takes two files" in done.stderr.replace("\n", " ")


def test_what_compare_returns_has_its_passages_whatever_the_relation(monkeypatch, pages):
    shared = Passage(0, 10, 5, 15, 0.9, "edited")
    monkeypatch.setattr(
        "dupdetect.detector.compare",
        lambda a, b, _, **__: Pair(a.id, b.id, "distinct", 0, 0, 0, 0, (shared,)),
    )
    done = run("compare", pages / "a.txt", pages / "c.txt", "--format", "json")
    [passage] = json.loads(done.stdout)["pair"]["passages"]
    assert (passage["a_text"], passage["b_text"]) == (STORY[0:10], OTHER[5:15])


# A gate must not pass for want of anything to look at


def test_fail_on_with_nothing_read_is_an_error_after_the_report_was_written(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"body": "x"}\n', "utf-8")
    done = run("report", tmp_path, "--fail-on", "recycled", "-o", tmp_path / "out.json")
    assert done.exit_code == 2
    assert "no document was read" in done.stderr
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["skipped"]


def test_fail_on_a_relation_that_the_lens_never_finds_is_refused(pages):
    done = process("report", pages, "--lens", "recycled", "--fail-on", "near-duplicate")
    assert done.returncode == 2
    assert b"is never met with the lens recycled" in done.stderr


def test_compare_says_why_a_file_gave_no_text(pages):
    (pages / "empty.txt").write_text("", "utf-8")
    done = process("compare", pages / "a.txt", pages / "empty.txt")
    assert done.returncode == 2
    assert b"empty.txt: gives no text: empty" in done.stderr


def test_an_empty_path_is_refused_and_is_not_the_current_folder(pages):
    done = process("report", "", cwd=pages)
    assert done.returncode == 2
    assert b"a path is empty" in done.stderr


def test_settings_saved_by_an_editor_that_writes_a_byte_order_mark_are_read(pages, tmp_path):
    (tmp_path / "s.toml").write_bytes(b'\xef\xbb\xbflens = "near-duplicate"\n')
    done = process("report", pages, "--config", tmp_path / "s.toml", "--format", "json")
    assert json.loads(done.stdout)["settings"]["lens"] == "near-duplicate"
