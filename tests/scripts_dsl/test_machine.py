from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from kernel.errors import DefectError, InputError
from scripts_dsl import (
    AddToSuppression,
    Answer,
    DigitsTimeout,
    End,
    Event,
    FieldError,
    Heard,
    HungUp,
    Key,
    Listen,
    MachineDetected,
    PromptDone,
    Record,
    Say,
    SetResult,
    Silence,
    State,
    StopListening,
    Text,
    Transfer,
    TransferResult,
    Unintelligible,
    Wav,
    begin,
    compile_script,
    step,
)
from scripts_dsl.listening import phrases_of
from scripts_dsl.program import AskNode, Program
from tests.scripts_dsl.conversation import Conversation

SATISFACTION = Path("demo/scripts/satisfaction.call").read_text(encoding="utf-8")
NOTICE = Path("demo/scripts/notice.call").read_text(encoding="utf-8")
NAME = {"name": "王芳"}

BASE = """\
script sample 1
  lang en
  limit 6 turns
words
  again key star  en: repeat
  who  en: who
  stop key 9  en: stop
  human key 0  en: agent
anytime
  again: repeat
  who: say en: A robot.
  stop:
    opt-out begged
    say! en: Never again.
    end stopped
  human -> desk
ladder
  silent 1: repeat
  silent 2: say en: Hello?
  silent 3: end no-answer
  unclear 1: say en: Sorry?
  unclear 2 -> desk
step start
  say en: Welcome.
  ask en: Ready?
    wait 4 s  end 350 ms  barge 700 ms  between 2 s
    yes -> more
    no: end refused
step desk
  transfer queue vip
    busy: end busy
  end nobody
machine
  say en: Please call us.
  hang up
"""
MORE = "step more\n  end done\n"


def sample(more: str = MORE) -> Conversation:
    return Conversation.of(BASE + more)


def asked(more: str = MORE) -> Conversation:
    """At the question, its prompt heard."""
    return sample(more).done().done()


def test_a_statement_is_heard_to_its_end_before_the_question_comes() -> None:
    call = sample()
    assert call.said == ["Welcome."]
    assert call.listening_for.no_input_s is None
    call.done()
    say, listen = call.last[-2:]
    assert say == Say("start:25#2", (Text("Ready?"),), "en", True, 700)
    assert isinstance(listen, Listen)
    assert (listen.no_input_s, listen.end_silence_ms, listen.interdigit_s) == (4.0, 350, 2.0)
    assert listen.phrases == ("repeat", "who", "stop", "agent", "yes", "yeah", "no", "nope")
    assert listen.keys == frozenset("*9012")
    assert listen.max_digits == 1


@pytest.mark.parametrize("event", [Heard("Yes.", 0.8), Key("1")])
def test_an_answer_leads_on_by_voice_and_by_key(event: Event) -> None:
    assert asked().send(event).outcome == "done"


def test_the_caller_may_answer_into_an_interruptible_question() -> None:
    assert sample().done().press("1").outcome == "done"
    assert sample().done().hear("yes").outcome == "done"


def test_noise_during_a_prompt_is_no_answer() -> None:
    call = sample().done().hear("hm what").send(Silence(), Unintelligible())
    assert call.state.unclear == call.state.silent == 0
    assert not call.last


def test_a_question_that_must_be_heard_takes_no_answer_before_its_end() -> None:
    text = BASE.replace("ask en: Ready?", "ask! en: Ready?")
    call = Conversation.of(text + MORE).done()
    assert not call.press("1").hear("yes").outcome
    assert call.done().press("1").outcome == "done"


def test_silence_climbs_its_ladder() -> None:
    call = asked().send(Silence())
    assert call.said[-1] == "Ready?"
    call.done().send(Silence())
    assert call.said[-1] == "Hello?"
    assert call.done().send(Silence()).outcome == "no-answer"


