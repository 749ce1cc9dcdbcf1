"""`dupdetect dedupe`: options, streams, exit codes, and clear words."""

import errno
import gzip
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dupdetect import Config, cli, dedupe
from dupdetect.cli import program
from dupdetect.config import NearDuplicateConfig
from dupdetect.corpus import pipeline
from tests.dedupe_twin import SENTENCES

ROOT = Path(__file__).parent.parent
STORY = " ".join(SENTENCES[:5])
RESULTS = {"kept.jsonl", "removed.jsonl", "clusters.jsonl", "skipped.jsonl", "summary.json"}


def lines(records):
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


@pytest.fixture
def collection(tmp_path):
    """Two copies, a near-duplicate of them, and another text."""
    texts = [STORY, STORY, f"{STORY} More.", SENTENCES[8]]
    path = tmp_path / "in.jsonl"
    path.write_bytes(lines([{"id": f"d{row}", "text": text} for row, text in enumerate(texts)]))
    return path


def run(*arguments, **more):
    return CliRunner().invoke(program, ["dedupe", *map(str, arguments)], **more)


def process(*arguments, prepare=None, cwd=None, stdin=b"", **more):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "dupdetect", "dedupe", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        input=stdin,
        preexec_fn=prepare,
        cwd=cwd,
        capture_output=True,
        check=False,
        timeout=120,
        **more,
    )


def test_what_was_done_is_told_on_standard_output(collection, tmp_path):
    found = process(collection, "-o", tmp_path / "out")
    assert (found.returncode, found.stderr) == (0, b"")
    told = found.stdout.decode().splitlines()
    assert told[:2] == [
        "4 documents: 2 kept, 2 removed",
        "removed: 1 exact, 1 near-duplicate",
    ]
    assert told[2].startswith("took: ")
    assert told[2].endswith(", kernel numpy")
    assert told[3].startswith(f"{tmp_path / 'out'}: kept.jsonl, removed.jsonl")
    assert len(told) == 4
    assert {path.name for path in (tmp_path / "out").iterdir()} == RESULTS


def test_what_was_skipped_is_told_on_standard_error_unless_it_is_quiet(collection, tmp_path):
    collection.write_bytes(collection.read_bytes() + b"no JSON\n" * 30)
    found = run(collection, "-o", tmp_path / "out")
    told = found.stderr.splitlines()
    assert len(told) == 21
    assert told[0].startswith(f"skipped {collection}:5: not valid JSON")
    assert told[-1] == "skipped 10 more: skipped.jsonl lists them"
    assert "skipped: 30 inputs or records" in found.stdout
    quiet = run(collection, "-o", tmp_path / "quiet", "--quiet")
    assert (quiet.exit_code, quiet.stderr) == (0, "")
    assert "2 removed" in quiet.stdout


def test_the_command_does_what_the_function_does(collection, tmp_path):
    assert run(collection, "-o", tmp_path / "command").exit_code == 0
    dedupe(collection, tmp_path / "function")
    for name in RESULTS - {"summary.json"}:
        expected = (tmp_path / "function" / name).read_bytes()
        assert (tmp_path / "command" / name).read_bytes() == expected
    command, function = (
        json.loads((tmp_path / name / "summary.json").read_bytes())
        for name in ("command", "function")
    )
    assert command["run"] == function["run"]
    assert command["settings"] == function["settings"]


def given(monkeypatch, *arguments, config=None):
    """What the function was called with."""
    calls = []

    def fake(paths, output, config, **options):
        calls.append((paths, output, config, options))
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "dedupe", fake)
    result = run(*arguments)
    assert result.exit_code == 1  # of the runner, for what main turns into 130
    (call,) = calls
    return call


