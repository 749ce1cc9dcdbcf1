import encodings
import itertools
import json
import math
import pkgutil
import re
import string
import time
from pathlib import Path
from random import Random

import numpy as np
import pytest
from ftfy.badness import BADNESS_RE
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.config import RepairConfig
from dupdetect.results import Repair
from dupdetect.text import mojibake, pairs, repair, suspects
from dupdetect.text.charsets import CHARSETS, charsets, decoding_table, irregular_spellings
from dupdetect.text.repair import REPAIR_KINDS, Repaired, repair_text, replay

CASES = Path(__file__).parent / "cases"
SEEDS = Path(__file__).parent.parent / "seeds"


def cases(name):
    lines = (CASES / f"repair_{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def by_label(name):
    return [pytest.param(case, id=case["label"]) for case in cases(name)]


def words(text):
    return re.findall(r"[^\W_]+", text.casefold())


def assert_sound(repaired):
    """What holds for every result, whatever the text."""
    assert replay(repaired.original, repaired.repairs) == repaired.text
    at = 0
    for step in repaired.repairs:
        assert at <= step.start < step.end <= len(repaired.original)
        assert step.before == repaired.original[step.start : step.end]
        assert step.after
        assert step.after != step.before
        assert step.kind in REPAIR_KINDS
        at = step.end


# --- cases --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", by_label("damaged"))
def test_damage_is_repaired(case):
    repaired = repair_text(case["original"])
    assert repaired.text == case["expect"]
    assert_sound(repaired)


@pytest.mark.parametrize("case", by_label("damaged"))
def test_repaired_text_needs_no_repair(case):
    assert repair_text(case["expect"]).repairs == ()


@pytest.mark.parametrize("case", by_label("clean"))
def test_clean_text_is_left_alone(case):
    assert repair_text(case["original"]).repairs == ()


@pytest.mark.parametrize("case", by_label("clean"))
def test_clean_text_is_left_alone_inside_an_english_article(case):
    article = f"The city’s leader spoke first.\n{case['original']}\nThat’s what “they” heard…\n"
    assert repair_text(article).repairs == ()


@pytest.mark.xfail(strict=True, reason="known failures: a pass belongs into repair_damaged.jsonl")
@pytest.mark.parametrize("case", by_label("known_failures"))
def test_known_failure(case):
    assert repair_text(case["original"]).text == case["expect"]


def test_case_files_are_large_and_their_labels_differ():
    names = ("damaged", "clean", "known_failures")
    labels = [case["label"] for name in names for case in cases(name)]
    assert len(labels) == len(set(labels))
    assert len(cases("damaged")) >= 60
    assert len(cases("clean")) >= 80


# --- the seeds ----------------------------------------------------------------------------------


def seed(number):
    (path,) = SEEDS.glob(f"{number}_*.txt")
    return path.read_bytes().decode()


def test_the_no_break_spaces_of_seed_003_are_repaired():
    repaired = repair_text(seed("003"))
    assert "Hong Kong AI" in repaired.text
    steps = [(step.kind, step.before, step.after) for step in repaired.repairs]
    assert steps == [("mojibake", "Ā\xa0", " ")] * 2
    start, end = repaired.repairs[0].start, repaired.repairs[1].end
    assert repaired.original[start - 4 : end + 2] == "HongĀ\xa0KongĀ\xa0AI"


@pytest.mark.parametrize("number", ["000", "001", "002", "004"])
def test_the_other_seeds_are_not_damaged(number):
    assert repair_text(seed(number)).repairs == ()


@pytest.mark.parametrize("charset", ["cp1252", "cp1257"])
@pytest.mark.parametrize("errors", ["replace", "ignore"])
def test_seed_004_through_a_wrong_codec_has_its_words_back(charset, errors):
    damaged = seed("004").encode().decode(charset, errors)
    repaired = repair_text(damaged)
    assert words(repaired.text) == words(seed("004"))
    assert len(repaired.repairs) >= 11
    assert {step.kind for step in repaired.repairs} == {"mojibake"}


# --- a news report through every charset ----------------------------------------------------------

REPORT = """Harbour city’s start-ups shine at Asia’s largest robot fair

  • The city’s mayor has promised a cross-border science hub by 2035 — the plan’s “first step”

Start-ups from the harbour grabbed some of the spotlight at the three-day fair this week, as they
showed products to underscore the city’s ambitions — and Hong\xa0Kong’s.

“Despite its small size, it’s a city that can attract talent,” said a professor – the fair’s host…
“Additionally,” he said, ‘strong’ research, “underpinned by universities.”
"""

READINGS = ("strict", "replace", "ignore", "sloppy")

# Why a charset cannot be undone in a reading; all others must.
HOPELESS = {
    ("cp856", "ignore"): "byte E2 is dropped, and what is left of ’ is a Hebrew word",
    ("cp856", "sloppy"): "byte A2 reads as ¢, which the charset has elsewhere",
    ("cp869", "ignore"): "byte 80 is dropped, and what is left is written in mathematics: θ²",
    ("tis_620", "ignore"): "both other bytes are dropped, and one Thai letter is left",
    ("koi8_t", "ignore"): "byte A0 is dropped, and one Cyrillic letter is left",
}


def read_through(text, charset, reading):
    data = text.encode()
    if reading != "sloppy":
        return data.decode(charset, reading)
    undefined = {
        byte for byte in range(0x80, 0x100) if bytes([byte]).decode(charset, "ignore") == ""
    }
    return "".join(
        chr(byte) if byte in undefined else bytes([byte]).decode(charset) for byte in data
    )


def through_every_charset():
    for charset in CHARSETS:
        for reading in READINGS:
            reason = HOPELESS.get((charset, reading))
            marks = pytest.mark.xfail(strict=True, reason=reason) if reason else ()
            yield pytest.param(charset, reading, id=f"{charset}-{reading}", marks=marks)


@pytest.mark.parametrize(("charset", "reading"), list(through_every_charset()))
def test_a_news_report_through_a_wrong_charset_has_its_words_back(charset, reading):
    try:
        damaged = read_through(REPORT, charset, reading)
    except UnicodeDecodeError:
        return  # such a reading would have failed where it was made
    repaired = repair_text(damaged)
    assert_sound(repaired)
    assert words(repaired.text) == words(REPORT)


@pytest.mark.parametrize("charset", ["cp1252", "latin_1", "cp1251", "cp437", "mac_roman"])
def test_damage_done_twice_is_undone_twice(charset):
    once = read_through(REPORT, charset, "sloppy")
    twice = read_through(once, charset, "sloppy")
    assert repair_text(twice).text == REPORT.replace("\xa0", " ")


def test_damage_in_some_lines_only_is_repaired_in_those_lines():
    lines = REPORT.splitlines(keepends=True)
    damaged = [line.encode().decode("cp1252", "replace") for line in lines[::2]]
    mixed = [new for pair in zip(damaged, lines[1::2], strict=False) for new in pair]
    expected = [new for pair in zip(lines[::2], lines[1::2], strict=False) for new in pair]
    assert words(repair_text("".join(mixed)).text) == words("".join(expected))


def test_every_single_byte_charset_of_python_that_keeps_ascii_is_known():
    letters = (string.ascii_letters + string.digits).encode()
    every_byte = bytes(range(256))
    shipped = {module.name for module in pkgutil.iter_modules(encodings.__path__)}
    # Not charsets of their own: Latin-1 under other names, and what depends on the machine.
    shipped -= {"aliases", "charmap", "latin_1", "mbcs", "oem", "raw_unicode_escape"}
    shipped -= {"unicode_escape"}
    found = set()
    for name in shipped:
        try:
            table = every_byte.decode(name, "replace")
            same = every_byte[::-1].decode(name, "replace") == table[::-1]
            keeps_ascii = letters.decode(name) == letters.decode("ascii")
        except (LookupError, UnicodeError, AttributeError):
            continue
        has_upper_half = set(table[128:]) != {"\ufffd"}
        if len(table) == 256 and same and keeps_ascii and has_upper_half:
            found.add(name)
    assert set(CHARSETS) == found - {"hz"}  # two bytes a character; its upper half holds one


def test_a_charset_writes_back_what_it_reads():
    data = bytes(range(0x80, 0xF5))
    ambiguous = {"cp1006", "mac_arabic", "mac_farsi"}  # one character for two bytes
    for charset in charsets():
        if charset.name not in ambiguous:
            for byte in set(data) - charset.undefined:
                char = bytes([byte]).decode(charset.name)
                assert charset.encode(char) == bytes([byte])


# --- sentences ------------------------------------------------------------------------------------

SENTENCES = {
    "English": "“It’s a naïve café,” she said — the price was 5 € … and that’s all.",
    "French": "L’été dernier, à l’école où j’étais, « ça » coûtait déjà 20 € : voilà.",
    "German": "„Größe“ heißt übrigens Äpfel – für Überraschungen, Öl und Straßen.",
    "Polish": "Zażółć gęślą jaźń, a później „Łódź” – świat.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy – v Čechách.",
    "Turkish": "İstanbul’da çok güzel bir gün; şöyle ığdır çağrısı.",
    "Danish": "Rødgrød med fløde på Ærø – blåbærsyltetøj.",
    "Latvian": "Šodien Rīgā ir skaista diena, “ļoti” žēl, ka jābrauc mājās.",
    "Vietnamese": "Tiếng Việt là ngôn ngữ của người Việt – rất đẹp.",
}


@pytest.mark.parametrize("charset", ["latin_1", "cp437", "cp850", "cp866", "koi8_r", "mac_roman"])
@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES.keys())
def test_a_sentence_through_a_complete_charset_comes_back(sentence, charset):
    assert repair_text(sentence.encode().decode(charset)).text == sentence


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES.keys())
def test_a_sentence_in_any_typography_is_left_alone(sentence):
    for text in (sentence, sentence.upper()):
        assert repair_text(text).repairs == ()
        assert repair_text(text.replace(" ", "\xa0")).repairs == ()
        assert repair_text(re.sub(r"(\w+)", r"„\1“", text)).repairs == ()
        assert repair_text(re.sub(r"(\w+)", r"«\1»", text)).repairs == ()


