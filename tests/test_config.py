import json

import pytest

from dupdetect.config import Config, NearDuplicateConfig, RecycledConfig
from dupdetect.errors import ConfigError


def test_all_faults_of_a_table_are_reported_together():
    with pytest.raises(ConfigError) as caught:
        Config.from_dict(
            {
                "lens": 3,
                "colour": "red",
                "near_duplicate": {"threshold": 2, "recall": "high"},
                "recycled": 5,
                "repair": {"encoding": "yes"},
            }
        )
    assert len(caught.value.faults) == 6
    message = str(caught.value)
    for part in ("lens is 3", "colour is not a setting; known: lens", "threshold is 2; allowed"):
        assert part in message


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("near_duplicate", "threshold", True),
        ("near_duplicate", "num_perm", 128.5),
        ("recycled", "window_tokens", 0),
        ("evidence", "min_cosine", float("nan")),
    ],
)
def test_a_value_out_of_range_is_named_with_what_is_allowed(section, name, value):
    with pytest.raises(ConfigError, match=rf"{section}\.{name} is .*; allowed: "):
        Config.from_dict({section: {name: value}})


def test_a_lens_that_does_not_exist_is_refused_with_the_names_of_those_that_do():
    with pytest.raises(ConfigError, match="allowed: all, near-duplicate, recycled"):
        Config(lens="both")


def test_a_stride_longer_than_its_window_is_refused():
    with pytest.raises(ConfigError, match="lower the stride"):
        RecycledConfig(window_tokens=100, stride_tokens=101)


def test_settings_survive_a_round_trip_and_keep_their_digest():
    config = Config(near_duplicate=NearDuplicateConfig(threshold=0.7), seed=9)
    again = Config.from_dict(json.loads(json.dumps(config.to_dict())))
    assert again == config
    assert again.digest() == config.digest()


def test_any_changed_setting_changes_the_digest():
    digests = {
        Config().digest(),
        Config(seed=2).digest(),
        Config(lens="recycled").digest(),
        Config(recycled=RecycledConfig(level=0.01)).digest(),
    }
    assert len(digests) == 4


def test_a_section_must_be_of_its_class():
    with pytest.raises(ConfigError, match="near_duplicate is a dict; it must be a NearDup"):
        Config(near_duplicate={"threshold": 0.3})


def test_settings_that_are_no_table_are_refused():
    with pytest.raises(ConfigError, match="not a table"):
        Config.from_dict(None)
