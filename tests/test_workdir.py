"""The working folder: what a run that ended too early leaves behind, and goes on from."""

import contextlib
import errno
import io
import json
import os
import signal
import subprocess
import sys
import traceback
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from dupdetect import Config, InputError, dedupe
from dupdetect.config import NearDuplicateConfig, ReadingConfig
from dupdetect.corpus import ingest, pipeline, shards, workdir
from tests.dedupe_twin import SENTENCES

ROOT = Path(__file__).parent.parent
STORY = " ".join(SENTENCES[:5])
# Few bands: fewer files, and fewer places to be killed at.
CONFIG = Config(near_duplicate=NearDuplicateConfig(threshold=0.6, recall=0.9, num_perm=16))
RESULTS = {"kept.jsonl", "removed.jsonl", "clusters.jsonl", "skipped.jsonl"}
WORK = ".dupdetect-work"

forks = pytest.mark.skipif(sys.platform != "linux", reason="forks to be killed")


def lines(records):
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


@pytest.fixture
def collection(tmp_path, monkeypatch):
    """Fourteen documents, some alike, in shards of five."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(shards, "SHARD_DOCUMENTS", 5)
    monkeypatch.setattr(ingest, "_BATCH_RECORDS", 2)
    texts = [f"{STORY} {SENTENCES[row % 5 + 5]}" for row in range(9)]
    texts += [*SENTENCES[7:10], STORY, f"{STORY} {STORY}"]
    path = tmp_path / "in.jsonl"
    records = [{"id": f"d{row}", "text": text} for row, text in enumerate(texts)]
    path.write_bytes(lines(records) + b"no JSON\n")
    return path


def run(path, output, **more):
    more = {"threads": 1, **more}
    if path == "-":
        more["stdin"] = io.BytesIO((output.parent / "in.jsonl").read_bytes())
    return dedupe(path, output, more.pop("config", CONFIG), **more)


def results(folder):
    return {name: (folder / name).read_bytes() for name in RESULTS}


def is_same(found, expected):
    """Whether two summaries say the same but for times, memory and places."""
    counts = [(stage.name, stage.counts) for stage in found.stages]
    return (
        counts == [(stage.name, stage.counts) for stage in expected.stages]
        and (found.counts, found.caps) == (expected.counts, expected.caps)
        and found.files == expected.files
    )


STEPS = ("replace", "rename", "unlink", "rmdir", "mkdir")


def killed(work, at):
    """Whether a process that does this work was killed before this change of the file system."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside idle threads
        child = os.fork()
    if not child:
        try:
            _kill_before(at)
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _kill_before(at):
    n_left = [at]

    def counting(change):
        def changed(*arguments, **more):
            n_left[0] -= 1
            if n_left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*arguments, **more)

        return changed

    for name in STEPS:
        setattr(os, name, counting(getattr(os, name)))


@forks
@pytest.mark.parametrize(("given", "step"), [("path", 1), ("-", 4)])
def test_a_run_killed_at_any_point_gives_the_same_result_when_resumed(
    collection, tmp_path, given, step
):
    path = collection if given == "path" else "-"
    whole = run(path, tmp_path / "whole")
    for at in range(0, 1000, step):
        folder = tmp_path / f"out{at}"
        if not killed(partial(run, path, folder), at):
            break
        resumed = run(path, folder, resume=True)
        assert results(folder) == results(tmp_path / "whole")
        assert is_same(resumed, whole)
        assert {each.name for each in folder.iterdir()} == {*RESULTS, "summary.json"}
    assert 50 < at < 999  # shards, bands, stages, results, and the cleaning up