# --- configuration --------------------------------------------------------------------------------


def test_encodings_are_left_alone_when_switched_off():
    text = "Itâ€™s AT&amp;T \ud83d"
    assert repair_text(text, RepairConfig(encoding=False)).text == "Itâ€™s AT&T \ud83d"


def test_entities_are_left_alone_when_switched_off():
    text = "Itâ€™s AT&amp;T"
    assert repair_text(text, RepairConfig(html_entities=False)).text == "It’s AT&amp;T"


def test_nothing_is_repaired_when_all_is_switched_off():
    text = "Itâ€™s AT&amp;T \ud83d"
    config = RepairConfig(encoding=False, html_entities=False)
    assert repair_text(text, config) == Repaired(text, text)


def test_an_entity_is_repaired_whatever_else_is_in_the_text():
    # ftfy's own default stops at the first "<", so that two copies of a text would differ.
    assert repair_text("a < b &amp; c\nd &amp; e").text == "a < b & c\nd & e"


def test_an_entity_that_stands_for_no_character_stays():
    assert repair_text("a&#11;b &nosuch; &#x110000;").text == "a&#11;b &nosuch; \ufffd"


def test_what_only_matching_needs_is_not_done():
    text = "“curly” ﬁne ＡＢＣ e\u0301 line\r\nend\u2028\x07\x1b[31mred\x1b[0m\u200b"
    assert repair_text(text).repairs == ()


