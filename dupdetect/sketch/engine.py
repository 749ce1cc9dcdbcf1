"""Engine: which module of kernels does the work, and why.

In: a wish and the amount of work. Out: kernels.py (NumPy), or kernels_numba.py, which has the same
functions and gives the same bits, only sooner; it needs the extra `fast`.
"""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType
from typing import Literal, get_args

from dupdetect.errors import ConfigError
from dupdetect.sketch import kernels

Kernel = Literal["auto", "numpy", "numba"]
KERNELS: tuple[Kernel, ...] = get_args(Kernel)

_COMPILED = "dupdetect.sketch.kernels_numba"

#: Bytes of text from which numba repays its start. It saves 20 ns a byte (23 ns by NumPy, 3 by
#: numba, measured on English), and starts in 0.3 s from its cache, which repays from 15 MB on, but
#: in 6 s where the cache is empty, from 300 MB on. Between the two, nearer to the usual case.
REPAYS_FROM = 40 * 10**6


def load(kernel: Kernel, n_bytes: int) -> ModuleType:
    """The module of kernels to use.

    Args:
        kernel: "auto" takes numba if it is installed, works, and repays its start.
        n_bytes: how much text is to be read.

    Raises:
        ConfigError: there is no such kernel, or numba is asked for and cannot be imported.

    >>> name(load("auto", 1000))
    'numpy'
    """
    if kernel not in KERNELS:
        raise ConfigError([f"kernel is {kernel!r}; allowed: {', '.join(KERNELS)}"])
    if kernel == "numpy" or (kernel == "auto" and n_bytes < REPAYS_FROM):
        return kernels
    try:
        return importlib.import_module(_COMPILED)
    except Exception as error:  # a numba that does not fit its NumPy raises all sorts of things
        if kernel == "auto":
            return kernels
        raise ConfigError([_missing(error)]) from error


def name(module: ModuleType) -> str:
    """How a report calls a module of kernels: "numpy" or "numba"."""
    return "numpy" if module is kernels else "numba"


def _missing(error: Exception) -> str:
    if importlib.util.find_spec("numba") is None:
        found = "numba is not installed"
    else:
        found = f"numba cannot be imported ({type(error).__name__}: {error})"
    return (
        f'kernel is "numba", and {found}; install it with the extra "fast" '
        '(pip install "dupdetect[fast]"), or choose "auto" or "numpy"'
    )
