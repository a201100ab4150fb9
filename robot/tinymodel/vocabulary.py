"""The words the small model knows, and the voices that teach and examine it."""

from __future__ import annotations

UNKNOWN = "[unk]"

ENGLISH = (
    "yes", "no", "stop", "repeat", "agent",
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
)  # fmt: skip
MANDARIN = ("是的", "不是", "可以", "不行", "人工", "再说一遍", "别打了", "你是谁")

WORDS = (*ENGLISH, *MANDARIN, UNKNOWN)

# What [unk] learns from: things people say to a robot that are none of its words.
OTHER_ENGLISH = (
    "hello there", "what is it", "maybe later", "the bill", "good morning", "listen to me",
)  # fmt: skip
OTHER_MANDARIN = ("喂", "等一下", "声音太小", "没有空", "我在开车")

ENGLISH_ACCENTS = ("en-us", "gmw/en", "gmw/en-GB-x-rp")
MANDARIN_ACCENT = "cmn"

# Voice variants of eSpeak NG. The examiners never speak in training.
TEACHERS = (
    "", "+m1", "+m2", "+m3", "+m4", "+m6", "+f1", "+f3", "+f4",
    "+Andy", "+Annie", "+Lee", "+steph", "+edward",
)  # fmt: skip
EXAMINERS = ("+m5", "+m7", "+f2", "+f5", "+Gene", "+linda")