def test_kinds_are_named_after_the_damage():
    steps = repair_text("Itâ€™s &lt; \ud83d\ude00").repairs
    assert [step.kind for step in steps] == ["mojibake", "html-entity", "surrogate"]


def test_two_repairs_of_one_place_are_one_step():
    repaired = repair_text("a caf&Atilde;&copy; b")
    assert repaired.text == "a café b"
    assert repaired.repairs == (Repair("mojibake", 5, 19, "&Atilde;&copy;", "é"),)


def test_a_step_spans_the_damage_only():
    (step,) = repair_text("a long line, itâ€™s said, with one damaged place").repairs
    assert (step.before, step.after) == ("â€™", "’")


# --- what is passed over --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["damaged", "clean", "known_failures"])
def test_skipping_never_changes_what_ftfy_would_answer(name):
    for case in cases(name):
        for line in case["original"].splitlines(keepends=True):
            if not repair._FTFY_MAY_ACT.search(line):
                fixed = repair.ftfy.fix_encoding_and_explain(line, repair._FTFY).text
                assert fixed == line


def repair_suspecting_everything(text, config=RepairConfig()):  # noqa: B008 (frozen)
    """The slow twin: every stage, every charset, whatever a table of pairs says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repair, "_suspicion", lambda _text: repair._ALL)
        patch.setattr(mojibake, "_is_written_in", lambda *_args, **_options: False)
        return repair_text(text, config)


@pytest.mark.parametrize("name", ["damaged", "clean", "known_failures"])
def test_the_cases_are_repaired_as_if_everything_were_suspected(name):
    for case in cases(name):
        text = case["original"]
        assert repair_text(text) == repair_suspecting_everything(text)
        quoted = text.replace(" ", ", “").upper()
        assert repair_text(quoted) == repair_suspecting_everything(quoted)


TARGETS = st.sampled_from(
    [chr(code) for code in range(0xA0, 0x250)] * 3
    + [chr(code) for code in range(0x370, 0x800) if chr(code).isprintable()]
    + list("‘’“”–—…•‹›€™−ạếỳ\u200b\ufeff\ufffd☃✔⠁香港カ한😀𐐀\U000e0100")
)
BETWEEN = st.one_of(
    st.sampled_from("a Z aa 0 . , ; ) - _ “ ” ’ &amp; &eacute; � é РФ สถาบัน 香".split()),
    st.sampled_from([" ", "\n", "\xa0", "\x85", "\ud83d", "В ", "Ã "]),
)


@st.composite
def read_through_one_charset(draw):
    """Damage of one charset, whole or in part, and its characters standing for themselves."""
    charset = draw(st.sampled_from(CHARSETS))
    own = st.sampled_from(decoding_table(charset)[0x80:0xF5].replace("\ufffe", ""))
    damage = st.tuples(TARGETS, st.sampled_from(["replace", "ignore"])).map(
        lambda each: each[0].encode().decode(charset, each[1])
    )
    pieces = draw(st.lists(st.one_of(damage, damage, own, BETWEEN), min_size=1, max_size=14))
    text = "".join(pieces)
    return text.replace("\xa0", " ") if draw(st.booleans()) else text


@settings(max_examples=200, deadline=None)
@given(read_through_one_charset())
def test_damage_is_repaired_as_if_everything_were_suspected(text):
    assert repair_text(text) == repair_suspecting_everything(text)


WORDS = """
    ประชาชน สถาบัน การศึกษา ประเทศไทย สัญญาณ правительство объявило СССР объём έργο Ώθηση μέγεθος
    معرّف الحكومة، بطة، הממשלה ב־ ישראל қазақша назад їжак єдності
