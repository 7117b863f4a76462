"""Templates of `init`: files to start from. Each loads and runs as it is."""

from pathlib import Path

from scenarios.errors import Fault, InputError
from scenarios.files.library import LIBRARY

FOLDER = LIBRARY / "templates"
COPIES = ("three-plants.yaml", "line-stoppage.yaml")  # scenarios of the library are templates too

# template: its files, the network first
TEMPLATES: dict[str, tuple[Path, ...]] = {
    "three-plants": tuple(LIBRARY / name for name in COPIES),
    **{folder.name: tuple(sorted(folder.glob("*.yaml"))) for folder in sorted(FOLDER.iterdir(), reverse=True)},
}


def write_template(name: str, folder: Path) -> list[Path]:
    """Write a template's files into `folder` (made when absent); the files, network first. Nothing is overwritten and
    templates are not mixed: raises InputError naming the file that is there."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES[name]}
    there = [folder / file for file in texts if (folder / file).exists()]
    if there:
        raise InputError([Fault(str(p), 1, 1, "", "exists already. choose another folder or remove it") for p in there])
    names = {path.name for paths in TEMPLATES.values() for path in paths}
    foreign = [folder / file for file in sorted(names - set(texts)) if (folder / file).exists()]
    if foreign:
        why = f"belongs to another template, and '{name}' beside it would be mixed up with it. choose another folder"
        raise InputError([Fault(str(p), 1, 1, "", why) for p in foreign])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputError([Fault(str(folder), 1, 1, "", f"cannot be written: {fault.strerror}")]) from None
    return [folder / file for file in texts]
