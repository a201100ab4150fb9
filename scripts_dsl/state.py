"""Where a conversation stands. A value: it can be stored and taken up by another process."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from kernel.errors import InputError

Mode = Literal["speaking", "asking", "transferring", "ended"]


@dataclass(frozen=True, slots=True)
class State:
    """The whole memory of a running script.

    Attributes:
        source_hash: of the program it belongs to.
        mode: what is waited for: the end of a prompt, an answer, a transfer, nothing.
        node: the node that waits.
        resume: the say or ask a digression comes back to.
        columns: fields and results by name; those without a value are absent.
        prompts: how many prompts were spoken; part of the prompt ids.
        playing: the id of the prompt being spoken, '' for none.
        deaf: the prompt being spoken may not be interrupted.
        listening: a `Listen` is outstanding.
        turns: caller turns given.
        silent, unclear: how often, at the present question.
        digits: keys of an unfinished entry.
        typed_ahead: keys pressed during a statement, kept for the next question.
        answer: the last answer's value.
        understood: the caller has answered something.
        voicemail: the machine block runs.
        opted_out: the number was put on the do-not-call list.
    """

    source_hash: str
    language: str
    columns: tuple[tuple[str, str], ...]
    mode: Mode = "speaking"
    node: int = 0
    resume: int = 0
    prompts: int = 0
    playing: str = ""
    deaf: bool = False
    listening: bool = False
    turns: int = 0
    silent: int = 0
    unclear: int = 0
    digits: str = ""
    typed_ahead: str = ""
    answer: str = ""
    understood: bool = False
    voicemail: bool = False
    opted_out: bool = False

    @property
    def ended(self) -> bool:
        """Whether the script is over: no event changes anything any more."""
        return self.mode == "ended"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {**asdict(self), "columns": dict(self.columns)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> State:
        """Read the JSON form back.

        Raises:
            InputError: it was written by another release.
        """
        if data.keys() != {field.name for field in fields(cls)}:
            raise InputError("stored script state was written by another release: end the call")
        return cls(**{**data, "columns": tuple(data["columns"].items())})