""".split()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=30),
    st.sampled_from(["", " ", ", ", "\xa0", "» «", " the "]),
    read_through_one_charset(),
)
def test_damage_in_other_scripts_is_repaired_as_if_everything_were_suspected(chosen, gap, damage):
    text = gap.join(chosen)
    assert repair_text(text) == repair_suspecting_everything(text)
    mixed = text[: len(text) // 2] + damage + text[len(text) // 2 :]
    assert repair_text(mixed) == repair_suspecting_everything(mixed)


@settings(max_examples=60, deadline=None)
@given(read_through_one_charset(), st.booleans(), st.booleans())
def test_what_is_switched_off_changes_nothing_about_what_is_suspected(text, encoding, entities):
    config = RepairConfig(encoding=encoding, html_entities=entities)
    assert repair_text(text, config) == repair_suspecting_everything(text, config)


def found_in_lines(lines, conditions):
    """For each line whether the table of pairs finds something in it under such conditions."""
    starts = np.cumsum([0] + [len(line) + 1 for line in lines])
    at, found = repair._suspects().search("\n".join(lines))
    at = at[found & np.uint16(conditions) != 0]
    return np.diff(np.searchsorted(at, starts)) > 0


def every_condition_but(conditions):
    return 0xFFFF & ~int(conditions)


def test_every_sequence_that_nobody_writes_is_suspected():
    targets = [chr(code) for code in (*range(0xA0, 0x250), *range(0x2000, 0x27C0, 7))]
    targets += [chr(code) for code in (*range(0x1E00, 0x1F00, 9), *range(0x1F000, 0x1FB00, 150))]
    unwritten = []
    for (bit, charset), target in itertools.product(enumerate(CHARSETS), targets):
        raw = target.encode().decode(charset, "replace")
        if len(raw) != len(target.encode()) or raw[0] == "�" or re.search("[ -~]", raw):
            continue  # no sequence: a byte was dropped, is not known or reads as ASCII
        for left, right in itertools.product(("", "a", "Б"), ("", "a")):
            if mojibake._verdict(left, left, raw, target, right, right) > mojibake.Verdict.LIKELY:
                unwritten.append((bit, left + raw + right))
    assert len(unwritten) > 10_000
    proofs = every_condition_but(suspects._MAY_EXPLAIN | suspects._MAY_CHAIN)
    found = found_in_lines([line for _, line in unwritten], proofs)
    assert [line for line, hit in zip(unwritten, found, strict=True) if not hit] == []
    for bit, line in Random(0).sample(unwritten, 3000):
        assert repair._suspicion(line).charsets >> bit & 1


def test_every_lost_space_that_nobody_writes_is_suspected():
    unwritten = []
    for (bit, charset), target in itertools.product(enumerate(CHARSETS), "\xa0à"):
        raw = target.encode()[:1].decode(charset, "replace") + " "
        for left in ("", "a", "Б", "."):
            verdict = mojibake._verdict(left, left, raw, target, "a", "a")
            if raw[0] != "�" and verdict > mojibake.Verdict.LIKELY:
                unwritten.append((bit, left + raw + "a"))
    assert len(unwritten) > 60
    for bit, line in unwritten:
        assert repair._suspicion(line).charsets >> bit & 1


FOREIGN = """
    αβω абщ אבש ابي աբ ܐܒܕ ߊߋ अआक กยา ᚠᚡ ㄱㄴ あいア 一二香港 가나 𐌰𐌱 𠀀𠀁𪀀𪀁
    \U000e0100\U000e0101\U000e01ef \u0483\u0313\u061a