def test_a_rung_that_speaks_may_be_answered_at_once() -> None:
    assert asked().send(Unintelligible()).hear("yes").outcome == "done"


def test_misunderstandings_climb_another_ladder() -> None:
    call = asked().hear("maybe").done().send(Silence()).done().press("5")
    assert call.said == ["Welcome.", "Ready?", "Sorry?", "Ready?"]
    assert call.last == (StopListening(), Transfer("vip", {}))


def test_a_question_asked_anew_begins_its_ladders_anew() -> None:
    loop = BASE.replace("unclear 2 -> desk", "unclear 2 -> start")
    call = Conversation.of(loop + MORE).done().done()
    call.hear("hm").done().hear("hm").done()
    assert call.said[-2:] == ["Welcome.", "Ready?"]
    assert call.state.unclear == 0


def test_a_digression_comes_back_to_the_question() -> None:
    call = asked().hear("who")
    assert call.said[-1] == "A robot."
    assert call.done().said[-1] == "Ready?"
    assert call.done().hear("repeat").said[-1] == "Ready?"
    assert call.press("1").outcome == "done"


def test_a_digression_within_a_digression_comes_back_too() -> None:
    call = asked().hear("who").hear("who").done()
    assert call.said[-1] == "Ready?"


def test_a_digression_during_a_statement_says_it_again() -> None:
    call = sample().hear("repeat").hear("who").done()
    assert call.said == ["Welcome.", "Welcome.", "A robot.", "Welcome."]
    assert call.done().said[-1] == "Ready?"


@pytest.mark.parametrize("event", [Key("9"), Heard("oh stop that now", 0.4)])
def test_opting_out_works_at_any_time_at_once(event: Event) -> None:
    for call in (sample(), sample().done(), asked(), asked().hear("who")):
        call.send(event)
        assert call.last[:2] == (StopListening(), AddToSuppression("begged"))
        assert call.said[-1] == "Never again."
        assert call.done().outcome == "stopped"


def test_opting_out_again_does_not_begin_the_farewell_again() -> None:
    call = asked().press("9").press("9").hear("stop stop")
    assert call.said.count("Never again.") == 1
    assert call.all(AddToSuppression) == [AddToSuppression("begged")]
    assert call.done().outcome == "stopped"


def test_opting_out_is_honoured_at_the_turn_limit_too() -> None:
    call = asked()
    for _ in range(5):
        call.hear("who").done()
    assert call.state.turns == 6
    assert call.hear("stop").done().outcome == "stopped"


def test_the_turn_limit_ends_the_call() -> None:
    call = asked()
    while not call.outcome:
        call.hear("repeat")
    assert call.outcome == "limit"
    assert call.state.turns == 6


def test_repeating_a_statement_costs_turns_as_well() -> None:
    call = sample()
    for _ in range(7):
        call.hear("repeat")
    assert call.outcome == "limit"


def test_keys_typed_ahead_answer_the_next_question() -> None:
    assert sample().press("1").done().outcome == "done"
    call = sample().press("7").done()
    assert call.said[-1] == "Ready?"


def test_keys_typed_before_a_statement_that_must_be_heard_are_dropped() -> None:
    text = BASE.replace("  ask en: Ready?", "  say! en: Listen.\n  ask en: Ready?")
    call = Conversation.of(text + MORE).press("1").done().press("1").done()
    assert call.said == ["Welcome.", "Listen.", "Ready?"]
    assert not call.outcome


@pytest.mark.parametrize(
    ("outcome", "end"),
    [("joined", "transferred"), ("busy", "busy"), ("none", "nobody"), ("left", "hung-up")],
)
def test_a_transfer_ends_as_it_came_out(outcome: Any, end: str) -> None:
    call = asked().press("0")
    assert isinstance(call.last[-1], Transfer)
    call.press("1").hear("stop").send(Silence(), MachineDetected(), PromptDone(""))
    assert not call.outcome
    assert call.send(TransferResult(outcome)).outcome == end


