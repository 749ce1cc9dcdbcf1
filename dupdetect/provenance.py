"""Provenance: what a result must name to be repeated."""

from __future__ import annotations

import platform
import unicodedata
from importlib import metadata
from typing import TYPE_CHECKING

from dupdetect import __version__
from dupdetect.config import Config

if TYPE_CHECKING:
    from dupdetect.match.null import Null

_PACKAGES = ("numpy", "scikit-learn", "datasketch", "ftfy", "wordfreq")


def settings(config: Config, kernel: str, null: Null | None = None) -> dict[str, object]:
    """What a result must name to be repeated: the configuration, its digest, and the versions.

    Args:
        config: the configuration.
        kernel: which kernels ran, "numpy" or "numba"; the result does not depend on it.
        null: what the recycled lens held the texts against; None: it did not run.
    """
    packages = (*_PACKAGES, "numba") if kernel == "numba" else _PACKAGES
    return {
        "digest": config.digest(),
        "lens": config.lens,
        "config": config.to_dict(),
        "kernel": kernel,
        "null": None if null is None else _named(null),
        "versions": {
            "dupdetect": __version__,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in packages},
            "unicode": unicodedata.unidata_version,
        },
    }


def _named(null: Null) -> dict[str, object]:
    return {
        "name": null.name,
        "sha256": null.sha256,
        "background": null.background.name,
        "expected_rate": null.expected_rate,
        "strata": [stratum.name for stratum in null.strata],
        "sources": dict(null.sources),
    }