""".split()


def test_every_foreign_word_that_nobody_writes_is_suspected():
    unwritten = 0
    for bit, charset in enumerate(charsets()):
        for letters in FOREIGN:
            for word in map("".join, itertools.product(letters, repeat=2)):
                line = f"({word.encode().decode(charset.name, 'replace')})"
                chains = mojibake._chains(mojibake._sequences(line, charset))
                verdicts = [mojibake._verdicts(line, chain) for chain in chains]
                if any(max(verdict) > mojibake.Verdict.LIKELY for verdict in verdicts):
                    unwritten += 1
                    assert repair._suspicion(line).charsets >> bit & 1, (line, charset.name)
    assert unwritten > 500


@pytest.mark.parametrize("charset", CHARSETS)
def test_what_explains_a_whole_text_is_suspected(charset):
    def read(text):
        return text.encode().decode(charset, "replace")

    space = read("\xa0")
    for text in (
        f"so it went.{space}and so on",
        f"so it went.{space.replace(chr(0xA0), ' ')} and so on",
        f"so it went;{read('ä')} and so on",
        f"so it went:{read('один')} and so on",
        f"the word {read('“')} and {read('”')} so on",
        f"the word {read('–')} and aa{read('•')} so on",
    ):
        # Only in a text of small letters: a mark behind two of them shows that it is one.
        for whole in (text, f"the city’s plan: {text}"):
            assert repair_text(whole) == repair_suspecting_everything(whole)


def patterns_of_ftfy():
    """Each alternative of ftfy's badness test, as the characters to choose from one by one."""
    ((name, (_, alternatives)),) = re._parser.parse(BADNESS_RE.pattern, re.VERBOSE)
    assert str(name) == "BRANCH"
    return [[choices(item) for item in alternative] for alternative in alternatives]


