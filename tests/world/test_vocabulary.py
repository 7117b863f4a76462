"""The words every side speaks: a type stands once, with its body, in the file of its owner."""

import ast
from pathlib import Path

import msgspec
import pytest

from sync.vocabulary import commands, messages
from sync.vocabulary.commands import COMMANDS, Command, CommandBody, asked, plain
from sync.vocabulary.messages import BODIES, Body, Message, body_of

PACKAGES = (messages, commands)


@pytest.mark.parametrize("kind", BODIES)
def test_a_message_type_and_its_body_name_each_other(kind: str) -> None:
    assert BODIES[kind].message_type == kind


def test_a_type_has_one_body() -> None:
    with pytest.raises(ValueError, match=r"line\.stopped has a body already: LineStopped"):
        messages.message("line.stopped")(type("Other", (Body,), {}))
    with pytest.raises(ValueError, match=r"order\.resource has a body already: ResourceOrder"):

        @commands.command(executed_by="erp")
        class Other(CommandBody, frozen=True, kw_only=True, tag="order.resource"):
            pass

    assert BODIES["line.stopped"] is messages.LineStopped
    assert COMMANDS["order.resource"] is commands.ResourceOrder


def test_a_body_is_read_back_from_what_travels_and_nothing_else_is() -> None:
    body = messages.LineStopped(line="n.L1", reason="fire", since_ms=5)
    sent = Message(
        id="1", source="n.mes", type=body.message_type, subject="n.L1", time_ms=5, data=msgspec.to_builtins(body)
    )
    assert body_of(sent) == body
    with pytest.raises(msgspec.ValidationError):
        body_of(msgspec.structs.replace(sent, data={**sent.data, "colour": "red"}))
    less = commands.ReduceTransfer(order="TO-1", quantity=3)
    command = Command(id="1", target="erp", type=less.command_type, time_ms=0, not_after_ms=-1, data={"order": "TO-1"})
    assert plain(less) == {"order": "TO-1", "quantity": 3}
    assert asked(msgspec.structs.replace(command, data=plain(less))) == less
    with pytest.raises(msgspec.ValidationError):
        asked(command)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.__name__)
def test_no_file_of_the_vocabulary_comes_in_through_its_own_door(package: object) -> None:
    name = package.__name__  # type: ignore[attr-defined]
    for file in sorted(Path(package.__file__).parent.glob("*.py")):  # type: ignore[attr-defined]
        if file.name != "__init__.py":
            imports = [n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.ImportFrom)]
            assert name not in [n.module for n in imports], file.name