def test_a_transfer_carries_what_is_known() -> None:
    call = Conversation.of(SATISFACTION, NAME).done().press("1").press("2").press("0").done()
    assert call.last[-1] == Transfer("", {"name": "王芳", "score": "2"})
    call.send(TransferResult("none"))
    assert call.said[-1].startswith("Nobody is free")
    assert call.done().outcome == "call-back"


def test_a_voicemail_gets_the_machine_block_only() -> None:
    for call in (sample(), asked()):
        call.send(MachineDetected())
        assert call.said[-1] == "Please call us."
        assert not call.state.listening
        call.hear("stop").press("9").send(Silence(), MachineDetected())
        assert call.done().outcome == "machine"


def test_without_a_machine_block_a_voicemail_is_hung_up_on() -> None:
    text = BASE[: BASE.index("machine\n")]
    assert Conversation.of(text + MORE).send(MachineDetected()).outcome == "machine"


def test_whoever_has_answered_is_no_machine() -> None:
    call = asked("step more\n  say en: Good.\n  end done\n").hear("yes").send(MachineDetected())
    assert call.done().outcome == "done"


def test_hanging_up_ends_the_call() -> None:
    for call in (sample(), asked(), asked().press("0")):
        assert call.send(HungUp()).outcome == "hung-up"


def test_hanging_up_during_the_last_sentence_keeps_the_outcome() -> None:
    more = (
        'step more\n  say en: Thanks.\n  set happy = "yes"\n  opt-out\n  -> last\n'
        "step last\n  say en: Bye.\n  end done\ngives\n  happy: text?\n"
    )
    call = asked(more).hear("yes").send(HungUp())
    assert call.outcome == "done"
    assert call.last == (
        SetResult("happy", "yes"),
        AddToSuppression("asked-to-stop"),
        StopListening(),
        End("done"),
    )
    assert call.results == {"happy": "yes"}


def test_a_late_report_of_a_replaced_prompt_changes_nothing() -> None:
    call = sample()
    first = call.state.playing
    call.done()
    before = call.state
    assert call.send(PromptDone(first)).state == before
    assert not call.last


DIGITS = """\
step more
  ask en: Your number?
    digits(2..4):
      set code = answer
      end done
gives
  code: digits(1..4)?
"""


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([*map(Key, "1234")], "1234"),
        ([*map(Key, "12#")], "12"),
        ([*map(Key, "123"), DigitsTimeout()], "123"),
        ([Heard("one two three", 0.7)], "123"),
        ([Key("1"), Heard("four five six", 0.7), Silence(), Key("2"), Key("#")], "12"),
    ],
)
def test_digits_are_entered_or_spoken(events: list[Event], code: str) -> None:
    call = asked(DIGITS).press("1").done().send(*events)
    assert call.results == {"code": code}
    assert call.outcome == "done"


def test_a_wrong_entry_is_a_misunderstanding() -> None:
    call = asked(DIGITS).press("1").done().press("1#")
    assert call.said[-1] == "Sorry?"
    assert call.state.digits == ""
    call = asked().press("5")
    assert call.said[-1] == "Sorry?"


def test_a_key_that_begins_a_longer_entry_waits_for_more() -> None:
    call = asked(DIGITS).press("1").done().press("9")
    assert not call.last
    call.send(DigitsTimeout())
    assert AddToSuppression("begged") in call.last
    assert asked(DIGITS).press("1").done().press("912#").results == {"code": "912"}


def test_timeouts_without_digits_do_nothing() -> None:
    assert not asked().send(DigitsTimeout()).last


# --- the sample scripts