def test_every_option_reaches_the_function(collection, tmp_path, monkeypatch):
    (tmp_path / "a.toml").write_text("seed = 5\n[near_duplicate]\nnum_perm = 64\nthreshold = 0.7\n")
    arguments = (
        f"{collection} b.csv -o out --threshold 0.9 --keep longest --against c.jsonl --against d "
        f"--memory 1.5GiB --threads 3 --kernel numpy --resume --config {tmp_path / 'a.toml'} "
        "--text-field body --id-field key --encoding utf-8 --max-file-size 1MB --seed 7 --quiet"
    )
    paths, output, config, options = given(monkeypatch, *arguments.split())
    assert paths == (str(collection), "b.csv")
    assert output == "out"
    assert config.near_duplicate == NearDuplicateConfig(threshold=0.9, num_perm=64)
    assert config.seed == 7
    reading = config.reading
    assert (reading.text_field, reading.id_field, reading.encoding) == ("body", "key", "utf-8")
    assert reading.max_file_size == 10**6
    del options["stdin"], options["progress"]
    assert options == {
        "keep": "longest",
        "against": ("c.jsonl", "d"),
        "memory": 3 * 2**29,
        "threads": 3,
        "kernel": "numpy",
        "resume": True,
        "dry_run": False,
    }


def test_without_options_the_defaults_are_those_of_the_function(monkeypatch, collection):
    _, output, config, options = given(monkeypatch, collection)
    assert output is None
    assert config == Config(near_duplicate=NearDuplicateConfig(threshold=0.8))
    assert (options["keep"], options["against"]) == ("first", ())
    assert (options["memory"], options["threads"], options["kernel"]) == (2**31, None, "auto")
    assert not options["resume"]
    assert not options["dry_run"]


@pytest.mark.parametrize(("threshold", "expected"), [([], 0.7), (["--threshold", "0.9"], 0.9)])
def test_a_file_of_settings_may_be_that_of_a_report(
    collection, tmp_path, monkeypatch, threshold, expected
):
    path = tmp_path / "a.toml"
    path.write_text('lens = "recycled"\n[near_duplicate]\nthreshold = 0.7\n')
    _, _, config, _ = given(monkeypatch, collection, "--config", path, *threshold)
    assert config.near_duplicate.threshold == expected
    assert config.recycled == Config().recycled


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'IN...'"),
        (["", "-o", "{tmp}/out"], "a path is empty: is a variable unset?"),
        (["{in}", "-o", "{tmp}/out", "--against", ""], "a path is empty: is a variable unset?"),
        (
            ["{in}", "-o", "{tmp}/out", "--keep", "newest", "date"],
            "keep is 'newest'; allowed: first, longest, \"newest FIELD\"",
        ),
        (
            ["{in}", "-o", "{tmp}/out", "--keep", "newest dat"],
            "no document has a date in the field 'dat': none of 4, such as {in}:1; name a field",
        ),
        (
            ["{in}", "--dry-run", "--keep", "priority rank"],
            "no document has a number in the field 'rank': none of 4, such as {in}:1",
        ),
        (["{in}"], "there is no output folder; name one with -o"),
        (["{in}", "-o", ""], "there is no output folder; name one with -o"),
        (["{tmp}/missing.jsonl", "-o", "{tmp}/out"], "missing.jsonl: no such file or folder"),
        (["{in}", "-o", "{in}"], "in.jsonl: cannot be written: File exists; name a folder"),
        (["{in}", "-o", "{tmp}/a\0b"], "no name of a folder"),
        (["{tmp}", "-o", "{tmp}/out"], "which is read; choose a folder outside of it"),
        (["{in}", "-o", "{tmp}/out", "--threshold", "2"], "near_duplicate.threshold is 2.0"),
        (["{in}", "-o", "{tmp}/out", "--keep", "best"], "keep is 'best'; allowed: first, longest"),
        (["{in}", "-o", "{tmp}/out", "--keep", "newest"], "newest FIELD"),
        (["{in}", "-o", "{tmp}/out", "--memory", "1MB"], "memory is 1,000,000 bytes; allowed"),
        (["{in}", "-o", "{tmp}/out", "--memory", "much"], "is not a size; write bytes, 500kB"),
        (["{in}", "-o", "{tmp}/out", "--threads", "0"], "threads is 0; allowed: a whole number"),
        (["{in}", "-o", "{tmp}/out", "--kernel", "cuda"], "'cuda' is not one of"),
        (["{in}", "-o", "{tmp}/out", "--against", "-"], "cannot be standard input; give files"),
        (["{in}", "-o", "{tmp}/out", "--against", "{in}"], "deduplicated against itself"),
        (["{in}", "{in}", "-o", "{tmp}/out"], "the same file is given twice"),
        (["{in}", "--dry-run", "--resume"], "a dry run leaves nothing to go on with"),
        (["{in}", "-o", "{tmp}/out", "--encoding", "utf-99"], "utf-99"),
        (["{in}", "-o", "{tmp}/out", "--text-field", "body"], 'no field "body" (found "id", "te'),
    ],
)
def test_what_cannot_be_used_is_told_with_exit_code_2(collection, tmp_path, arguments, message):
    before = collection.read_bytes()
    filled = [each.format(tmp=tmp_path, **{"in": collection}) for each in arguments]
    found = run(*filled)
    assert found.exit_code == 2
    assert message.replace("{in}", str(collection)) in " ".join(found.stderr.split())
    assert found.stdout == ""
    assert "Traceback" not in found.output
    assert collection.read_bytes() == before
    assert not (tmp_path / "out" / ".dupdetect-work").exists()


