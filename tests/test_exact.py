import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from dupdetect.match.exact import originals

TEXTS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1)), max_size=12)


@given(TEXTS, st.data())
def test_the_original_is_the_preferred_text_with_the_same_digest(texts, data):
    rank = data.draw(st.permutations(range(len(texts))))
    digests = np.array([text[:2] for text in texts], dtype=np.uint64).reshape(-1, 2)
    n_tokens = np.array([text[2] for text in texts], dtype=np.int64)
    expected = [
        min(
            (j for j, other in enumerate(texts) if text[2] and other == text),
            key=lambda j: rank[j],
            default=i,
        )
        for i, text in enumerate(texts)
    ]
    assert originals(digests, n_tokens, np.array(rank, dtype=np.int64)).tolist() == expected
