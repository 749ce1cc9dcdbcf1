"""The command line: it parses, prints and exits; the work is done by what it calls.

In: arguments, files, a configuration. Out: the result on standard output or in a file; progress,
the closing line and errors on standard error; an exit code. Nothing heavy is imported before a
command runs, so that `--help` answers at once.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import shutil
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import click

from dupdetect import __version__
from dupdetect.config import DEDUPE_THRESHOLD, LENSES, Config
from dupdetect.errors import ConfigError, DupdetectError, InputError
from dupdetect.report import FORMATS, format_for
from dupdetect.report.lists import Limits
from dupdetect.report.safe_text import ascii_lines, escape_json, literal, prose
from dupdetect.results import (
    RELATIONS,
    DedupeSummary,
    Document,
    Documents,
    Pair,
    Report,
    Skipped,
)

EXIT_FOUND, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130

_EXIT_CODES = """\b
Exit codes:
  0    it ran, whatever it found
  1    --fail-on was given, and that relation or a stronger one was found
  2    the command, its settings or its input cannot be used
  130  interrupted
"""
_DEDUPE_NOTES = """\b
Written to OUTDIR, each file whole or not at all:
  kept.*          what is kept: the format, order and bytes of the input
  removed.jsonl   each removed document, the kept one it matches, and why
  clusters.jsonl  each kept document that stands for others, and these
  skipped.jsonl   what could not be read, and why
  summary.json    settings, counts, seconds and memory of each stage, caps

\b
Exit codes:
  0    it ran, whatever it found
  2    the command, its settings or its input cannot be used
  130  interrupted; go on with --resume
"""
_MAX_SKIPPED_LINES = 20

# How every JSON report begins: what begins otherwise is somebody else's file.
_REPORT_START = b'{\n  "schema_version"'
# What stands near the beginning of every page; see report/templates/layout.html.j2.
_PAGE_MARK = b'<meta name="generator" content="dupdetect">'
_PAGE_HEAD = 4_096
# The number of a record or line behind the name of its file.
_RECORD = re.compile(r":[0-9]+$")
# Options of a report for some formats only.
_FOR_FORMATS = {
    "max_families": ("html",),
    "max_pairs": ("html",),
    "no_text": ("html", "json"),
}

_SIZE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))? ?([kmgt]i?b|b)?", re.IGNORECASE)
_UNITS: dict[str, int] = {"": 1, "b": 1} | {
    f"{letter}{kind}": base**power
    for power, letter in enumerate("kmgt", 1)
    for kind, base in (("b", 1000), ("ib", 1024))
}

Command = TypeVar("Command", bound=Callable[..., Any])


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and exit; the one entry of `dupdetect` and `python -m dupdetect`.

    Args:
        arguments: what to parse; None: the arguments of this process.

    Raises:
        SystemExit: always, with the exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name or a text that the terminal's encoding lacks is escaped, not a crash.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = program.main(arguments, prog_name="dupdetect", standalone_mode=False) or 0
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        _show(error)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("dupdetect: interrupted", err=True)
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        _leave_stdout()
        code = 0
    sys.exit(code)


def _show(error: click.ClickException) -> None:
    """Click's own message, with what was typed made harmless."""
    message = io.StringIO()
    error.show(message)
    click.echo("\n".join(map(literal, message.getvalue().split("\n"))), err=True, nl=False)


def _leave_stdout() -> None:
    # The reader is gone; without this, Python complains when it flushes at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@contextmanager
def _faults_as_messages() -> Iterator[None]:
    """Errors a user can mend become a message and exit code 2, not a traceback."""
    try:
        yield
    except ConfigError as error:
        lines = [f"  {prose(fault)}" for fault in error.faults]
        raise _Fault("\n".join(["these settings cannot be used:", *lines])) from error
    except DupdetectError as error:
        raise _Fault("\n".join(map(prose, str(error).splitlines()))) from error


class _Fault(click.ClickException):
    exit_code = EXIT_USAGE


if TYPE_CHECKING:
    from dupdetect.match.null import Null

    _IntType = click.ParamType[int]