@pytest.mark.skipif(importlib.util.find_spec("numba") is not None, reason="numba is here")
def test_a_kernel_that_is_missing_is_told(collection, tmp_path):
    found = run(collection, "-o", tmp_path / "out", "--kernel", "numba")
    assert found.exit_code == 2
    assert "dupdetect[fast]" in found.stderr


def test_ids_that_come_twice_name_the_way_out(collection, tmp_path):
    collection.write_bytes(collection.read_bytes() * 2)
    found = run(collection, "-o", tmp_path / "out")
    assert found.exit_code == 2
    assert f"4 records have the id of an earlier one; the first: 'd0', at {collection}:1" in (
        " ".join(found.stderr.split())
    )
    again = run(collection, "-o", tmp_path / "out", "--id-field", "")
    assert again.exit_code == 0
    assert "8 documents: 2 kept, 6 removed" in again.stdout


def test_a_dry_run_needs_no_folder(collection, tmp_path):
    found = run(collection, "--dry-run")
    assert found.exit_code == 0
    assert found.stdout.splitlines()[:2] == [
        "4 documents: 2 would be kept, 2 would be removed",
        "would be removed: 1 exact, 1 near-duplicate",
    ]
    assert found.stdout.count("\n") == 3
    assert list(tmp_path.iterdir()) == [collection]


def test_documents_without_the_field_of_the_policy_are_counted(collection, tmp_path):
    rows = [json.loads(line) for line in collection.read_bytes().splitlines()]
    rows[0]["date"], rows[1]["date"] = "2026-01-02", "soon"
    collection.write_bytes(lines(rows))
    found = run(collection, "-o", tmp_path / "some", "--keep", "newest date")
    assert "3 documents have no readable date\n" in found.stdout
    for row in rows:
        row["date"] = 2026
    collection.write_bytes(lines(rows))
    assert "readable" not in run(collection, "--dry-run", "--keep", "newest date").stdout


def test_what_hot_buckets_left_out_is_said_to_be_left_out_there_alone(
    collection, tmp_path, monkeypatch
):
    monkeypatch.setattr("dupdetect.match.bands._LEAST_BUDGET", 0)
    monkeypatch.setattr("dupdetect.match.bands._PAIRS_PER_DOCUMENT", 0)
    found = run(collection, "-o", tmp_path / "out")
    caps = json.loads((tmp_path / "out" / "summary.json").read_bytes())["caps"]
    assert caps["hot_buckets"] > 1
    assert (
        f"hot buckets: {caps['hot_buckets']} over all bands; "
        f"{caps['pairs_left_out_of_hot_buckets']} of their pairs were left out there "
        "(another band may have had them)"
    ) in found.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("command", ["dedupe", "schema"])
