"""A file can be read at one sitting and a function fits a screen; who is longer says why in its first words."""

import ast

import pytest

from tests.common.house import ROOT, docstring_lines, files

LINES, FUNCTION_LINES = 450, 70
REASON = "The file is long because"


def too_long(source: str) -> str:
    """What is too long about a module, "" when nothing is."""
    tree = ast.parse(source)
    said = " ".join((ast.get_docstring(tree) or "").split())
    lines = source.count("\n")
    if lines > LINES and REASON not in said:
        return f"{lines} lines"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            own = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)
            if own > FUNCTION_LINES:
                return f"{node.name} has {own} lines"
    return ""


def test_no_file_and_no_function_is_too_long() -> None:
    measured = {str(p.relative_to(ROOT)): too_long(p.read_text("utf-8")) for p in files("*.py")}
    assert len(measured) > 200 and {name: fault for name, fault in measured.items() if fault} == {}
    for path in files("*.pyx", "*.pxd", "*.h"):
        assert path.read_text("utf-8").count("\n") <= LINES, path


BODY = "    x = 1\n"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = 1\n" * 450, ""),
        ("x = 1\n" * 451, "451 lines"),
        (f'"""Long. {REASON}\nit must be."""\n' + "x = 1\n" * 450, ""),
        ("def f():\n" + BODY * 69, ""),
        ("def f():\n" + BODY * 70, "f has 71 lines"),
        ("def f():\n" + '    """One\n    two."""\n' + BODY * 69, ""),
        ("class A:\n    async def g(self):\n" + "    " + ("    " + BODY) * 70, "g has 71 lines"),
    ],
)
def test_what_is_too_long_is_found(source: str, fault: str) -> None:
    assert too_long(source.replace("        " + BODY, "        x = 1\n")) == fault
