"""Somebody else's package, as it lies in a folder that Python searches."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def brought(folder: Path, module: str, text: str, **points: str) -> Path:
    """Install the package `plugin 1.0` in `folder`: one module, and a line of entry points for each group, such as
    `disruptions="flood = floods:Flood"`."""
    info = folder / "plugin-1.0.dist-info"
    info.mkdir()
    (folder / f"{module}.py").write_text(text)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n")
    told = "".join(f"[plantsync.{group}]\n{point}\n" for group, point in points.items())
    (info / "entry_points.txt").write_text(told)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """The environment of a Python that searches `folder` first, then what is ours."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
