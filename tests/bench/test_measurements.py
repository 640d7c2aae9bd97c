"""Every measurement that is named can be started."""

import importlib

import pytest

from bench.__main__ import MEASUREMENTS

MODULES = sorted(module for modules in MEASUREMENTS.values() for module in modules)


@pytest.mark.parametrize("name", MODULES)
def test_a_measurement_is_there(name: str):
    """Each module that `make bench` names is found with all that it imports, and has a `main`."""
    assert callable(importlib.import_module(name).main)
