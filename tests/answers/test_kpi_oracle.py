"""Every KPI of a run, worked out from its folder's tables alone by code that imports nothing of the product."""

from pathlib import Path

import pytest

from tests.common.kpi_oracle import parted, unknown


@pytest.mark.parametrize("scenario", ["component-delay", "line-stoppage", "serial-line"])
def test_every_kpi_is_worked_out_again_from_the_tables(scenario: str, plantsync, tmp_path: Path) -> None:
    short = () if scenario == "serial-line" else ("--set", "horizon=16d", "--set", "warmup=3d")
    code, _, err = plantsync("run", scenario, *short, "--jobs", "1", "--out", tmp_path / "runs", "-q")
    assert code in (0, 3), err
    (folder,) = (tmp_path / "runs").glob("*/*")
    assert parted(folder) == []
    assert unknown(folder) == set()


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["component-delay", "line-stoppage"])
def test_every_kpi_of_a_whole_library_scenario(scenario: str, plantsync, tmp_path: Path) -> None:
    code, _, err = plantsync("run", scenario, "--out", tmp_path / "runs", "-q")
    assert code in (0, 3), err
    (folder,) = (tmp_path / "runs").glob("*/*")
    assert parted(folder) == []