else:
    _IntType = click.ParamType  # not generic in the oldest release that is supported


class _Size(_IntType):
    """A number of bytes, with or without a unit."""

    name = "SIZE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        found = _SIZE.fullmatch(str(value).strip())
        if not found:
            self.fail(
                f"{value!r} is not a size; write bytes, 500kB, 10MB, 64MiB, 1.5GiB", param, ctx
            )
        whole, fraction, unit = found.groups(default="")
        return int(Decimal(f"{whole}.{fraction or 0}") * _UNITS[unit.lower()])


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_threshold_option = click.option(
    "--threshold",
    type=float,
    metavar="X",
    help="near_duplicate.threshold: least Jaccard of the word shingles of two texts.  "
    "[default: 0.8]",
)
_config_option = click.option(
    "--config",
    "config_file",
    metavar="FILE.toml",
    help="Settings, at the top of the file or under [tool.dupdetect]; options given here win.",
)
_field_options = _options(
    click.option(
        "--text-field", metavar="NAME", help="Field that holds the text.  [default: text]"
    ),
    click.option(
        "--id-field",
        metavar="NAME",
        help='Field that holds the id; "" names records by file and line.  [default: id where a '
        "record has one]",
    ),
    click.option(
        "--encoding", metavar="NAME", help="Encoding of the files.  [default: found out for each]"
    ),
)
_seed_option = click.option(
    "--seed", type=int, metavar="N", help="Seed of the MinHash permutations.  [default: 1]"
)

_output_options = _options(
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write the result to FILE, whole or not at all; "
        "its suffix names the format: "
        f"{', '.join(suffix for each in FORMATS.values() for suffix in each.suffixes)}.",
    ),
    click.option(
        "--format",
        type=click.Choice(list(FORMATS)),
        help="Form of the result.  [default: by the suffix of FILE, else terminal]",
    ),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colour in the terminal format; auto heeds NO_COLOR, FORCE_COLOR and TERM=dumb.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice([each for each in RELATIONS if each != "distinct"]),
        help="Exit with 1 when this relation or a stronger one is found. From recycled up it is "
        "decided; review is for a person to decide; same-story is no sign of reuse.",
    ),
    click.option("--quiet", is_flag=True, help="Nothing on standard error but errors."),
)

_sharing_options = _options(
    click.option(
        "--max-families",
        type=int,
        metavar="N",
        help="In html: families, and as many groups for review, that are shown in full; the others "
        f"are counted.  [default: {Limits().max_families}]",
    ),
    click.option(
        "--max-pairs",
        type=int,
        metavar="N",
        help="In html: pairs that are shown with their texts; the others are counted.  "
        f"[default: {Limits().max_pairs}]",
    ),
    click.option(
        "--no-text",
        is_flag=True,
        help="In html and json: offsets and scores only, no word of a document. Names stay: see "
        "--anonymize.",
    ),
    click.option(
        "--anonymize",
        is_flag=True,
        help="Numbers in place of the names of documents and files. Texts stay, and may name "
        "people and places: see --no-text.",
    ),
)

_setting_options = _options(
    click.option(
        "--threshold",
        type=float,
        metavar="X",
        help="near_duplicate.threshold: least Jaccard of the word shingles of two texts. A text "
        "that is contained in another is found by near_duplicate.containment, and a recycled "
        "family by its p-value (recycled.level, recycled.review_level), whatever X is.",
    ),
    click.option(
        "--lens",
        type=click.Choice(list(LENSES)),
        help="Look for copies, for recycled texts, or for both.  [default: all]",
    ),
    click.option(
        "--reference",
        metavar="FOLDER",
        help="An archive of texts that you vouch for: calibrate on it what honest texts share.  "
        "[default: a table that comes with the package, for English]",
    ),
    click.option(
        "--null",
        "null_file",
        metavar="FILE",
        help="A table of what honest texts share, from python -m benchmarks.calibrate, instead "
        "of --reference.",
    ),
    _config_option,
    _field_options,
    click.option(
        "--max-file-size",
        type=_Size(),
        metavar="SIZE",
        help="Skip larger files: bytes, 10MB, 64MiB.  [default: 64MiB]",
    ),
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXIT_CODES,
)
@click.version_option(__version__, prog_name="dupdetect")
def program() -> None:
    """Find texts that recycle each other, and prove it passage by passage."""