@forks
def test_a_run_killed_again_and_again_gives_the_same_result(collection, tmp_path):
    whole = run(collection, tmp_path / "whole")
    folder = tmp_path / "out"
    n_killed = 0
    # Each attempt gets a little further than the last one.
    while killed(lambda: run(collection, folder, resume=True), 6 + n_killed // 4):
        n_killed += 1
    assert n_killed > 5
    assert is_same(run(collection, folder, resume=True), whole)
    assert results(folder) == results(tmp_path / "whole")


@forks
def test_what_stands_under_the_name_of_a_result_is_always_whole(collection, tmp_path):
    run(collection, tmp_path / "whole")
    expected = results(tmp_path / "whole")
    n_killed = 0
    while killed(lambda: run(collection, tmp_path / "out", resume=True), n_killed):
        n_killed += 1
        found = list((tmp_path / "out").glob("*.jsonl"))
        for each in found:
            assert each.read_bytes() == expected[each.name]
        if (tmp_path / "out" / "summary.json").exists():
            assert {each.name for each in found} == RESULTS


@forks
def test_standard_input_is_read_once_and_kept_for_the_next_run(collection, tmp_path):
    def fail(_):
        os.kill(os.getpid(), signal.SIGKILL)

    def first():
        pipeline._fold = fail
        run("-", tmp_path / "out")

    whole = run("-", tmp_path / "whole")
    assert killed(first, 10**6)
    resumed = dedupe("-", tmp_path / "out", CONFIG, resume=True, stdin=io.BytesIO(b""), threads=1)
    assert is_same(resumed, whole)
    assert results(tmp_path / "out") == results(tmp_path / "whole")


@pytest.mark.parametrize("at", [0, 1, 3, 8, 20, 30])
def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(
    collection, tmp_path, monkeypatch, at
):
    whole = run(collection, tmp_path / "whole")
    n_left = [at]

    def full(_):
        n_left[0] -= 1
        if n_left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="be written: No space left on device; free some sp"):
            run(collection, tmp_path / "out")
    assert not list(tmp_path.rglob("*.tmp"))
    assert is_same(run(collection, tmp_path / "out", resume=True), whole)
    assert results(tmp_path / "out") == results(tmp_path / "whole")


def interrupted(collection, output, stage="_fold", **more):
    """A run that was interrupted when a stage began."""

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, stage, interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(collection, output, **more)


@pytest.mark.parametrize(
    "stage", ["read", "_fold", "_propose", "_spool_shingles", "_verify", "_decide", "_write"]
)
def test_an_interrupted_run_leaves_no_result_and_goes_on(collection, tmp_path, stage):
    whole = run(collection, tmp_path / "whole")
    interrupted(collection, tmp_path / "out", stage)
    assert [each.name for each in (tmp_path / "out").iterdir()] == [WORK]
    assert is_same(run(collection, tmp_path / "out", resume=True), whole)
    assert results(tmp_path / "out") == results(tmp_path / "whole")


def test_a_finished_stage_is_not_done_again(collection, tmp_path, monkeypatch):
    interrupted(collection, tmp_path / "out", "_verify")

    def never(*_):
        raise AssertionError

    for stage in ("read", "_fold", "_propose", "_spool_shingles"):
        monkeypatch.setattr(pipeline, stage, never)
    assert run(collection, tmp_path / "out", resume=True).counts["kept"] > 0


def test_threads_memory_and_kernel_may_be_others_when_a_run_goes_on(collection, tmp_path):
    whole = run(collection, tmp_path / "whole")
    interrupted(collection, tmp_path / "out", "_propose", threads=3, memory=2**28)
    resumed = run(collection, tmp_path / "out", resume=True, memory=2**32, kernel="numpy")
    assert is_same(resumed, whole)
    assert results(tmp_path / "out") == results(tmp_path / "whole")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keep": "longest"}, "keep was first, now longest"),
        (
            {"config": Config(near_duplicate=NearDuplicateConfig(threshold=0.7, recall=0.9))},
            r"near_duplicate\.threshold was 0\.6, now 0\.7; near_duplicate\.num_perm was 16, now 1",
        ),
        (
            {"config": Config(near_duplicate=CONFIG.near_duplicate, seed=2)},
            "seed was 1, now 2",
        ),
        (
            {
                "config": Config(
                    near_duplicate=CONFIG.near_duplicate, reading=ReadingConfig(text_field="body")
                )
            },
            r"reading\.text_field was text, now body",
        ),
    ],
)
def test_a_run_does_not_go_on_with_other_settings(collection, tmp_path, change, message):
    interrupted(collection, tmp_path / "out")
    with pytest.raises(InputError, match=f"the unfinished run here is another: {message}"):
        run(collection, tmp_path / "out", resume=True, **change)
    assert run(collection, tmp_path / "out", resume=True).counts["kept"] > 0


