"""The commands about a live twin: what is wrong is one line with its exit code, and no password is shown."""

import pytest

from console.cli import main


@pytest.fixture
def plantsync(capsys, tmp_path):
    """Call the program: (exit code, stdout, stderr); `--state` is an empty folder."""

    def call(*args):
        with pytest.raises(SystemExit) as left:
            main([*args, "--state", str(tmp_path / "state")])
        out = capsys.readouterr()
        return left.value.code, out.out, out.err

    return call


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["serve", "line-stoppage", "--until", "0d"], "--until 0d 00:00: nothing is left to serve"),
        (["serve", "line-stoppage", "--until", "2d", "--skip", "3d"], "allowed: after 3d 00:00 (--skip)"),
        (["serve", "line-stoppage", "--until", "1h"], "allowed: after 10d 05:00 (the first shift after the warm-up"),
        (["serve", "line-stoppage", "--broker", "mqtt://[::1:1883"], "expected mqtt://HOST:PORT"),
        (["engine", "--broker", "mqtt://[x"], "expected mqtt://HOST:PORT"),
        (["serve", "line-stoppage", "--broker", "u:SECRETPW@h"], "--broker ***@h: expected"),
        (["inject", "line-down", "lyon.L1", "--with", "=1"], "no assignment"),
        (["inject", "line-down", "lyon.L1", "--with", "for=3d"], "the duration is --for"),
        (["inject", "line-slow", "lyon.L1", "--with", "factor=1", "--with", "factor=2"], "factor is given twice"),
        (["inject", "line-down", "lyon.L1", "--for", "0"], "for: 0 s. allowed: above 0"),
        (["inject", "line-down", "lyon.L1"], "serve.json: not found"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_2(plantsync, args, line) -> None:
    code, _, err = plantsync(*args)
    assert (code, err.count("\n")) == (2, 1), err
    assert line in err and "SECRETPW" not in err


@pytest.mark.parametrize(
    ("command", "variable"), [("serve", "PLANTSYNC_SERVE_BROKER"), ("engine", "PLANTSYNC_ENGINE_BROKER")]
)
def test_the_help_says_where_a_url_with_a_password_belongs(plantsync, monkeypatch, command, variable) -> None:
    code, out, _ = plantsync(command, "--help")
    assert code == 0 and variable in out
    monkeypatch.setenv(variable, "mqtt://me:SECRETPW@[x")
    code, _, err = plantsync(command, *(["line-stoppage"] if command == "serve" else []))
    assert code == 2 and "--broker mqtt://***@[x: expected" in err, "the variable is heeded"


def test_the_help_of_serve_says_how_it_ends(plantsync) -> None:
    _, out, _ = plantsync("serve", "--help")
    assert "Ctrl-C" in out and "130" in out