def choices(item):
    match str(item[0]), item[1]:
        case "LITERAL", code:
            return chr(code)
        case "RANGE", (first, last):
            return "".join(map(chr, range(first, last + 1)))
        case "CATEGORY", _:
            return {"CATEGORY_SPACE": " \t\xa0", "CATEGORY_WORD": "aZ0_éДθ一"}[str(item[1])]
        case "IN", members:
            negated = str(members[0][0]) == "NEGATE"  # in one pattern, for ASCII letters
            return " .1éД香" if negated else "".join(map(choices, members))
        case "MAX_REPEAT", (0, 1, optional):
            return ["", *choices(optional[0])]
        case "ANY", _:
            return "a é—"
        case "AT", _:
            return [""]
    raise AssertionError(item)


def test_every_pattern_of_ftfys_badness_test_is_suspected():
    random = Random(0)
    patterns = patterns_of_ftfy()
    assert len(patterns) >= 35
    for pattern in patterns:
        if math.prod(map(len, pattern)) <= 20_000:
            lines = list(map("".join, itertools.product(*pattern)))
        else:
            lines = ["".join(map(random.choice, pattern)) for _ in range(20_000)]
        assert BADNESS_RE.match(lines[0])
        assert len(max(lines, key=len)) <= repair._LONGEST_BAD
        found = found_in_lines(lines, repair._BAD_CONDITIONS)
        assert [line for line, hit in zip(lines, found, strict=True) if not hit] == []
        for line in random.sample(lines, min(len(lines), 20)):
            assert repair._suspicion(line).ftfy
            assert repair._suspicion(f"in {line}\nto").ftfy


def test_no_character_that_begins_a_lost_spelling_is_known_only_by_its_neighbours():
    # _is_written_in looks for irregular spellings in the text, where windows have kinds of letters.
    spellings = [spelling for name in CHARSETS for spelling in irregular_spellings(name)[1]]
    assert len(spellings) > 300
    assert not any(re.search("[0-9A-Za-z\0]", spelling) for spelling in spellings)


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES.keys())
def test_a_clean_sentence_is_passed_over(sentence):
    assert repair._suspicion(sentence) == repair._NONE


@pytest.mark.parametrize(
    "sentence",
    [
        "Правительство объявило о «новом плане» — чтобы жить стало лучше…",
        "Η κυβέρνηση ανακοίνωσε ένα «νέο σχέδιο» για τη χώρα – χθες.",
        "أعلنت الحكومة عن خطة جديدة للمدينة، وقال الوزير إنها ضرورية.",
        "政府宣布了“新的计划”——为了城市的发展……他说：“很好”“不错”。",
        "政府は「新しい計画」を発表した。都市の発展のためだ…",
        "정부는 ‘새로운 계획’을 발표했다 — 도시의 발전을 위해서다.",
        "सरकार ने “नई योजना” की घोषणा की — शहर के विकास के लिए।",
    ],
    ids=["Russian", "Greek", "Arabic", "Chinese", "Japanese", "Korean", "Hindi"],
)
def test_a_clean_sentence_of_another_script_is_passed_over(sentence):
    assert repair._suspicion(sentence) == repair._NONE


def test_a_text_written_in_thai_is_read_in_no_thai_charset():
    text = "นักการเมืองจากสถาบันแห่งหนึ่งกล่าวว่าประเทศไทยกำลังพัฒนา"
    suspected = repair._suspicion(text).charsets
    thai = [charset for bit, charset in enumerate(charsets()) if suspected >> bit & 1]
    assert {charset.name for charset in thai} == {"iso8859_11", "cp874", "tis_620"}
    assert mojibake._without_scripts(text, thai) == []
    assert repair_text(text).repairs == ()