def test_the_survey_fills_the_answer_sheet_by_voice_and_key() -> None:
    call = Conversation.of(SATISFACTION, NAME, "zh").done()
    call.hear("是 的").press("5").hear("不 是")
    assert call.said[0].startswith("您好王芳，")
    assert call.all(Record) == [
        Record(Answer("score", "5", "5", "key", 1.0)),
        Record(Answer("solved", "no", "不 是", "voice", 0.9)),
    ]
    call.press("2").done()
    assert call.outcome == "completed"
    assert call.results == {
        "name": "王芳", "consent": "yes", "score": "5", "solved": "no", "wants-agent": "no",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("event", [Key("9"), None])
def test_the_survey_can_be_stopped_in_both_languages(language: str, event: Event | None) -> None:
    word = Heard("别打了" if language == "zh" else "stop", 0.9)
    call = Conversation.of(SATISFACTION, NAME, language).send(event or word)
    assert call.all(AddToSuppression) == [AddToSuppression("asked-to-stop")]
    assert call.done().outcome == "opted-out"


def test_the_survey_uses_the_demonstration_vocabulary_only() -> None:
    known = {
        "yes", "no", "stop", "repeat", "agent", "zero", "one", "two", "three", "four", "five",
        "six", "seven", "eight", "nine", "ten", "是的", "不是", "可以", "不行", "人工",
        "再说一遍", "别打了", "你是谁",
    }  # fmt: skip
    for program, _ in _SCRIPTS[:2]:
        turns = [node.choices for node in program.nodes if isinstance(node, AskNode)]
        for choices in (program.anytime, *turns):
            for language in program.languages:
                heard = phrases_of(choices, program.words, language)
                assert {entry.text for entry in heard} <= known


def test_the_notice_reads_its_date_and_is_confirmed() -> None:
    fields = {**NAME, "date": "2026-11-20", "time": "10:05"}
    call = Conversation.of(NOTICE, fields, "zh").done()
    assert "二零二六年十一月二十日十点零五分" in call.said[-1]
    call.press("*").press("1").done()
    assert (call.outcome, call.results["confirmed"]) == ("confirmed", "yes")


# --- fields, values, parts


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "field 'name' is empty and script 'notice' needs it"),
        ({**NAME, "date": "soon", "time": "10:05"}, "field 'date' does not hold a date"),
    ],
)
def test_a_contact_without_the_needed_fields_is_refused(
    fields: dict[str, str], message: str
) -> None:
    program = compile_script(NOTICE, "notice.call")
    with pytest.raises(FieldError, match=message) as caught:
        begin(program, fields, "zh")
    assert "soon" not in str(caught.value)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="does not speak 'fr'; it speaks zh, en"):
        begin(compile_script(NOTICE, "notice.call"), {}, "fr")


def test_a_state_belongs_to_its_text() -> None:
    state, _ = begin(compile_script(SATISFACTION, "a"), NAME, "zh")
    with pytest.raises(DefectError, match="another text"):
        step(compile_script(SATISFACTION + "#\n", "a"), state, Silence())


def test_a_state_of_another_release_is_refused() -> None:
    with pytest.raises(InputError, match="another release"):
        State.from_dict({"mode": "asking"})


def test_recordings_and_variables_are_joined_in_order() -> None:
    text = (
        "script s 1\n  lang en\nneeds\n  n: number\n  who: text\nstep a\n"
        '  say en: {wav "hi.wav" Hi.} You, {who}, have {n}. {wav "bye.wav"}\n  end done\n'
    )
    call = Conversation.of(text, {"n": "12", "who": "Ann", "other": "x"})
    (say,) = call.all(Say)
    assert isinstance(say, Say)
    assert say.parts == (
        Wav("hi.wav", "Hi."),
        Text(" You, Ann, have twelve. "),
        Wav("bye.wav", ""),
    )
    assert not call.all(Listen)
    assert call.send(Heard("stop", 1.0)).done().outcome == "done"


CONDITIONS = """\
script s 1
  lang en
needs
  n: number?
  m: money?
  day: date?
  at: time?
  region: north|south
gives
  r: text?
step a
  if {condition}: end true
  set r = region
  end false
"""


