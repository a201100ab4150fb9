from __future__ import annotations

from pathlib import Path

import pytest

from scripts_dsl import (
    CODES,
    ScriptError,
    check_script,
    compile_script,
    format_diagnostic,
    show_diagnostic,
)

HEAD = """\
script sample 1
  lang en
"""
LADDER = """\
ladder
  silent 1: end no-answer
  unclear 1: end not-understood
"""
BYE = """\
step bye
  end done
"""

# Every code, by the smallest scripts that show it: (code, line the remark is about, script).
SHOWN: list[tuple[str, str, str]] = [
    ("E00", "  sing en: la", f"{HEAD}step a\n  sing en: la\n"),
    ("E00", "\tend done", f"{HEAD}step a\n\tend done\n"),
    ("E00", " end done", f"{HEAD}step a\n  say en: hi\n end done\n"),
    ("E00", "  say en: press # now", f"{HEAD}step a\n  say en: press # now\n  end done\n"),
    ("E00", "  say en: hi {name", f"{HEAD}step a\n  say en: hi {{name\n  end done\n"),
    ("E00", "step a", f"{HEAD}step a\n"),
    ("E01", "  -> nowhere", f"{HEAD}step a\n  -> nowhere\n"),
    ("E02", "step b", f"{HEAD}step a\n  end done\nstep b\n  end done\n"),
    ("E02", "  say en: hi", f"{HEAD}step a\n  -> bye\n  say en: hi\n{BYE}"),
    ("E03", "  say en: hi", f"{HEAD}step a\n  say en: hi\n"),
    ("E03", "  if x = 1 -> bye", f"{HEAD}needs\n  x: number\nstep a\n  if x = 1 -> bye\n{BYE}"),
    (
        "E03",
        "    yes: say en: fine",
        f"{HEAD}{LADDER}step a\n  ask en: ok?\n    yes: say en: fine\n",
    ),
    ("E04", "step a", f"{HEAD}step a\n  say en: hi\n  -> b\nstep b\n  -> a\n"),
    (
        "E04",
        "step a",
        f"{HEAD}step b\n  -> a\nstep a\n  say en: hi\n  transfer agents\n    busy -> a\n"
        f"    none -> bye\n{BYE}",
    ),
    (
        "E05",
        "step b",
        f"{HEAD}step a\n  ask en: ok?\n    yes -> b\n    no: end done\n    silent 1 -> b\n"
        "    unclear 1 -> b\nstep b\n  ask en: sure?\n    yes -> b\n    silent 1 -> b\n"
        "    unclear 1 -> b\n",
    ),
    ("E06", "  repeat", f"{HEAD}step a\n  repeat\n"),
    ("E06", "  hang up", f"{HEAD}step a\n  hang up\n"),
    ("E06", "  -> a", f"{HEAD}step a\n  end done\nmachine\n  -> a\n"),
    ("E06", "  set x = answer", f"{HEAD}gives\n  x: text\nstep a\n  set x = answer\n  end done\n"),
    (
        "E06",
        "    ask en: sure?",
        f"{HEAD}{LADDER}anytime\n  yes:\n    ask en: sure?\n      no: repeat\nstep a\n  end done\n",
    ),
    ("E10", "  ask en: ok?", f"{HEAD}step a\n  ask en: ok?\n    yes: end done\n"),
    (
        "E10",
        "    silent 2: end done",
        f"{HEAD}{LADDER}step a\n  ask en: ok?\n    yes: end done\n    silent 2: end done\n",
    ),
    (
        "E10",
        "    silent 1: say en: hello?",
        f"{HEAD}{LADDER}step a\n  ask en: ok?\n    yes: end done\n    silent 1: say en: hello?\n",
    ),
    (
        "E11",
        "    fine: end b",
        f"{HEAD}{LADDER}words\n  fine  en: Yes\nstep a\n  ask en: ok?\n    yes: end a\n"
        "    fine: end b\n",
    ),
    (
        "E11",
        "    scale(0..9): end b",
        f"{HEAD}{LADDER}words\n  stop key 9\nanytime\n  stop: end stopped\nstep a\n"
        "  ask en: how much?\n    scale(0..9): end b\n",
    ),
    (
        "E11",
        "    digits(1): end b",
        f"{HEAD}{LADDER}step a\n  ask en: ok?\n    yes: end a\n    digits(1): end b\n",
    ),
    (
        "E11",
        "    digits(2): end b",
        f"{HEAD}{LADDER}step a\n  ask en: ok?\n    scale(1..3): end a\n    digits(2): end b\n",
    ),
    (
        "E11",
        "  no: end b",
        f"{HEAD}words\n  yes key 1\n  no key 1\nanytime\n  yes: end a\n  no: end b\n"
        "step a\n  say en: hi\n  end done\n",
    ),
    (
        "W12",
        "    scale(10..20): end b",
        f"{HEAD}{LADDER}step a\n  ask en: ok?\n    yes: end a\n    scale(10..20): end b\n",
    ),
    (
        "W12",
        "    digits(4): end b",
        f"{HEAD}{LADDER}step a\n  ask en: ok?\n    yes: end a\n    digits(4): end b\n",
    ),
    ("E13", "    maybe: end done", f"{HEAD}{LADDER}step a\n  ask en: ok?\n    maybe: end done\n"),
    ("E13", "  help: end done", f"{HEAD}anytime\n  help: end done\nstep a\n  end done\n"),
    ("E20", "  say en: hi {name}", f"{HEAD}step a\n  say en: hi {{name}}\n  end done\n"),
    (
        "E20",
        "  say en: hi {name:loud}",
        f"{HEAD}needs\n  name: text\nstep a\n  say en: hi {{name:loud}}\n  end done\n",
    ),
    ("E20", "  x: colour", f"{HEAD}needs\n  x: colour\nstep a\n  end done\n"),
    ("E20", "  x: digits", f"{HEAD}needs\n  x: digits\nstep a\n  end done\n"),
    ("E20", "  x: text(4)", f"{HEAD}needs\n  x: text(4)\nstep a\n  end done\n"),
    ("E20", "  x: scale(5..1)", f"{HEAD}needs\n  x: scale(5..1)\nstep a\n  end done\n"),
    (
        "E20",
        "    carry x",
        f"{HEAD}step a\n  transfer agents\n    carry x\n  end done\n",
    ),
    ("E21", "  x: text?", f"{HEAD}gives\n  x: text?\nstep a\n  end done\n"),
    ("E21", "  set x = 1", f"{HEAD}step a\n  set x = 1\n  end done\n"),
    ("E21", "  set x = c", f"{HEAD}gives\n  x: a|b\nstep a\n  set x = c\n  end done\n"),
    ("E21", "  set x = 7", f"{HEAD}gives\n  x: scale(1..5)\nstep a\n  set x = 7\n  end done\n"),
    ("E21", "  set x = soon", f"{HEAD}gives\n  x: date\nstep a\n  set x = soon\n  end done\n"),
    (
        "E21",
        "  set x = n",
        f"{HEAD}needs\n  n: text\ngives\n  x: date\nstep a\n  set x = n\n  end done\n",
    ),
    (
        "E21",
        "      set x = answer",
        f"{HEAD}{LADDER}gives\n  x: digits(2)\nstep a\n  ask en: ok?\n    digits(3):\n"
        "      set x = answer\n      end done\n",
    ),
    (
        "E21",
        "  x: text",
        f'{HEAD}{LADDER}gives\n  x: text\nstep a\n  ask en: ok?\n    yes:\n      set x = "a"\n'
        "      end a\n    no: end b\n",
    ),
    (
        "E22",
        "  say en: {x}",
        f"{HEAD}needs\n  x: text?\nstep a\n  say en: {{x}}\n  end done\n",
    ),
    (
        "E22",
        "  if x > 3 -> bye",
        f"{HEAD}needs\n  x: number?\nstep a\n  if x > 3 -> bye\n  end done\n{BYE}",
    ),
    (
        "E22",
        "  if x > y -> bye",
        f"{HEAD}needs\n  x: number\n  y: number?\nstep a\n  if x > y -> bye\n  end done\n{BYE}",
    ),
    (
        "E22",
        "  set y = x",
        f"{HEAD}needs\n  x: text?\ngives\n  y: text\nstep a\n  set y = x\n  end done\n",
    ),
    (
        "E26",
        "  if x > 3 -> bye",
        f"{HEAD}needs\n  x: text\nstep a\n  if x > 3 -> bye\n  end done\n{BYE}",
    ),
    (
        "E26",
        "  if x = c -> bye",
        f"{HEAD}needs\n  x: a|b\nstep a\n  if x = c -> bye\n  end done\n{BYE}",
    ),
    (
        "E26",
        "  if x = y -> bye",
        f"{HEAD}needs\n  x: date\n  y: money\nstep a\n  if x = y -> bye\n  end done\n{BYE}",
    ),
    (
        "E30",
        "  say en: {owed}",
        f"{HEAD}needs\n  owed: money private\nstep a\n  say en: {{owed}}\n  end done\n",
    ),
    (
        "E30",
        "  set x = owed",
        f"{HEAD}needs\n  owed: money private\ngives\n  x: money\nstep a\n  set x = owed\n"
        "  end done\n",
    ),
    (
        "E31",
        "  say en: {owed}",
        f"{HEAD}needs\n  owed: money private\nstep a\n  end done\nmachine\n  say en: {{owed}}\n"
        "  hang up\n",
    ),
    ("E32", "script sample 1", f"{HEAD}  purpose marketing\nstep a\n  end done\n"),
    (
        "E32",
        "script sample 1",
        f"{HEAD}  purpose collection\nwords\n  stop  en: stop\nanytime\n  stop -> out\n"
        "step a\n  end done\nstep out\n  opt-out\n  end stopped\n",
    ),
    (
        "E32",
        "script sample 1",
        f"{HEAD}  purpose collection\n{LADDER}words\n  stop key 9  en: stop\nanytime\n"
        "  stop -> out\nstep a\n  end done\nstep out\n  ask en: really?\n    yes: opt-out\n"
        "  end stopped\n",
    ),
    ("E40", "  say en: hi", "script s 1\n  lang zh, en\nstep a\n  say en: hi\n  end done\n"),
    (
        "E40",
        "  stop  en: stop",
        "script s 1\nwords\n  stop  en: stop\nanytime\n  stop: end out\nstep a\n  end done\n",
    ),
    ("E42", "  stop", f"{HEAD}words\n  stop\nstep a\n  end done\n"),
    ("E42", "  stop key 12", f"{HEAD}words\n  stop key 12\nstep a\n  end done\n"),
    ("E42", "  stop  en: !!", f"{HEAD}words\n  stop  en: !!\nstep a\n  end done\n"),
    ("E42", "  11  en: eleven", f"{HEAD}words\n  11  en: eleven\nstep a\n  end done\n"),
    ("E42", "  ask en: ok?", f"{HEAD}{LADDER}step a\n  ask en: ok?\n  end done\n"),
    (
        "E42",
        "    digits(0): end done",
        f"{HEAD}{LADDER}step a\n  ask en: ok?\n    digits(0): end done\n",
    ),
    (
        "E42",
        "    soon: end done",
        "script s 1\nladder\n  silent 1: end a\n  unclear 1: end b\nwords\n  soon  en: soon\n"
        "step a\n  ask en: when? | zh: 何时？\n    soon: end done\n",
    ),
    ("E46", "step a", f"{HEAD}step a\n  end done\nstep a\n  end done\n"),
    ("E46", "  x: text", f"{HEAD}needs\n  x: text\n  x: text\nstep a\n  end done\n"),
    ("E46", "  answer: text", f"{HEAD}needs\n  answer: text\nstep a\n  end done\n"),
    ("E46", "machine", f"{HEAD}step a\n  end done\nmachine\n  hang up\nmachine\n  hang up\n"),
    ("E46", "  say en: hi | en: hello", f"{HEAD}step a\n  say en: hi | en: hello\n  end done\n"),
    (
        "E46",
        "    busy: end b",
        f"{HEAD}step a\n  transfer agents\n    busy: end a\n    busy: end b\n  end done\n",
    ),
    ("W47", "  stop key 9", f"{HEAD}words\n  stop key 9\nstep a\n  end done\n"),
    ("W47", "  say en: hi | zh: 您好", f"{HEAD}step a\n  say en: hi | zh: 您好\n  end done\n"),
    ("E50", "  lang en, fr", "script s 1\n  lang en, fr\nstep a\n  end done\n"),
    ("E50", "  purpose fun", "script s 1\n  purpose fun\nstep a\n  end done\n"),
    ("E50", "  limit 900 turns", "script s 1\n  limit 900 turns\nstep a\n  end done\n"),
    ("E50", "script s 0", "script s 0\nstep a\n  end done\n"),
    ("E50", "script s 1", "script s 1\n"),
]


