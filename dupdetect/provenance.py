"""Provenance: what a result must name to be repeated."""

from __future__ import annotations

import platform
import unicodedata
from importlib import metadata

from dupdetect import __version__
from dupdetect.config import Config

_PACKAGES = ("numpy", "scikit-learn", "datasketch", "ftfy")


def settings(config: Config, kernel: str) -> dict[str, object]:
    """What a result must name to be repeated: the configuration, its digest, and the versions.

    Args:
        config: the configuration.
        kernel: which kernels ran, "numpy" or "numba"; the result does not depend on it.
    """
    packages = (*_PACKAGES, "numba") if kernel == "numba" else _PACKAGES
    return {
        "digest": config.digest(),
        "lens": config.lens,
        "config": config.to_dict(),
        "kernel": kernel,
        "versions": {
            "dupdetect": __version__,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in packages},
            "unicode": unicodedata.unidata_version,
        },
    }
