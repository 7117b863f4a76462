"""What several test files share."""

import pytest

from console.cli import main


def pytest_collection_modifyitems(items):
    """What takes longest is begun first, so that no core waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("early") is None)


@pytest.fixture
def plantsync(capsys, monkeypatch, tmp_path):
    """Call the program in an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*args):
        with pytest.raises(SystemExit) as left:
            main([str(a) for a in args])
        out = capsys.readouterr()
        return left.value.code, out.out, out.err

    return call


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write today's golden worlds instead of comparing")