def test_a_run_does_not_go_on_with_an_input_that_was_written_to(collection, tmp_path):
    interrupted(collection, tmp_path / "out")
    collection.write_bytes(collection.read_bytes() + lines([{"id": "new", "text": "New."}]))
    with pytest.raises(InputError, match="input has changed: source 1 of 1 is another or was wr"):
        run(collection, tmp_path / "out", resume=True)


def test_a_run_does_not_go_on_with_other_files(collection, tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_bytes(lines([{"id": "new", "text": "New."}]))
    interrupted([collection, other], tmp_path / "out")
    with pytest.raises(InputError, match="input was 2 sources, now 1"):
        run(collection, tmp_path / "out", resume=True)
    with pytest.raises(InputError, match="input had another order"):
        run([other, collection], tmp_path / "out", resume=True)
    with pytest.raises(InputError, match="input was 2 sources, now 1; against was 0 sources"):
        run(collection, tmp_path / "out", resume=True, against=[other])
    assert run([collection, other], tmp_path / "out", resume=True).counts["kept"] > 0


def test_a_run_goes_on_from_another_folder(collection, tmp_path, monkeypatch):
    whole = run(collection, tmp_path / "whole")
    monkeypatch.chdir(tmp_path)
    interrupted("in.jsonl", Path("out"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert is_same(run("../in.jsonl", Path("../out"), resume=True), whole)
    assert (tmp_path / "out" / "kept.jsonl").read_bytes() == results(tmp_path / "whole")[
        "kept.jsonl"
    ]


def test_an_unfinished_run_is_not_thrown_away_by_a_new_one(collection, tmp_path):
    interrupted(collection, tmp_path / "out")
    message = "an unfinished run is here; continue it with --resume"
    with pytest.raises(InputError, match=message):
        run(collection, tmp_path / "out")
    assert run(collection, tmp_path / "out", resume=True).counts["kept"] > 0


def test_resuming_where_nothing_was_begun_begins(collection, tmp_path):
    whole = run(collection, tmp_path / "whole")
    assert is_same(run(collection, tmp_path / "out", resume=True), whole)


@pytest.mark.parametrize("given", ["path", "-"])
def test_resuming_a_finished_run_gives_its_summary(collection, tmp_path, given, monkeypatch):
    path = collection if given == "path" else "-"
    whole = run(path, tmp_path / "out")
    monkeypatch.setattr(pipeline, "read", None)
    again = run(path, tmp_path / "out", resume=True)
    assert again == whole
    assert not (tmp_path / "out" / WORK).exists()


def test_results_that_lack_a_file_are_not_a_finished_run(collection, tmp_path):
    run(collection, tmp_path / "out")
    (tmp_path / "out" / "kept.jsonl").unlink()
    with pytest.raises(InputError, match=r"holds clusters\.jsonl, removed\.jsonl, .* already"):
        run(collection, tmp_path / "out", resume=True)


def test_a_finished_run_of_another_kind_is_not_taken_for_this_one(collection, tmp_path):
    run(collection, tmp_path / "out")
    before = results(tmp_path / "out")
    for more in ({"keep": "longest", "resume": True}, {}):
        with pytest.raises(InputError, match="already; choose another folder, or empty it"):
            run(collection, tmp_path / "out", **more)
    assert results(tmp_path / "out") == before
    assert not (tmp_path / "out" / WORK).exists()


def test_two_runs_in_one_folder_are_refused(collection, tmp_path):
    messages = []

    def run_again(*_):
        for resume in (False, True):
            with pytest.raises(InputError) as error:
                run(collection, tmp_path / "out", resume=resume)
            messages.append(str(error.value))
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "_fold", run_again)
        with pytest.raises(KeyboardInterrupt):
            run(collection, tmp_path / "out")
    assert len(messages) == 2
    assert all("another run uses this folder; wait for it" in each for each in messages)
    assert run(collection, tmp_path / "out", resume=True).counts["kept"] > 0


def test_a_run_that_is_refused_leaves_no_working_folder(collection, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        run([collection, tmp_path / "missing.jsonl"], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_files_of_a_run_that_was_cleaning_up_are_not_taken_for_those_of_a_new_one(
    collection, tmp_path
):
    interrupted(collection, tmp_path / "out", "_verify")
    (tmp_path / "out" / WORK / "manifest.json").unlink()
    other = tmp_path / "other.jsonl"
    other.write_bytes(lines([{"id": "new", "text": "New."}]))
    assert run(other, tmp_path / "out").counts["documents"] == 1


@pytest.mark.parametrize("content", ["", "nonsense", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_manifest_that_is_none_is_told(collection, tmp_path, content):
    interrupted(collection, tmp_path / "out")
    (tmp_path / "out" / WORK / "manifest.json").write_text(content)
    with pytest.raises(InputError, match=r"manifest\.json: not the manifest .*; delete its folder"):
        run(collection, tmp_path / "out", resume=True)


@pytest.mark.parametrize(
    "pattern", ["documents-000001.npz", "rows-000001.npy", "fold.npz", "candidates-000.npy"]
)
@pytest.mark.parametrize("size", [0, 50])
def test_a_damaged_working_file_is_told(collection, tmp_path, pattern, size):
    stage = "_spool_shingles" if pattern.startswith("cand") else "_propose"
    interrupted(collection, tmp_path / "out", stage)
    path = tmp_path / "out" / WORK / pattern
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError, match=f"{pattern}: .*; delete the working folder and run again"):
        run(collection, tmp_path / "out", resume=True)


# The signals themselves

HANGING = """
import sys, time
from dupdetect import cli
from dupdetect.corpus import pipeline
def hang(*_):
    print("hanging", flush=True)
    time.sleep(60)
if sys.argv[1]:
    setattr(pipeline, sys.argv[1], hang)
cli.main(["dedupe", *sys.argv[2:]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_signal_ends_the_program_and_the_next_one_goes_on(collection, tmp_path, number, code):
    arguments = [str(collection), "-o", str(tmp_path / "out")]
    process = start("_verify", arguments)
    assert process.stdout.readline() == "hanging\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Traceback" not in errors
    if number == signal.SIGINT:
        assert "interrupted" in errors
        assert "--resume" in errors
    assert [each.name for each in (tmp_path / "out").iterdir()] == [WORK]
    dedupe(collection, tmp_path / "whole")
    dedupe(collection, tmp_path / "out", resume=True)
    assert results(tmp_path / "out") == results(tmp_path / "whole")


def start(stage, arguments):
    return subprocess.Popen(
        [sys.executable, "-c", HANGING, stage, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


# Its parts


def test_arrays_are_read_as_they_were_written(tmp_path):
    arrays = {
        "numbers": np.arange(5),
        "none": np.empty((0, 3), dtype=np.uint32),
        "turned": np.arange(6, dtype=np.uint32).reshape(2, 3).T,
    }
    workdir.write_arrays(tmp_path / "all.npz", **arrays)
    found = workdir.read_arrays(tmp_path / "all.npz", *arrays)
    for (name, array), read in zip(arrays.items(), found, strict=True):
        workdir.write_array(tmp_path / f"{name}.npy", array)
        for each in (read, np.load(tmp_path / f"{name}.npy", allow_pickle=False)):
            assert each.dtype == array.dtype
            assert each.shape == array.shape
            assert np.array_equal(each, array)


def test_a_file_is_replaced_only_when_its_block_ends_well(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with contextlib.suppress(KeyboardInterrupt), workdir.replacing(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    with workdir.replacing(path) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]