@pytest.mark.parametrize(("code", "line", "script"), SHOWN)
def test_a_fault_is_told_at_its_line(code: str, line: str, script: str) -> None:
    found = check_script(script, "x.call")
    assert (code, line) in [(item.code, item.source_line) for item in found]
    for item in found:
        assert item.source_line == script.split("\n")[item.at.line - 1]
        assert item.message


@pytest.mark.parametrize(("code", "line", "script"), SHOWN)
def test_only_errors_keep_a_script_from_compiling(code: str, line: str, script: str) -> None:
    if any(item.is_error for item in check_script(script, "x.call")):
        with pytest.raises(ScriptError):
            compile_script(script, "x.call")
    else:
        assert code.startswith("W")
        assert compile_script(script, "x.call").nodes


def test_every_code_is_shown_by_an_example() -> None:
    assert {code for code, _, _ in SHOWN} == set(CODES)


# Scripts near a fault that have none.
FINE = [
    f"{HEAD}needs\n  x: number?\nstep a\n  if x is set and x > 3 -> bye\n  end done\n{BYE}",
    f"{HEAD}needs\n  x: number?\nstep a\n  if x > 3 or missing -> bye\n  end done\n{BYE}",
    f"{HEAD}needs\n  x: number?\nstep a\n  if x is missing: end none\n  say en: {{x}}\n"
    "  end done\n",
    f"{HEAD}needs\n  x: number?\nstep a\n  if x is set:\n    say en: {{x}}\n    end b\n"
    "  else: end done\n",
    f"{HEAD}needs\n  owed: money private\nstep a\n  verified\n  say en: {{owed}}\n  end done\n",
    f"{HEAD}needs\n  owed: money private\ngives\n  x: money private\nstep a\n  set x = owed\n"
    "  end done\n",
    f"{HEAD}gives\n  x: number\nstep a\n  set x = -2.5\n  end done\n",
    f'{HEAD}gives\n  x: time\nstep a\n  set x = "10:05"\n  end done\n',
    f'{HEAD}needs\n  p: phone\nstep a\n  if p = "138": end a\n  else: end b\n',
    f"{HEAD}needs\n  x: number\n  y: money\nstep a\n  if x > y or x < 2 and y != 3: end b\n"
    "  end a\n",
    f"{HEAD}  purpose collection\nwords\n  stop key 9  en: stop\nanytime\n  stop -> out\n"
    'step a\n  end done\nstep out\n  say en: ok\n  if p = "1": say en: bye\n  opt-out\n'
    "  end stopped\nneeds\n  p: text\n",
    f"{HEAD}{LADDER}step a\n  question x digits(1..2) en: how many?\n  if x = 7: end b\n  end a\n",
    f"{HEAD}{LADDER}step a\n  question x scale(1..3) en: how many?\n    wait 2.5 s  between 1 s\n"
    "    silent 1:\n      say en: please\n      if x is set: end b\n    silent 2: end c\n  end a\n",
    f"{HEAD}{LADDER}gives\n  y: yes|no|maybe\n  z: number\nstep a\n"
    "  question x pick yes, no en: well?\n  set y = x\n  set z = 2\n  end a\n",
    f"{HEAD}{LADDER}gives\n  z: number\nstep a\n  question x scale(1..3) en: well?\n  set z = x\n"
    "  end a\n",
    f"{HEAD}step a\n  transfer queue vip\n    joined: end a\n    left: end b\n"
    "    none: say en: nobody\n  end c\n",
    "\ufeff# comment first\n\nscript s 1\r\n  lang en   # trailing\r\nstep a  # comment\r\n"
    "  # alone\r\n  say en: hi\r\n  end done",
]


