"""The values that enter and leave: a document is checked where it is made."""

import numpy as np
import pytest

from dupdetect.results import Document, Pair


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"text": b"One text."},
            "Document.text is b'One text.' (bytes); allowed: a str; decode bytes first, leave "
            "missing texts out, or read files with read_documents(...)",
        ),
        ({"text": None}, "Document.text is None (NoneType); allowed: a str; "),
        ({"text": float("nan")}, "Document.text is nan (float); allowed: a str; "),
        (
            {"id": 7},
            "Document.id is 7 (int); allowed: a str that is not empty; "
            "name each document, for instance with str(row)",
        ),
        ({"id": None}, "Document.id is None (NoneType); allowed: a str that is not empty; "),
        ({"source": 1.5}, "Document.source is 1.5 (float); allowed: a str; write str(path), or "),
        ({"encoding": None}, "Document.encoding is None (NoneType); allowed: a str; leave it "),
        ({"decoding_note": ()}, "Document.decoding_note is () (tuple); allowed: a str; leave it "),
    ],
)
def test_a_field_that_is_no_text_is_refused_by_name_with_the_next_step(fields, message):
    with pytest.raises(TypeError) as caught:
        Document(**{"id": "a", "text": "One text.", **fields})
    assert str(caught.value).startswith(message)


def test_an_empty_id_is_refused():
    with pytest.raises(
        ValueError, match=r"^Document\.id is ''; allowed: a str that is not empty; "
    ):
        Document(id="", text="One text.")


def test_a_long_value_is_shortened_in_the_message():
    with pytest.raises(TypeError) as caught:
        Document(id="a", text=b"x" * 10**6)
    assert len(str(caught.value)) < 200


def test_an_array_of_texts_is_refused_like_any_other_value():
    with pytest.raises(TypeError, match=r"^Document\.text is array.* \(ndarray\); allowed: a str"):
        Document(id="a", text=np.array(["one", "two"]))


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "香港"])
def test_any_str_is_a_text(text):
    assert Document(id="a", text=text).text == text


def test_subclasses_of_str_are_taken():
    class Name(str):
        __slots__ = ()

    assert Document(id=Name("a"), text=Name("b")) == Document("a", "b")


def test_a_pair_was_compared_whole_unless_it_says_otherwise():
    assert Pair("a", "b", "distinct", 0.0, 0.0, 0.0, 0.0).sentences_not_compared == 0