@settings(max_examples=60, deadline=None)
@given(read_through_one_charset(), st.integers(1, 7))
def test_a_text_looked_at_in_blocks_shows_all_that_it_shows_in_one(text, block):
    text = text.replace("\ud83d", "😀")
    at, found = repair._suspects().search(text)
    whole = set(zip(at.tolist(), found.tolist(), strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "_BLOCK", block)
        at, found = repair._suspects().search(text)
    assert whole <= set(zip(at.tolist(), found.tolist(), strict=True))


# --- any text -------------------------------------------------------------------------------------

FRAGMENTS = """
    â€™ â€œ â€\x9d â€� Ã© Ã  Â Ā\xa0 В\xa0 ┬á ÔÇÖ тАЩ Ã¢â‚¬â„¢ Гђ ðŸ˜€ ï»¿ HongĀ\xa0Kong cafÃ© Â\xa0
    &amp; &amp;amp; &#8217; &acirc; &#11; & ; ’ “ ” — • Ā Ã é e\u0301 \u030a \u0928\u093f 香港 香
    Привет В ไทย שלום \ud83d\ude00 \ud83d \udc00 😀 \U0010ffff \x85 \x99 \x1b[0m \x00 \r\n \r
    \u2028 \u200b \ufeff � ? a B 1 . < >
    """.split()
SPACED = [
    "Ā\xa0",
    "В\xa0",
    "Â\xa0",
    "HongĀ\xa0Kong",
    "\r\n",
    "\r",
    "\u2028",
    "\x85",
    " ",
    "\n",
    "\xa0",
]
NASTY = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.sampled_from(SPACED), st.text(max_size=3)), max_size=25
)
TEXTS = st.builds("".join, NASTY)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_replaying_the_steps_gives_the_repaired_text(text):
    repaired = repair_text(text)
    assert repaired.original == text
    assert_sound(repaired)


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.data())
def test_a_span_of_the_repaired_text_is_covered_by_its_span_as_read(text, data):
    repaired = repair_text(text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(repaired.text)), min_size=2, max_size=8)))
    assert repaired.span_as_read(0, len(repaired.text)) == (0, len(text))
    previous = (0, 0)
    for start, end in itertools.pairwise(cuts):
        span = repaired.span_as_read(start, end)
        assert span[0] >= previous[0]
        assert span[1] >= previous[1]
        inside = [step for step in repaired.repairs if step.start < span[1] and span[0] < step.end]
        local = [
            Repair(s.kind, s.start - span[0], s.end - span[0], s.before, s.after) for s in inside
        ]
        assert all(span[0] <= step.start and step.end <= span[1] for step in inside)
        assert repaired.text[start:end] in replay(text[span[0] : span[1]], local)
        if not inside:
            assert text[span[0] : span[1]] == repaired.text[start:end]
        previous = span


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.data())
def test_many_spans_are_mapped_as_one_by_one(text, data):
    repaired = repair_text(text)
    ends = st.integers(0, len(repaired.text))
    pairs = [sorted(pair) for pair in data.draw(st.lists(st.tuples(ends, ends), max_size=6))]
    starts, stops = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    got = np.stack(repaired.spans_as_read(starts, stops), axis=1)
    assert got.tolist() == [list(repaired.span_as_read(start, end)) for start, end in pairs]


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1), (0, 9)])
def test_a_span_outside_the_text_is_an_error(start, end):
    with pytest.raises(ValueError, match="not within a text of 3"):
        repair_text("abc").span_as_read(start, end)
    with pytest.raises(ValueError, match="not within a text of 3"):
        repair_text("abc").spans_as_read([start], [end])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from("the city’s “plan” — it’s naïve • café…".split(" ")), max_size=20),
    st.sampled_from(["cp1252", "cp1257", "cp850", "mac_roman", "koi8_r", "latin_1"]),
)
def test_repairing_damage_that_could_be_proved_leaves_nothing_to_repair(chosen, charset):
    text = " ".join(["it’s", *chosen, "the city’s café"])
    damaged = text.encode().decode(charset, "replace")
    repaired = repair_text(damaged)
    assert words(repaired.text) == words(text)
    assert repair_text(repaired.text).repairs == ()


# --- time -----------------------------------------------------------------------------------------

HOSTILE = {
    "a line of nothing but damage": "â€™" * 100_000,
    "damage between letters": "itâ€™s " * 50_000,
    "layers that are peeled one a pass": "Â" * 300_000 + "©",
    "the same in Cyrillic": "Р" * 300_000 + "Џ",
    "an entity of an entity of …": "&" + "amp;" * 75_000,
    "half pairs": "\ud83d" * 50_000,
    "letters in a row without a space": "Ãa" * 150_000,
    "words that look like damage to a glance": "สถาบัน นักการ " * 20_000,
    "stops that prove nothing": "aaé.Во,не " * 30_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_takes_long(text):
    # Linear time needs about a second a megabyte; quadratic time would need minutes.
    started = time.process_time()
    assert_sound(repair_text(text))
    assert time.process_time() - started < 10