@program.command(epilog=_EXIT_CODES)
@click.argument("paths", nargs=-1, required=True, metavar="PATHS...")
@_output_options
@_sharing_options
@_setting_options
@_seed_option
@click.pass_context
def report(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Which of these texts recycle which, with the evidence.

    PATHS are files, folders (read with all they hold), or - for JSON lines on standard input.
    Read are .txt, .md, .markdown, .html, .htm, .jsonl, .ndjson, .csv, .tsv, and each of them
    with .gz. Beside a page that is written to FILE.html stands its JSON in FILE.json.
    """
    started = time.perf_counter()
    with _faults_as_messages():
        config, target, limits = _config(options), _report_target(options), _limits(options)
        with _Progress(quiet=options["quiet"]) as progress:
            null = _null(options, config, progress)
            progress.say(f"reading {', '.join(paths)}")
            documents, earlier = _without_earlier(target, _read(paths, config))
            progress.say(f"comparing {len(documents):,} documents")
            from dupdetect.detector import detect

            result = detect(documents, config, null=null)
            progress.say("writing the report")
            shared = _shared(result, options)
            text = _rendered(shared, target, limits)
        if target.beside:
            # First: a page never names a file that is not there.
            _write_whole(target.beside, FORMATS["json"].load().render(shared))
        target.write(text)
    if not options["quiet"]:
        _say_earlier(earlier)
        _close(result, target, time.perf_counter() - started)
    if options["fail_on"] and not result.documents:
        raise _Fault(
            "no document was read, so --fail-on cannot tell; see what was skipped, and why"
        )
    _exit_by(ctx, options, result.pairs)


@program.command(epilog=_EXIT_CODES)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@_output_options
@_setting_options
@click.pass_context
def compare(ctx: click.Context, /, a: str, b: str, **options: Any) -> None:  # noqa: ANN401
    """Two texts, exactly compared: scores, and passages side by side.

    A and B are files with one text each.
    """
    with _faults_as_messages():
        config, target = _config(options), _target(options)
        with _Progress(quiet=options["quiet"]) as progress:
            null = _null(options, config, progress)
        first, second = (_only_document(path, config) for path in (a, b))
        if first.id == second.id:
            first, second = (
                replace(first, id=a),
                replace(second, id=b if a != b else f"{b} (again)"),
            )
        from dupdetect.detector import compare as compare_texts
        from dupdetect.match.null import shipped
        from dupdetect.provenance import settings

        pair = compare_texts(first, second, config, null=null)
        held_against = None if config.lens == "near-duplicate" else null or shipped()
        renderer = FORMATS[target.format].load()
        target.write(
            renderer.render_pair(
                pair,
                first,
                second,
                settings=settings(config, "numpy", held_against),
                width=target.width,
                color=target.color,
            )
        )
    _exit_by(ctx, options, [pair])


@program.command(epilog=_DEDUPE_NOTES)
@click.argument("paths", nargs=-1, required=True, metavar="IN...")
@click.option(
    "-o", "--output", metavar="OUTDIR", help="Folder for the results; made if it is missing."
)
@_threshold_option
@click.option(
    "--keep",
    default="first",
    show_default=True,
    metavar="POLICY",
    help='Which of two is kept: first, longest, cleanest (fewest repairs), "newest FIELD", or '
    '"priority FIELD" (the greater number). Ties are settled by id.',
)
@click.option(
    "--against",
    multiple=True,
    metavar="OTHER",
    help="Remove what this corpus already has; it is read, and not written. May be given again.",
)
@click.option(
    "--memory",
    type=_Size(),
    default="2GiB",
    show_default=True,
    metavar="SIZE",
    help="Memory the process may take, at least 256MiB; less makes it slower, and changes nothing "
    "else.",
)
@click.option("--threads", type=int, metavar="N", help="Threads.  [default: one for each core]")
@click.option(
    "--kernel",
    type=click.Choice(["auto", "numpy", "numba"]),
    default="auto",
    show_default=True,
    help="What does the work; the result is the same. auto takes numba (extra: fast) for large "
    "inputs.",
)
@click.option("--resume", is_flag=True, help="Go on with a run that was interrupted.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write nothing; say what would be removed. Passing files go to the folder that TMPDIR "
    "names.",
)
@_config_option
@_field_options
@click.option(
    "--max-file-size",
    type=_Size(),
    metavar="SIZE",
    help="Skip larger text and HTML files; files of records may have any size.  [default: 64MiB]",
)
@_seed_option
@click.option("--quiet", is_flag=True, help="Nothing on standard error but errors.")
def dedupe(paths: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Remove copies and near-duplicates, and say which kept document each one matches.

    IN are files, folders, or - for JSON lines on standard input: all that report reads, Parquet
    (extra: parquet), and .zst (extra: zstd), of any size. Two documents match if they have the
    same words, or a Jaccard of their word shingles at the threshold or above.
    """
    with _faults_as_messages():
        config = _dedupe_config(options)
        from dupdetect.corpus.pipeline import dedupe as dedupe_files

        with _resumable(options), _StageProgress(quiet=options["quiet"]) as progress:
            summary = dedupe_files(
                paths,
                options["output"],
                config,
                stdin=sys.stdin.buffer if sys.stdin else None,
                progress=progress.show,
                **{name: options[name] for name in _DEDUPE_OPTIONS},
            )
    _print(_summary_lines(summary, options), "terminal")
    if not options["quiet"]:
        _say_skipped(summary.skipped, "skipped.jsonl lists them")


# The defaults of dedupe where they differ from those of a report.
_DEDUPE_DEFAULTS = {"near_duplicate": {"threshold": DEDUPE_THRESHOLD}}
_DEDUPE_OPTIONS = ("keep", "against", "memory", "threads", "kernel", "resume", "dry_run")


def _dedupe_config(options: Mapping[str, Any]) -> Config:
    """The settings of dedupe, whose threshold is that of copies, whatever the lens."""
    config = _config(
        {**options, "threshold": None, "lens": None, "fail_on": None}, _DEDUPE_DEFAULTS
    )
    if options["threshold"] is None:
        return config
    near = replace(config.near_duplicate, threshold=options["threshold"])
    return replace(config, near_duplicate=near)


@contextmanager
def _resumable(options: Mapping[str, Any]) -> Iterator[None]:
    """Say to who interrupts a run that it can go on."""
    try:
        yield
    except KeyboardInterrupt:
        if not options["dry_run"]:
            click.echo("dupdetect: go on with the same command and --resume", err=True)
        raise


def _summary_lines(summary: DedupeSummary, options: Mapping[str, Any]) -> str:
    """What was done, for people."""
    counts, caps = summary.counts, summary.caps
    would_be = "would be " * options["dry_run"]
    exact, near = counts["removed_exact"], counts["removed_near_duplicate"]
    n_documents, n_against = counts["documents"], counts["documents_against"]
    lines = [
        f"{n_documents:,} document{'s' * (n_documents != 1)}: {counts['kept']:,} {would_be}kept, "
        f"{counts['removed']:,} {would_be}removed",
        f"{would_be}removed: {exact:,} exact, {near:,} near-duplicate",
    ]
    lines += [f"against: {n_against:,} documents of another corpus"] * bool(n_against)
    lines += [f"skipped: {counts['skipped']:,} inputs or records"] * bool(counts["skipped"])
    lines += [_without_value(counts["without_keep_value"], options["keep"])] * bool(
        counts["without_keep_value"]
    )
    lines += [
        f"hot buckets: {caps['hot_buckets']:,} over all bands; "
        f"{caps['pairs_left_out_of_hot_buckets']:,} of their pairs were left out there (another "
        "band may have had them)"
    ] * bool(caps["hot_buckets"])
    spent = [f"{summary.elapsed_s:,.1f} s"]
    if not options["resume"]:  # what an earlier run has read counts for nothing here
        spent.append(f"{n_documents / max(summary.elapsed_s, 1e-9):,.0f} documents/s")
    spent += [] if summary.peak_mib is None else [f"{summary.peak_mib:,.0f} MiB"]
    spent.append(f"kernel {summary.settings['kernel']}")
    lines.append(f"took: {', '.join(spent)}")
    if summary.files:
        lines.append(f"{literal(options['output'])}: {', '.join(summary.files)}")
    return "\n".join(lines) + "\n"


def _without_value(n_documents: int, keep: str) -> str:
    _, _, field = keep.strip().partition(" ")
    have = "documents have" if n_documents != 1 else "document has"
    return f"keep: {n_documents:,} {have} no readable {literal(field.strip())}"


@program.command()
def schema() -> None:
    """Print the JSON Schema of the JSON report."""
    file = resources.files("dupdetect.report").joinpath("schema/report.schema.json")
    _print(file.read_text("utf-8"), "json")


def _config(options: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> Config:
    """The settings of the file, with those given on the command line over them.

    Args:
        options: what was given.
        defaults: of this command, where they differ from the common ones.
    """
    path = options["config_file"]
    values = _laid_over(defaults or {}, _read_config(path) if path else {})
    lens = options["lens"] or values.get("lens")
    if lens == "recycled" and options["fail_on"] in ("near-duplicate", "contained"):
        raise InputError(
            f"--fail-on {options['fail_on']} is never met with the lens recycled, which finds no "
            "copies but exact ones; use --fail-on recycled, or another lens"
        )
    if lens == "recycled" and options["threshold"] is not None:
        raise InputError(
            "--threshold is for copies, which the lens recycled does not look for; set "
            "recycled.level in a file for --config, or use another lens"
        )
    given = {
        "lens": options["lens"],
        "seed": options.get("seed"),
        "near_duplicate": {"threshold": options["threshold"]},
        "reading": {
            name: options.get(name)
            for name in ("text_field", "id_field", "encoding", "max_file_size")
        },
    }
    return Config.from_dict(_laid_over(values, given))


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Nested values, the upper ones winning unless they are None.

    >>> _laid_over({"a": 1, "b": {"c": 2}}, {"a": None, "b": {"d": 3}})
    {'a': 1, 'b': {'c': 2, 'd': 3}}
    """
    merged = dict(below)
    for name, value in above.items():
        if isinstance(value, Mapping):
            under = merged.get(name, {})
            if isinstance(under, Mapping) and (inner := _laid_over(under, value)):
                merged[name] = inner
        elif value is not None:
            merged[name] = value
    return merged


def _null(options: Mapping[str, Any], config: Config, progress: _Progress) -> Null | None:
    """What honest texts share, from a table or an archive; None: what comes with the package.

    Raises:
        InputError: both are given, or one with a lens that does not use it; or it cannot be read.
        ConfigError: the file holds no such table.
    """
    file, folder = options["null_file"], options["reference"]
    if file is None and folder is None:
        return None
    if file is not None and folder is not None:
        raise InputError("--reference and --null exclude each other; give one of them")
    if config.lens == "near-duplicate":
        given = "--null" if folder is None else "--reference"
        raise InputError(
            f"{given} is for recycled texts, which the lens near-duplicate does not look for; "
            "leave it out, or use another lens"
        )
    if file is not None:
        from dupdetect.match.null import from_json

        try:
            return from_json(Path(file).read_text("utf-8-sig"), file)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", source=file) from error
        except UnicodeDecodeError as error:
            raise InputError(f"not UTF-8: {error}", source=file) from error
    from dupdetect.reference import null_from

    progress.say(f"calibrating on {folder}")
    archive = _read([folder], config)
    null = null_from(archive, config)
    if not options["quiet"]:
        progress.say("")
        _say_skipped(archive.skipped, "all of them in the reference")
    return null


def _read_config(path: str) -> dict[str, Any]:
    try:
        values = tomllib.loads(Path(path).read_text("utf-8-sig"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not valid TOML: {error}", source=path) from error
    if "tool" not in values:
        return values
    tool = values["tool"]
    section = tool.get("dupdetect") if isinstance(tool, dict) else None
    if not isinstance(section, dict):
        raise InputError("there is no table [tool.dupdetect] in it", source=path)
    return section


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the result goes, and in which form.

    Attributes:
        path: the file, or None for standard output.
        beside: the file for all of a report that is shown as a page; None: there is none.
        format: a name in FORMATS.
        color: with ANSI colours.
        width: columns.
    """

    path: Path | None
    format: str
    color: bool
    width: int
    beside: Path | None = None

    @property
    def files(self) -> list[Path]:
        """The files that are written."""
        return [path for path in (self.path, self.beside) if path]

    def write(self, text: str) -> None:
        """Write the result where it belongs.

        Raises:
            InputError: the file cannot be written.
        """
        if self.path is None:
            _print(text, self.format)
        else:
            _write_whole(self.path, text)


def _target(options: Mapping[str, Any]) -> _Target:
    """Where to write, checked before the work is done.

    Raises:
        InputError: the format is not clear, or no file can be made there.
    """
    output, format = options["output"], options["format"]
    to_stdout = output in (None, "-")
    if not to_stdout:
        _check_writable(Path(output))
        format = format or format_for(output)
        if format is None:
            known = ", ".join(suffix for each in FORMATS.values() for suffix in each.suffixes)
            raise InputError(
                f"its name does not tell the format; end it in one of {known}, or give --format",
                source=output,
            )
    return _Target(
        path=None if to_stdout else Path(output),
        format=format or "terminal",
        color=_wants_color(options["color"], to_stdout),
        width=shutil.get_terminal_size().columns if to_stdout else 80,
    )


def _report_target(options: Mapping[str, Any]) -> _Target:
    """Where to write a report, and its JSON beside a page; checked before the work is done.

    Raises:
        InputError: as for `_target`; or an option is for other formats, or the file beside the page
            is not ours to replace.
    """
    target = _target(options)
    for name, formats in _FOR_FORMATS.items():
        given = options[name] is not None and options[name] is not False  # 0 is a limit
        if given and target.format not in formats:
            option = f"--{name.replace('_', '-')}"
            raise InputError(
                f"{option} is for {' and '.join(formats)}, and the result is {target.format}; give "
                f"--format {formats[0]}, end FILE in .{formats[0]}, or leave {option} out"
            )
    path = target.path
    if target.format != "html" or path is None or (path.exists() and not path.is_file()):
        return target  # nothing can stand beside standard output, a device or a pipe
    return replace(target, beside=_beside(path))


def _beside(page: Path) -> Path:
    """The file for all of a report that is shown as this page.

    Raises:
        InputError: it is the page itself, or there is something that is no report, or no file can
            be made there.
    """
    known = format_for(page.name) is not None
    path = page.with_suffix(".json") if known else page.with_name(f"{page.name}.json")
    if path.resolve() == page.resolve():
        raise InputError(
            "is where all of the report would stand, beside the page; end FILE in .html",
            source=str(page),
        )
    _check_writable(path)
    if path.exists() and not _is_report(path):
        raise InputError(
            "is no report, and all of this one would be written there, beside the page; move it, "
            "or give FILE another name",
            source=str(path),
        )
    return path


def _is_report(path: Path) -> bool:
    """Whether a file begins as every JSON report does.

    Raises:
        InputError: it cannot be read.
    """
    return _beginning(path, len(_REPORT_START)) == _REPORT_START


def _is_page(path: Path) -> bool:
    """Whether a file is a page that was written here.

    Raises:
        InputError: it cannot be read.
    """
    return _PAGE_MARK in _beginning(path, _PAGE_HEAD)


def _beginning(path: Path, n_bytes: int) -> bytes:
    if not path.is_file():
        return b""  # to open a pipe would wait for its writer
    try:
        with path.open("rb") as file:
            return file.read(n_bytes)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=str(path)) from error


def _shared(result: Report, options: Mapping[str, Any]) -> Report:
    """The report without what was asked to be left out."""
    from dupdetect.report.sharing import anonymized, without_text

    result = anonymized(result) if options["anonymize"] else result
    return without_text(result) if options["no_text"] else result


def _limits(options: Mapping[str, Any]) -> Limits:
    """How much of a report a page shows.

    Raises:
        ConfigError: a number is below 0.
    """
    given = {name: options[name] for name in ("max_families", "max_pairs")}
    return Limits(**{name: value for name, value in given.items() if value is not None})


def _rendered(result: Report, target: _Target, limits: Limits) -> str:
    if target.format != "html":
        renderer = FORMATS[target.format].load()
        return renderer.render(result, width=target.width, color=target.color)
    from dupdetect.report import html

    return html.render(result, limits=limits, json_name=target.beside.name if target.beside else "")


def _check_writable(path: Path) -> None:
    folder = path.parent
    if path.is_dir():
        raise InputError("is a folder; name a file in it", source=str(path))
    if not folder.is_dir():
        raise InputError(f"there is no folder {str(folder)!r}; make it first", source=str(path))
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise InputError("may not be written: permission denied", source=str(path))


def _wants_color(choice: str, to_stdout: bool) -> bool:
    if choice != "auto":
        return choice == "always"
    if not to_stdout or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _print(text: str, format: str) -> None:
    """To standard output, in the characters it can show."""
    text = _in_characters_of(sys.stdout.encoding or "utf-8", text, format)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_stdout()
    except OSError as error:
        _leave_stdout()  # what is buffered would fail once more at exit
        reason = error.strerror or str(error)
        raise _Fault(f"standard output cannot be written: {reason}") from error


def _in_characters_of(encoding: str, text: str, format: str) -> str:
    """The text with other signs for the characters that an encoding lacks."""
    if format == "html" and codecs.lookup(encoding).name != "utf-8":
        # The page says that it is UTF-8: of another encoding only the ASCII would be read right.
        return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        pass
    else:
        return text
    shown = escape_json(text, ascii_only=True) if format == "json" else ascii_lines(text)
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def _write_whole(path: Path, text: str) -> None:
    """Write a file, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    try:
        _write_file(path, text.encode("utf-8"))
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", source=str(path)) from error


def _write_file(path: Path, data: bytes) -> None:
    """The whole file or none of it: a draft beside it takes its place at the end."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a device or a pipe must not be replaced
        return
    path = path.resolve()
    draft = path.with_name(f".dupdetect-{os.getpid()}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(data)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _read(paths: Sequence[str], config: Config) -> Documents:
    from dupdetect.text.reading import read_documents

    stdin = sys.stdin.buffer if sys.stdin else None
    return read_documents(paths, config.reading, stdin=stdin)


def _without_earlier(target: _Target, documents: Documents) -> tuple[Documents, tuple[Path, ...]]:
    """The documents but for an earlier report in the very files that will be written.

    An earlier page or JSON report is neither read nor skipped: a second run gives the same bytes.
    What Markdown or plain text was before cannot be told, so it is skipped, and the report says so.

    Returns:
        The documents, and the files of an earlier report that were among them.

    Raises:
        InputError: a page or a JSON report would be written over what is none.
    """
    over = {each.source: path for each in documents if (path := _written_over(target, each.source))}
    others = tuple(each for each in documents if each.source not in over)
    if target.format not in ("html", "json"):
        again = [Skipped(source, "the report is written to this file") for source in over]
        return Documents(others, (*documents.skipped, *again)), ()
    for each in documents.skipped:
        if path := _written_over(target, each.source):
            over[each.source] = path
    earlier = tuple(path for path in target.files if path in over.values())
    for path in earlier:
        if not _is_page(path) and not _is_report(path):
            raise InputError(
                "is to be read, and is no earlier report: this one would be written over it; give "
                "FILE another name",
                source=str(path),
            )
    skipped = tuple(each for each in documents.skipped if each.source not in over)
    return Documents(others, skipped), earlier


def _written_over(target: _Target, source: str) -> Path | None:
    """The file to be written from which a document or record was to be read, if there is one."""
    for path in target.files:
        for name in (source, _RECORD.sub("", source)):
            if Path(name).name == path.name and Path(name).resolve() == path.resolve():
                return path if path.is_file() else None
    return None


def _only_document(path: str, config: Config) -> Document:
    documents = _read([path], config)
    if not documents and documents.skipped:
        raise InputError(f"gives no text: {documents.skipped[0].reason}", source=path)
    if len(documents) != 1:
        raise InputError(
            f"holds {len(documents):,} documents; compare takes two files with one text each, "
            "report takes any number",
            source=path,
        )
    return documents[0]


class _Progress:
    """One line on a terminal that says what is being done, and goes when it is; else nothing."""

    def __init__(self, *, quiet: bool) -> None:
        self._on = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.say("")

    def say(self, doing: str) -> None:
        """Say what is being done, in place of what was said before."""
        if self._on:
            columns = shutil.get_terminal_size().columns
            click.echo(f"\r\x1b[K{prose(doing)[: columns - 1]}", nl=False, err=True, color=True)


class _StageProgress:
    """A bar for the stages of a long run, on a terminal; else nothing."""

    def __init__(self, *, quiet: bool) -> None:
        self._on = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._stage = ""
        self._started = 0.0

    def __enter__(self) -> Self:
        if self._on:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                Progress,
                TaskProgressColumn,
                TextColumn,
                TimeRemainingColumn,
            )

            self._bars = Progress(
                TextColumn("{task.description:<10}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._on:
            self._bars.stop()

    def show(self, stage: str, done: float, n_documents: int) -> None:
        """Show how far a stage is.

        Args:
            stage: its name.
            done: its share that is done, in [0, 1].
            n_documents: documents done in it.
        """
        if not self._on:
            return
        if stage != self._stage:
            for task in self._bars.task_ids:
                self._bars.remove_task(task)
            self._task = self._bars.add_task(stage, total=1.0, rate="")
            self._stage, self._started = stage, time.perf_counter()
        elapsed_s = max(time.perf_counter() - self._started, 1e-3)
        rate = f"{n_documents / elapsed_s:,.0f} documents/s" if n_documents else ""
        self._bars.update(self._task, completed=done, rate=rate)


def _say_skipped(skipped: Sequence[Skipped], rest: str) -> None:
    for each in skipped[:_MAX_SKIPPED_LINES]:
        click.echo(f"skipped {literal(each.source)}: {prose(each.reason)}", err=True)
    if (n_more := len(skipped) - _MAX_SKIPPED_LINES) > 0:
        click.echo(f"skipped {n_more:,} more: {rest}", err=True)


def _say_earlier(earlier: Sequence[Path]) -> None:
    if earlier:
        names = " and ".join(literal(str(path)) for path in earlier)
        click.echo(f"dupdetect: not read, because an earlier report: {names}", err=True)


def _close(result: Report, target: _Target, elapsed_s: float) -> None:
    """What was skipped, unless the screen shows it already, and one line on the whole run."""
    if target.path is not None or target.format != "terminal":
        _say_skipped(result.skipped, "the report lists them")
    n_families = len(result.families)
    click.echo(
        f"dupdetect: {len(result.documents):,} document{'s' * (len(result.documents) != 1)}, "
        f"{n_families:,} {'family' if n_families == 1 else 'families'}, "
        f"{len(result.skipped):,} skipped, {elapsed_s:.1f} s{_files_line(target)}",
        err=True,
    )


def _files_line(target: _Target) -> str:
    """Where a page was written, and its JSON."""
    if target.beside is None:
        return ""
    return f"; {literal(str(target.path))}, and its JSON in {literal(str(target.beside))}"


def _exit_by(ctx: click.Context, options: Mapping[str, Any], pairs: Sequence[Pair]) -> None:
    """Leave with 1 when what --fail-on names was found; the result has been written before."""
    wanted = options["fail_on"]
    if wanted is None:
        return
    n_found = sum(RELATIONS.index(pair.relation) <= RELATIONS.index(wanted) for pair in pairs)
    if n_found:
        if not options["quiet"]:
            what = f"{n_found:,} pair{'s are' if n_found != 1 else ' is'} {wanted} or stronger"
            click.echo(f"dupdetect: {what} (--fail-on {wanted})", err=True)
        ctx.exit(EXIT_FOUND)
