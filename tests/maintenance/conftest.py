"""Fixtures for tests of what the database itself refuses."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from django.db import connection

from tests.maintenance.ways_in import WAYS, Change, Row, Tried

Way = Callable[[Sequence[Row], Change], Tried]
collect_ignore = ["test_floor_postgres.py" if connection.vendor == "sqlite" else "test_floor_sqlite.py"]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the SQLite file of the same schema is kept."""
    return tmp_path_factory.getbasetemp()


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest, folder: Path) -> Way:
    """Return what changes a row of a scene, by each way in."""

    def change(scene: Sequence[Row], wanted: Change) -> Tried:
        tried: Tried = request.param(scene, wanted, folder)
        return tried

    return change
