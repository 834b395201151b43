"""A development CA of the test run's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandtable.serving.tls.authority import DevelopmentAuthority, open_authority


@pytest.fixture(scope="session")
def ca_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ca")


@pytest.fixture(scope="session")
def authority(ca_folder: Path) -> DevelopmentAuthority:
    return open_authority(ca_folder)
