import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect import Config, Document, Documents, InputError, compare, detect
from dupdetect.config import EvidenceConfig
from dupdetect.results import RELATIONS, Skipped

STOCK = (
    "The port city has become a vibrant hub for innovation in renewable energy.",
    "Investors are drawn by its skilled workforce and by generous incentives.",
    "Universities work hand in hand with industry to close the gap to practice.",
    "Despite the remarkable progress, the sector still faces several challenges.",
    "Grid capacity, permits and rising costs demand the attention of policymakers.",
    "Local start-ups are developing solutions that address real-world problems.",
    "A robust network of mentors has provided fertile ground for entrepreneurs.",
    "The government has been proactive in creating a favourable environment.",
    "Global partners exchange knowledge and foster growth across the region.",
    "Striking a balance between growth and responsibility will be crucial.",
    "The future of energy in the city looks brighter than ever before.",
    "Smart meters and predictive maintenance improve the quality of urban life.",
)
REPORT = (
    "A fire broke out in a warehouse near the old harbour early on Tuesday. "
    "Nine crews fought the flames for six hours, the fire service said. "
    "One worker was taken to hospital with burns to both hands. "
    "Neighbours spoke of a loud bang shortly after three in the morning. "
    "The building had stood empty since the cannery closed its doors in 2019. "
    "Police have sealed off two streets and ask drivers to avoid the quay. "
    "An inquiry into the cause will begin once the roof has been made safe. "
    "The mayor thanked the volunteers who had opened a school gym for the night. "
    "Some forty people slept there on mattresses lent by the swimming club. "
    "Insurers put the first estimate of the damage at two million euros."
)


def spun(seed):
    """A page from the stock: its own order, its own wording in every other sentence."""
    random_ = random.Random(seed)
    swaps = {"has become": "is now", "several": "many", "crucial": "key", "robust": "strong"}
    chosen = random_.sample(STOCK, 10)
    for index in range(0, 10, 2):
        for old, new in swaps.items():
            chosen[index] = chosen[index].replace(old, new)
    return " ".join(chosen)


def farm(n=3):
    return [Document(f"spun-{row}", spun(row)) for row in range(n)]


def relation(a, b, config=None):
    return detect([Document("a", a), Document("b", b)], config).pairs[0].relation


def one_word_in_twenty_changed(text):
    words = text.split()
    words[10::20] = ["otherwise"] * len(words[10::20])
    return " ".join(words)


def test_the_same_words_are_exact_whatever_their_case_punctuation_or_width():
    assert relation(REPORT, REPORT.upper().replace(".", " !")) == "exact"
    assert relation(REPORT, REPORT.replace("a", "\u200ba").replace("fire", "ｆｉｒｅ")) == "exact"


@pytest.mark.parametrize("codec", ["cp1252", "cp1257"])
def test_a_copy_read_through_the_wrong_codec_is_exact_and_lists_its_repairs(codec):
    curly = REPORT.replace("fire service", "fire service’s man — a “chief” —")
    damaged = curly.encode().decode(codec, errors="replace")
    report = detect([Document("clean", curly), Document("damaged", damaged)])
    assert report.pairs[0].relation == "exact"
    assert report.families[0].relation == "exact"
    assert {repair.kind for repair in report.document("damaged").repairs} == {"mojibake"}
    assert report.document("clean").repairs == ()


def test_one_word_in_twenty_changed_is_a_near_duplicate():
    assert relation(REPORT, one_word_in_twenty_changed(REPORT)) == "near-duplicate"