def test_a_standard_output_that_is_full_is_told(collection, command):
    arguments = [collection, "--dry-run"] if command == "dedupe" else []
    with Path("/dev/full").open("wb") as full:
        found = subprocess.run(
            [sys.executable, "-m", "dupdetect", command, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert found.returncode == 2
    assert found.stderr == (b"Error: standard output cannot be written: No space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "way_on"),
    [
        (["-o", "{tmp}/out"], "name a folder on another disk; then go on with --resume"),
        (["--dry-run"], "has its passing files in the folder that TMPDIR names"),
    ],
)
@pytest.mark.parametrize("stage", ["append", "spool"])
def test_a_disk_without_space_names_the_way_on(
    collection, tmp_path, monkeypatch, arguments, way_on, stage
):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "a"))

    if stage == "append":
        monkeypatch.setattr("dupdetect.corpus.shards.write_array", fail)
    else:
        monkeypatch.setattr("dupdetect.corpus.pipeline.spooling", fail)
    found = run(collection, *(each.format(tmp=tmp_path) for each in arguments))
    assert found.exit_code == 2
    told = " ".join(found.stderr.split())
    assert f"{tmp_path / 'a'}: cannot be written: No space left on device; free" in told
    assert told.endswith(way_on)


def test_results_that_cannot_be_written_for_space_are_gone_on_with(
    collection, tmp_path, monkeypatch
):
    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dupdetect.corpus.writing.replacing", fail)
    found = run(collection, "-o", tmp_path / "out")
    assert found.exit_code == 2
    assert found.stderr.rstrip().endswith("then go on with --resume")
    monkeypatch.undo()
    assert run(collection, "-o", tmp_path / "out", "--resume").exit_code == 0


def test_standard_input_is_json_lines(collection, tmp_path):
    found = process("-", "-o", tmp_path / "out", stdin=collection.read_bytes())
    assert (found.returncode, found.stderr) == (0, b"")
    kept = (tmp_path / "out" / "kept.jsonl").read_bytes()
    assert kept == b"".join(collection.read_bytes().splitlines(keepends=True)[::3])


def test_no_standard_input_is_told(tmp_path):
    found = process("-", "-o", tmp_path / "out")
    assert found.returncode == 2
    assert b"there is no document to deduplicate" in found.stderr


def test_a_corpus_is_deduplicated_against_others(collection, tmp_path):
    others = []
    for number, text in enumerate([SENTENCES[8], SENTENCES[9]]):
        others += ["--against", tmp_path / f"{number}.jsonl"]
        others[-1].write_bytes(lines([{"id": "d0", "text": text}]))
    found = run(collection, "-o", tmp_path / "out", *others)
    assert "4 documents: 1 kept, 3 removed" in found.stdout
    assert "against: 2 documents of another corpus" in found.stdout


