import math
import subprocess
import sys

import numpy as np
import pytest
import wordfreq
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.text.background import (
    MIN_ENGLISH_SHARE,
    STOP_WORDS,
    english_share,
    is_english,
    zipf,
)
from dupdetect.text.tokens import tokenize

# Written for this test: the same three sentences in each language.
COUNCIL = {
    "German": "Der Rat der Stadt hat am Montag beschlossen, die alte Brücke in diesem Jahr zu "
    "reparieren. So war es in der Zeitung zu lesen. Das Geld dafür kommt aus dem Haushalt.",
    "Dutch": "De gemeenteraad heeft maandag besloten om de oude brug dit jaar te herstellen. Zo "
    "was het in de krant te lezen. Het geld is al in de begroting opgenomen.",
    "French": "Le conseil municipal a décidé lundi de réparer le vieux pont cette année. On a pu "
    "le lire dans le journal. L’argent vient du budget de la ville.",
    "Spanish": "El ayuntamiento decidió el lunes reparar el viejo puente este año. Así se ha "
    "podido leer en el periódico. El dinero no sale del presupuesto de la ciudad.",
    "Hungarian": "A városi tanács hétfőn úgy döntött, hogy az idén megjavítja a régi hidat. Ez "
    "volt olvasható az újságban is. A pénz a város költségvetéséből jön.",
    "Thai": "สภาเมืองตัดสินใจเมื่อวันจันทร์ว่าจะซ่อมสะพานเก่าในปีนี้ ตามที่อ่านได้ในหนังสือพิมพ์",
    "Chinese": "市议会周一决定今年修复这座旧桥。报纸上是这么说的。资金来自城市预算。",
    "Chinese with English names": "我们使用AI技术和The Bridge平台修复这座旧桥，报纸上是这么说的。",
}
ENGLISH = (
    "The town council decided on Monday to repair the old bridge this year. That's how it could be "
    "read in the paper. The money doesn't come from the city's budget."
)


def test_plain_words_are_as_common_as_wordfreq_says():
    # None of them is a part of a contraction, which counts for more here.
    words = ["the", "harbour", "serendipity", "2021", "10", "1000000", "qwrtz", "香"]
    assert zipf(words).tolist() == [wordfreq.zipf_frequency(word, "en") for word in words]


def test_the_parts_of_contractions_are_as_common_as_the_contractions():
    parts = tokenize("They don't, we'll and it didn't.").words
    value = dict(zip(parts, zipf(parts).tolist(), strict=True))
    assert value["don"] >= wordfreq.zipf_frequency("don't", "en")
    assert value["didn"] == pytest.approx(wordfreq.zipf_frequency("didn't", "en"), abs=0.01)
    assert value["ll"] > wordfreq.zipf_frequency("we'll", "en")
    assert set(parts) <= STOP_WORDS


@given(st.lists(st.text(max_size=12) | st.from_regex(r"[0-9]{1,30}[a-z]?", fullmatch=True)))
def test_every_token_has_a_value_on_the_scale_and_in_hundredths(words):
    values = zipf(words)
    assert values.shape == (len(words),)
    assert values.dtype == np.float64
    assert all(0 <= value < 8 and value == round(value, 2) for value in values.tolist())


def test_the_value_of_a_word_does_not_depend_on_the_words_around_it():
    words = ["harbour", "2021", "qwrtz", "don"]
    assert zipf(words).tolist() == [zipf([word]).item() for word in words]
    assert zipf(words[::-1]).tolist() == zipf(words).tolist()[::-1]


def test_function_words_are_common_and_cut_as_tokens_are():
    assert all(word in tokenize(word).words for word in STOP_WORDS)
    assert np.median(zipf(sorted(STOP_WORDS))) > 5.5


def test_english_is_told_from_other_languages():
    assert is_english(tokenize(ENGLISH).words)
    shares = {name: english_share(tokenize(text).words) for name, text in COUNCIL.items()}
    assert max(shares.values()) < MIN_ENGLISH_SHARE, shares


def test_no_tokens_are_not_english():
    assert english_share([]) == 0
    assert not is_english(iter(()))


def test_function_words_are_rare_in_the_lists_of_other_languages():
    def share(language):
        frequencies = wordfreq.get_frequency_dict(language, "small")
        return math.fsum(
            frequencies.get(word, 0) for word in STOP_WORDS if len(word) > 1
        ) / math.fsum(frequencies.values())

    assert share("en") > 2 * MIN_ENGLISH_SHARE
    assert max(map(share, ("de", "fr", "es", "nl", "hu", "ca"))) < MIN_ENGLISH_SHARE / 2


def test_wordfreq_is_loaded_on_first_use_only():
    code = (
        "import sys; from dupdetect.text import background as b; early = 'wordfreq' in sys.modules;"
        "b.zipf(['a']); print(early, 'wordfreq' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
