import importlib
import importlib.util

import pytest

from dupdetect.errors import ConfigError
from dupdetect.sketch import engine, kernels


def broken(name):
    raise AttributeError("numba does not fit this NumPy")


def test_little_work_takes_numpy():
    assert engine.load("auto", 0) is kernels
    assert engine.load("auto", engine.REPAYS_FROM - 1) is kernels
    assert engine.load("numpy", 10**12) is kernels
    assert engine.name(kernels) == "numpy"


def test_much_work_takes_numba_where_it_is_installed():
    pytest.importorskip("numba")
    module = engine.load("auto", engine.REPAYS_FROM)
    assert engine.name(module) == "numba"
    assert module is engine.load("numba", 0)


def test_both_modules_have_the_same_functions():
    pytest.importorskip("numba")
    module = engine.load("numba", 0)
    shared = set(module.__all__) - {"window_resemblance"}  # NumPy has a sparse product for it
    assert all(callable(getattr(kernels, name)) for name in shared)


@pytest.mark.parametrize("failure", [ImportError("no numba"), broken])
def test_a_numba_that_is_missing_or_broken_leaves_numpy(monkeypatch, failure):
    def fail(name):
        if callable(failure):
            failure(name)
        raise failure

    monkeypatch.setattr(importlib, "import_module", fail)
    assert engine.load("auto", 10**12) is kernels
    with pytest.raises(ConfigError, match=r"numba (cannot be imported|is not installed)"):
        engine.load("numba", 0)


def test_asking_for_a_missing_numba_names_the_extra(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("No module named 'numba'")

    monkeypatch.setattr(importlib, "import_module", missing)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r'not installed; .*pip install "dupdetect\[fast\]"'):
        engine.load("numba", 0)


def test_an_unknown_kernel_is_refused():
    with pytest.raises(ConfigError, match="'cuda'; allowed: auto, numpy, numba"):
        engine.load("cuda", 0)
