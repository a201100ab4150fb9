"""Area codes (区号) of mainland China, without their leading zero.

Beijing, the other two-digit areas (020-025, 027-029) and the three-digit areas in use in the
metadata of Google's libphonenumber (2026): merged and abandoned codes are not in the table.
"""

from __future__ import annotations

_TWO_DIGITS = "10 20-25 27-29"
_THREE_DIGITS = """
310-319 335 349-359 370-377 379 391-396 398 411-412 415-419 421 427 429 431-439 451-459 464
467-479 482-483 510-519 523 527 530-539 543 546 550-559 561-564 566 570-580 591-599 631-633
635 660 662-663 668 691-692 701 710-719 722 724 728 730-731 734-739 743-746 750-760 762-763
766 768-779 790-799 812-813 816-818 825-827 830-839 851 854-859 870-879 883 886-888 891-898
901-903 906 908-909 911-917 919 930-939 941 943 951-955 970-979 990-999
"""


def _expand(ranges: str) -> frozenset[str]:
    codes: set[str] = set()
    for part in ranges.split():
        first, _, last = part.partition("-")
        codes.update(str(code) for code in range(int(first), int(last or first) + 1))
    return frozenset(codes)


TWO_DIGIT_AREAS = _expand(_TWO_DIGITS)
THREE_DIGIT_AREAS = _expand(_THREE_DIGITS)


def is_fixed_line(digits: str) -> bool:
    """Whether area code and local number, without the leading zero, form a fixed line.

    Local numbers have eight digits in two-digit areas, seven or eight elsewhere, and start
    with 2 to 8 (0 and 1 lead to trunk and service numbers, 9 to short numbers).
    """
    for width, areas, lengths in ((2, TWO_DIGIT_AREAS, (8,)), (3, THREE_DIGIT_AREAS, (7, 8))):
        local = digits[width:]
        if digits[:width] in areas:
            return len(local) in lengths and "2" <= local[0] <= "8"
    return False