def test_a_run_that_was_refused_once_says_how_it_goes_on(collection, tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_verify", interrupt)
        found = run(collection, "-o", tmp_path / "out")
    assert "go on with the same command and --resume" in found.stderr
    refused = run(collection, "-o", tmp_path / "out")
    assert refused.exit_code == 2
    assert "an unfinished run is here; continue it with --resume" in refused.stderr
    other = run(collection, "-o", tmp_path / "out", "--resume", "--threshold", "0.7")
    assert other.exit_code == 2
    assert "near_duplicate.threshold was 0.8, now 0.7" in other.stderr
    resumed = run(collection, "-o", tmp_path / "out", "--resume")
    assert resumed.exit_code == 0
    assert "documents/s" not in resumed.stdout  # most was done before
    again = run(collection, "-o", tmp_path / "out", "--resume")
    assert again.exit_code == 0
    assert "4 documents: 2 kept, 2 removed" in again.stdout


posix = pytest.mark.skipif(sys.platform == "win32", reason="limits and users of POSIX")


@posix
@pytest.mark.parametrize("limit", [100, 2000, 50_000])
def test_a_disk_that_is_full_is_told_and_loses_nothing(tmp_path, limit):
    import resource

    path = tmp_path / "in.jsonl"
    path.write_bytes(
        lines([{"id": str(row), "text": f"{row} of {'x' * 999}"} for row in range(99)])
    )
    found = process(
        path,
        *("-o", tmp_path / "out"),
        prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert found.returncode == 2
    assert b"cannot be written: File too large" in found.stderr
    assert found.stderr.count(b"\n") == 1
    assert {each.name for each in (tmp_path / "out").iterdir()} <= {".dupdetect-work"}
    assert not list(tmp_path.rglob("*.tmp"))
    assert run(path, "-o", tmp_path / "out", "--resume").exit_code == 0
    assert (tmp_path / "out" / "kept.jsonl").read_bytes() == path.read_bytes()


@posix
def test_a_folder_that_may_not_be_written_is_told(collection, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write anywhere")
    found = run(collection, "-o", folder)
    assert found.exit_code == 2
    assert "cannot be written: Permission denied; name a folder that you may write" in found.stderr


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that nobody can write to")
def test_a_file_system_that_cannot_be_written_is_told(collection):
    found = run(collection, "-o", "/proc/dupdetect")
    assert found.exit_code == 2
    assert "/proc/dupdetect: cannot be written: No such file or directory" in found.stderr


@pytest.mark.parametrize("name", ["in.parquet", "in.jsonl.gz"])
def test_an_only_input_that_is_malformed_is_told(tmp_path, name):
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(gzip.compress(b"{" * 999)[:20])
    found = run(tmp_path / name, "-o", tmp_path / "out")
    assert found.exit_code == 2
    assert "there is no document to deduplicate; 1 skipped, the first" in found.stderr


def test_the_help_fits_the_screen_and_names_every_file(tmp_path):
    found = run("--help", env={"COLUMNS": "80"}, terminal_width=80)
    assert found.exit_code == 0
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert "\b" not in found.stdout
    assert r"\b" not in found.stdout
    for name in RESULTS - {"kept.jsonl"}:
        assert f"\n    {name}" in found.stdout


def test_progress_is_drawn_on_a_terminal_alone(collection, tmp_path, monkeypatch):
    drawn = []

    class Bars:
        def __init__(self, *columns, **more):
            self.task_ids = []

        def start(self):
            drawn.append("start")

        def stop(self):
            drawn.append("stop")

        def add_task(self, name, **more):
            self.task_ids = [name]
            return name

        def remove_task(self, task):
            self.task_ids.remove(task)

        def update(self, task, completed, rate):
            drawn.append((task, completed, rate))

    monkeypatch.setattr("rich.progress.Progress", Bars)
    monkeypatch.setenv("TERM", "xterm")
    for is_terminal, quiet in ((True, False), (True, True), (False, False)):
        monkeypatch.setattr(sys.stderr, "isatty", lambda is_terminal=is_terminal: is_terminal)
        drawn.clear()
        with cli._StageProgress(quiet=quiet) as progress:
            dedupe(
                collection, tmp_path / f"out{is_terminal}{quiet}", progress=progress.show, threads=1
            )
        if not is_terminal or quiet:
            assert drawn == []
            continue
        assert (drawn[0], drawn[-1]) == ("start", "stop")
        stages = dict.fromkeys(name for name, _, _ in drawn[1:-1])
        assert list(stages)[:3] == ["read", "fold", "candidates"]
        assert any("documents/s" in rate for name, _, rate in drawn[1:-1] if name == "read")
