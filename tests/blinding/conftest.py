"""The marked project of these tests."""

import pytest

from tests.blinding.makers import Scene, make_scene
from tests.conftest import Cast


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return make_scene(cast.project, cast.ada, cast.ben, cast.lea)