@pytest.mark.parametrize("script", FINE)
def test_a_sound_script_gives_no_remark(script: str) -> None:
    assert check_script(script, "x.call") == ()


def test_the_one_line_form_names_file_line_column_and_code() -> None:
    (found,) = check_script(f"{HEAD}step a\n  -> nowhere\n", "demo/a.call")
    assert format_diagnostic(found) == "demo/a.call:4:6 E01 step 'nowhere' does not exist"


def test_the_caret_counts_chinese_characters_as_two_cells() -> None:
    script = "script s 1\n  lang zh\nstep a\n  say zh: 您好{name}\n  end done\n"
    (found,) = check_script(script, "a.call")
    _, line, caret = show_diagnostic(found).split("\n")
    assert line == "    say zh: 您好{name}"
    assert caret.index("^") == line.index("{") + 2


def test_a_refused_script_tells_the_first_error_and_keeps_all() -> None:
    with pytest.raises(ScriptError, match=r"^a.call:4:6 E01 .* \(and 1 more\)$") as caught:
        compile_script(f"{HEAD}step a\n  -> x\nstep b\n  end done\n", "a.call")
    assert [item.code for item in caught.value.diagnostics] == ["E01", "E02"]


def test_a_fault_of_the_common_ladder_is_told_once() -> None:
    ladder = "ladder\n  silent 1: repeat\n  unclear 1: end x\n"
    asks = "".join(f"  ask en: ok {n}?\n    yes: say en: fine\n" for n in range(3))
    found = check_script(f"{HEAD}{ladder}step a\n{asks}  end done\n", "a.call")
    assert [item.code for item in found] == ["E10"]


def test_a_syntax_error_says_what_would_fit() -> None:
    (found,) = check_script(f"{HEAD}step a\n  say hello\n", "a.call")
    assert found.message == "'hello' cannot stand here; expected a language tag (zh: or en:)"
    (found,) = check_script(f"{HEAD}step a\n  %\n", "a.call")
    assert found.message.startswith("'%' cannot stand here; expected ")
    (found,) = check_script(f"{HEAD}step a\n  say en: hi \\\n", "a.call")
    assert found.message.startswith(r"'\\' cannot stand here; expected ")
    (found,) = check_script("", "a.call")
    assert found.code == "E00"


@pytest.mark.parametrize("path", sorted(Path("demo/scripts").glob("*.call")), ids=str)
def test_the_sample_scripts_are_sound(path: Path) -> None:
    assert check_script(path.read_text(encoding="utf-8"), path.name) == ()