@pytest.mark.parametrize(
    ("condition", "fields", "outcome"),
    [
        ("n > 3 or missing", {"n": "4"}, "true"),
        ("n > 3 or missing", {"n": "3"}, "false"),
        ("n > 3 or missing", {}, "true"),
        ("n is set and m is set and n >= m", {"n": "4", "m": "4.00"}, "true"),
        ("n is set and n >= 10", {"n": "9"}, "false"),
        ("n is set and n != 9.0", {"n": "9"}, "false"),
        ("n is missing", {}, "true"),
        ("n is missing", {"n": "1"}, "false"),
        ('day < "2026-11-20" or missing', {"day": "2026/9/3"}, "true"),
        ('at <= "9:30" or missing', {"at": "10:05"}, "false"),
        ("region = north", {}, "true"),
        ("region != north or n is set and n < 1", {"n": "0"}, "true"),
    ],
)
def test_conditions_compare_by_type(condition: str, fields: dict[str, str], outcome: str) -> None:
    text = CONDITIONS.replace("{condition}", condition)
    call = Conversation.of(text, {"region": "north", **fields})
    assert call.outcome == outcome
    if outcome == "false":
        assert call.results["r"] == "north"


# --- laws

_EVENTS = st.one_of(
    st.just(PromptDone("")),  # stands for the prompt being spoken
    st.builds(
        Heard,
        st.sampled_from(
            ["yes", "no", "stop", "repeat", "agent", "who", "one", "five", "是的", "不行", "人工",
             "别打了", "你是谁", "一 二", "[unk]", ""]
        ) | st.text(max_size=8),
        st.floats(0, 1),
    ),
    st.builds(Key, st.sampled_from("0123456789*#")),
    st.sampled_from([DigitsTimeout(), Silence(), Unintelligible(), MachineDetected(), HungUp()]),
    st.builds(TransferResult, st.sampled_from(["joined", "busy", "none", "left"])),
)  # fmt: skip
_SCRIPTS: list[tuple[Program, dict[str, str]]] = [
    (compile_script(SATISFACTION, "satisfaction.call"), NAME),
    (compile_script(NOTICE, "notice.call"), {**NAME, "date": "2026-11-20", "time": "10:05"}),
    (compile_script(BASE + DIGITS, "digits.call"), {}),
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_SCRIPTS), st.lists(_EVENTS, max_size=60), st.data())
def test_any_events_are_legal_and_the_call_ends_within_its_turns(
    script: tuple[Program, dict[str, str]], events: list[Event], data: st.DataObject
) -> None:
    program, fields = script
    call = Conversation(program, fields, data.draw(st.sampled_from(program.languages)))
    for event in events:
        call.done() if event == PromptDone("") else call.send(event)
        assert call.state.turns <= program.limit_turns
    # From anywhere, a caller who only ever listens reaches the end.
    for _ in range(4 * program.limit_turns):
        call.done().send(Silence(), DigitsTimeout(), TransferResult("none"))
    assert call.outcome
    assert sum(isinstance(action, End) for action in call.log) == 1


@given(
    st.lists(_EVENTS.filter(lambda event: not isinstance(event, HungUp)), min_size=1, max_size=4)
)
def test_nobody_can_keep_the_robot_talking_without_end(events: list[Event]) -> None:
    program, fields = _SCRIPTS[2]
    call = Conversation(program, fields)
    for _ in range(40):
        call.send(*events)
    assert len(call.said) <= 4 * program.limit_turns


@given(st.lists(_EVENTS, max_size=30))
def test_the_same_events_give_the_same_call(events: list[Event]) -> None:
    program, fields = _SCRIPTS[0]
    one, other = Conversation(program, fields, "zh"), Conversation(program, fields, "zh")
    for call in (one, other):
        call.send(*events)
    assert one.log == other.log