def test_the_first_half_of_a_text_is_contained_in_it():
    half = REPORT[: len(REPORT) // 2]
    pair = detect([Document("half", half), Document("whole", REPORT)]).pairs[0]
    assert pair.relation == "contained"
    assert pair.containment_a > 0.95
    assert pair.containment_b == pytest.approx(0.5, abs=0.08)


def test_pages_from_one_stock_of_phrases_are_a_recycled_family_and_the_report_is_not_of_it():
    report = detect([*farm(), Document("honest", REPORT)])
    (family,) = report.families
    assert (family.relation, family.members) == ("recycled", ("spun-0", "spun-1", "spun-2"))
    assert report.document("honest").relation == "distinct"
    assert family.n_phrases >= len(family.phrases) > 0


CHINESE = (
    "周二清晨，旧港口附近的一座仓库发生火灾。消防部门表示，九支队伍奋战了六个小时才把火扑灭。"
    "一名工人双手烧伤，被送往医院。附近居民说，凌晨三点过后听到一声巨响。自罐头厂二〇一九年关门以来，"
    "这座建筑一直空着。警方封锁了两条街道，请司机绕开码头。屋顶加固以后，调查将会开始。"
    "市长感谢志愿者打开学校体育馆，让人们过夜。大约四十人睡在游泳俱乐部借来的床垫上。"
)
THAI = (
    "ฝนตกหนักในเมืองเก่าตลอดทั้งคืน น้ำในแม่น้ำสูงขึ้นสามเมตรในคืนเดียว "
    "ชาวนาริมฝั่งตะวันออกย้ายวัวขึ้นเขา ไม่มีใครในเมืองจำน้ำท่วมเช่นนี้ได้ "
    "สภาจะประชุมอีกครั้งในวันพฤหัสบดีเพื่อหารือเรื่องการซ่อมแซม สะพานสองแห่งยังปิดอยู่"
)


@pytest.mark.parametrize("text", [CHINESE, THAI])
def test_relations_hold_in_scripts_written_without_spaces(text):
    edited = text.replace("สะพาน", "ถนน").replace("九支", "七支").replace("码头", "海边")
    assert relation(text, text.replace("。", " ").replace(" ", "\n")) == "exact"
    assert relation(text, edited) == "near-duplicate"
    assert relation(text, text[: len(text) // 2]) == "contained"
    assert detect([Document("a", CHINESE), Document("b", THAI)]).pairs == ()


def test_one_shared_sentence_makes_no_pair():
    assert detect([Document("a", REPORT), Document("b", f"{spun(1)} {REPORT[:70]}")]).pairs == ()


def test_a_copy_of_a_member_joins_the_recycled_family():
    copy = Document("copy", one_word_in_twenty_changed(spun(0)))
    report = detect([*farm(), copy])
    assert report.families[0].members == ("copy", "spun-0", "spun-1", "spun-2")
    assert report.document("copy").relation == "near-duplicate"


def test_documents_carry_the_strongest_relation_of_their_pairs():
    report = detect([*farm(), Document("again", spun(0)), Document("honest", REPORT)])
    for document in report.documents:
        pairs = [p.relation for p in report.pairs if document.id in (p.a, p.b)]
        assert document.relation == min(pairs, key=RELATIONS.index, default="distinct")


def test_the_order_of_the_documents_changes_nothing():
    documents = [*farm(), Document("x", REPORT), Document("y", REPORT[:300]), Document("z", "")]
    expected = detect(documents)
    for seed in range(4):
        shuffled = random.Random(seed).sample(documents, len(documents))
        assert detect(shuffled) == expected


def test_another_seed_gives_the_same_pairs_and_families():
    documents = [*farm(), Document("x", REPORT), Document("y", REPORT[:300])]
    first, second = (detect(documents, Config(seed=seed)) for seed in (1, 77))
    assert (first.pairs, first.families) == (second.pairs, second.families)


def test_renaming_the_documents_renames_the_answer():
    report = detect([*farm(), Document("honest", REPORT)])
    names = {"spun-0": "z", "spun-1": "m", "spun-2": "b", "honest": "a"}
    renamed = detect([Document(names[d.id], d.text) for d in report.documents])
    assert renamed.families[0].members == ("b", "m", "z")
    assert renamed.families[0].keeper == names[report.families[0].keeper]
    assert renamed.families[0].cohesion == pytest.approx(report.families[0].cohesion)
    assert {frozenset((names[p.a], names[p.b])) for p in report.pairs} == {
        frozenset((p.a, p.b)) for p in renamed.pairs
    }


@pytest.mark.parametrize("lens", ["all", "near-duplicate", "recycled"])
def test_compare_says_what_detect_says_of_the_two_alone(lens):
    config = Config(lens=lens)
    texts = [spun(0), spun(1), REPORT, REPORT[:300], one_word_in_twenty_changed(REPORT), ""]
    for i, a in enumerate(texts):
        for b in texts[i:]:
            pair = compare(Document("a", a), Document("b", b), config)
            found = detect([Document("a", a), Document("b", b)], config).pairs
            assert found == (() if pair.relation == "distinct" else (pair,))


def test_compare_shows_passages_of_texts_that_are_distinct():
    pair = compare(REPORT, f"{spun(1)} {REPORT[:70]}")
    assert pair.relation == "distinct"
    assert [(p.a_start, p.a_end, p.kind) for p in pair.passages] == [(0, 70, "identical")]


def test_compare_is_symmetric():
    a, b = spun(0), spun(1)
    there, back = compare(a, b), compare(b, a)
    assert (there.relation, there.jaccard, there.resemblance) == (
        back.relation,
        back.jaccard,
        back.resemblance,
    )
    assert (there.containment_a, there.containment_b) == (back.containment_b, back.containment_a)
    assert {(p.a_start, p.b_start) for p in there.passages} == {
        (p.b_start, p.a_start) for p in back.passages
    }


def test_a_lens_that_is_not_asked_for_says_nothing():
    documents = [*farm(), Document("x", REPORT), Document("y", REPORT[:300])]
    near = detect(documents, Config(lens="near-duplicate"))
    assert {pair.relation for pair in near.pairs} == {"contained"}
    recycled = detect(documents, Config(lens="recycled"))
    assert {pair.relation for pair in recycled.pairs} == {"recycled"}


def test_empty_and_short_texts_match_nothing_but_their_equals():
    documents = [
        Document("empty-1", ""),
        Document("empty-2", " \n"),
        Document("marks", "!!! ???"),
        Document("short-1", "Read more"),
        Document("short-2", "read more!"),
        Document("short-3", "Read less"),
    ]
    pairs = [(pair.a, pair.b, pair.relation) for pair in detect(documents).pairs]
    assert pairs == [("short-1", "short-2", "exact")]


@pytest.mark.parametrize("name", ["0-damaged", "z-damaged"])
def test_of_exact_copies_the_undamaged_one_is_kept(name):
    curly = REPORT.replace("fire service", "fire service’s man — a “chief” —")
    damaged = Document(name, curly.encode().decode("cp1252", errors="replace"))
    assert detect([damaged, Document("clean", curly)]).families[0].keeper == "clean"


def test_the_name_of_a_copy_without_punctuation_decides_nothing():
    flat = spun(0).replace(".", "")
    for name in ("0", "z"):
        report = detect([*farm(3), Document(name, flat)])
        assert sorted(report.families[0].members) == sorted(["spun-0", "spun-1", "spun-2", name])
        assert report.families[0].keeper != name


def test_no_document_and_one_document_are_answers_too():
    assert detect([]).families == ()
    alone = detect([Document("a", REPORT)])
    assert alone.documents[0].relation == "distinct"
    assert (alone.counts["documents"], alone.counts["pairs"]) == (1, 0)


def test_two_documents_with_one_id_are_an_error_that_names_both_places():
    with pytest.raises(InputError, match=r"id 'a': 'here\.txt' and 'there\.txt'"):
        detect([Document("a", "x", source="there.txt"), Document("a", "y", source="here.txt")])


@pytest.mark.parametrize("wrong", [["some text"], "some text", None, [None], 7])
def test_what_is_no_document_is_refused_with_the_way_to_make_one(wrong):
    with pytest.raises(TypeError, match=r"Document\(id=\.\.\., text=\.\.\.\)"):
        detect(wrong)


def test_compare_takes_documents_and_strings_and_nothing_else():
    with pytest.raises(TypeError, match=r"not (Posix|Windows)Path"):
        compare(Path("a.txt"), "text")


def test_settings_must_be_a_config():
    for call in (lambda: detect([], {"lens": "all"}), lambda: compare("a", "b", {})):
        with pytest.raises(TypeError, match=r"Config\.from_dict"):
            call()


def test_a_long_report_has_a_short_repr():
    report = detect(farm(6))
    assert repr(report) == f"Report(6 documents, 1 families, {len(report.pairs)} pairs, 0 skipped)"
    assert repr(Documents(tuple(farm(6)))) == "Documents(6 documents, 0 skipped)"


def test_a_passage_in_which_one_word_of_a_hundred_differs_is_not_identical():
    (passage,) = compare(REPORT, REPORT.replace("six hours", "nine hours")).passages
    assert (passage.a_start, passage.a_end, passage.kind) == (0, len(REPORT), "edited")


def test_what_was_skipped_on_the_way_in_is_in_the_report():
    skipped = (Skipped("x.bin", "binary"),)
    report = detect(Documents((Document("a", REPORT),), skipped))
    assert report.skipped == skipped
    assert report.counts["skipped"] == 1


def test_a_crowd_of_exact_copies_is_one_family_and_its_unlisted_pairs_are_counted():
    listed_copies = EvidenceConfig().max_partners
    n = listed_copies + 10
    report = detect([Document(f"{row:03}", REPORT) for row in range(n)])
    assert len(report.families[0].members) == n
    assert all(document.relation == "exact" for document in report.documents)
    listed = listed_copies * (listed_copies - 1) // 2 + 10
    assert len(report.pairs) == report.counts["pairs"] == listed
    assert report.counts["pairs_not_listed"] == n * (n - 1) // 2 - listed


def test_copies_of_edits_are_listed_with_the_first_copy_of_each_edit():
    words = REPORT.split()
    edits = [" ".join([*words[:row], f"word{row}", *words[row + 1 :]]) for row in range(5, 11)]
    report = detect([Document(f"{row}-{n}", t) for row, t in enumerate(edits) for n in range(6)])
    assert len(report.families[0].members) == 36
    assert len(report.pairs) == 6 * 15 + 15 * 11
    assert report.counts["pairs"] + report.counts["pairs_not_listed"] == 36 * 35 // 2


def test_articles_that_quote_one_release_are_no_family_around_it():
    release = REPORT[len(REPORT) // 2 :]
    stories = [" ".join(f"{word}{n}" for word in REPORT.split()) for n in range(3)]
    documents = [Document(f"story-{n}", f"{text} {release}") for n, text in enumerate(stories)]
    report = detect([*documents, Document("release", release)], Config(lens="near-duplicate"))
    contained = {(p.a, p.b) for p in report.pairs if p.relation == "contained"}
    assert contained == {("release", f"story-{n}") for n in range(3)}
    (family,) = report.families
    assert len(family.members) == 2
    assert family.keeper != "release"


def test_a_crowd_of_edits_lists_the_strongest_pairs_of_each_and_all_with_the_keeper():
    words = REPORT.split()
    edits = [" ".join([*words[:row], f"word{row}", *words[row + 1 :]]) for row in range(5, 45)]
    config = Config(evidence=EvidenceConfig(max_partners=3))
    report = detect([Document(f"{row:02}", text) for row, text in enumerate(edits)], config)
    (family,) = report.families
    assert len(family.members) == 40
    partners = dict.fromkeys(family.members, 0)
    for pair in report.pairs:
        partners[pair.a] += 1
        partners[pair.b] += 1
    assert partners[family.keeper] == 39
    assert min(partners.values()) >= 3
    assert report.counts["pairs"] + report.counts["pairs_not_listed"] == 40 * 39 // 2
    assert report.counts["pairs"] <= 40 * 3 + 39


def test_of_a_family_only_the_strongest_partners_of_each_need_a_witness():
    config = Config(evidence=EvidenceConfig(max_partners=2))
    report = detect(farm(8), config)
    (family,) = report.families
    assert len(family.members) == 8
    assert 4 <= report.counts["recycled_proved"] <= 8 * 2


def test_a_chain_of_edits_is_not_one_family():
    words = REPORT.split()
    chain = [" ".join(words[start : start + 60]) for start in range(0, 100, 12)]
    report = detect([Document(f"{row}", text) for row, text in enumerate(chain)])
    linked = {frozenset((pair.a, pair.b)) for pair in report.pairs}
    for family in report.families:
        assert all(
            frozenset((family.keeper, member)) in linked
            for member in family.members
            if member != family.keeper
        )


@given(st.lists(st.text(max_size=300), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_text_at_all_gives_a_report_whose_spans_lie_in_the_texts(texts):
    report = detect([Document(f"{row}", text) for row, text in enumerate(texts)])
    lengths = {document.id: document.n_chars for document in report.documents}
    for document in report.documents:
        for each in (*document.repairs, *document.signals):
            assert 0 <= each.start <= each.end <= document.n_chars
        for signal in document.signals:
            assert signal.text == document.text[signal.start : signal.end]
    for pair in report.pairs:
        for p in pair.passages:
            assert 0 <= p.a_start < p.a_end <= lengths[pair.a]
            assert 0 <= p.b_start < p.b_end <= lengths[pair.b]


def test_settings_name_what_a_result_needs_to_be_repeated():
    settings_ = detect([]).settings
    assert settings_["digest"] == Config().digest()
    assert {"dupdetect", "python", "numpy", "ftfy", "unicode"} <= set(settings_["versions"])


def test_sentences_that_were_not_compared_are_counted_for_the_pair_and_the_run():
    config = Config(evidence=EvidenceConfig(max_sentences=4))
    documents = [Document("a", REPORT), Document("b", one_word_in_twenty_changed(REPORT))]
    n_beyond = 2 * (REPORT.count(". ") + 1 - 4)
    assert compare(*documents, config).sentences_not_compared == n_beyond
    report = detect(documents, config)
    assert report.pairs[0].sentences_not_compared == n_beyond
    assert report.counts["sentences_not_compared"] == n_beyond


def test_pairs_come_strongest_relation_first_and_then_by_score():
    report = detect([*farm(4), Document("x", REPORT), Document("y", REPORT[:300])])
    keys = [
        (RELATIONS.index(p.relation), -(p.overlap.score if p.relation == "recycled" else p.jaccard))
        for p in report.pairs
    ]
    assert keys == sorted(keys)
    assert {pair.relation for pair in report.pairs} == {"contained", "recycled"}


def test_cohesion_is_the_mean_of_the_scores_that_proved_the_pairs():
    half = detect([Document("half", REPORT[: len(REPORT) // 2]), Document("whole", REPORT)])
    assert half.families[0].cohesion == half.pairs[0].containment_a
    recycled = detect(farm(3))
    mean = sum(pair.resemblance for pair in recycled.pairs) / len(recycled.pairs)
    assert recycled.families[0].cohesion == pytest.approx(mean)


def test_a_name_in_another_script_tells_texts_apart_like_any_other_words():
    names = ["Иван Петров", "Мария Сидорова"]
    short = [f"He posts under the name {name} on our forum." for name in names]
    assert not detect([Document("a", short[0]), Document("b", short[1])]).pairs
    pair = compare(*short)
    assert (pair.relation, pair.jaccard) == ("distinct", 1 / 11)  # 6 windows each, one shared
    long = [f"{REPORT} {text}" for text in short]
    (found,) = detect([Document("a", long[0]), Document("b", long[1])]).pairs
    for pair in (found, compare(*long)):
        assert pair.relation == "near-duplicate"
        assert 0.8 < pair.jaccard < 1
