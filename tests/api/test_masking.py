from __future__ import annotations

import io
import json
import re
import zipfile
from uuid import UUID

import openpyxl
import pytest
from hypothesis import given, strategies as st
from openpyxl.comments import Comment

from api.access import ROLES
from api.masked_workbook import mask_workbook
from api.masking import mask_text, show_number
from kernel.errors import InputError
from kernel.users import Role
from tests.api.house import CANARY, House, new_campaign, upload, workbook

_DIGIT_FORMS = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "+86 1**-****-5678"),
        ("请回拨 138 1234 5678，谢谢", "请回拨 138 **** 5678，谢谢"),
        ("（010）6234 5678", "（010）**** 5678"),
        ("13812345678".translate(_DIGIT_FORMS), "１３８****５６７８"),
        ("2026-03-01 10:30:00", "2026-03-01 10:30:00"),
        ("2026/3/1", "2026/3/1"),
        ("订单 123456", "订单 123456"),
        ("1,234,567.00 元", "1,234,567.00 元"),
        ("", ""),
    ],
)
def test_examples(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", " ", "-", "  ", "－", "."]),
    st.text(alphabet=st.characters(exclude_categories=["Nd", "Cs"]), max_size=5),
)
def test_no_mobile_survives(number: str, separator: str, around: str) -> None:
    written = separator.join((number[:3], number[3:7], number[7:]))
    masked = mask_text(f"{around}{written}{around}")
    assert number not in re.sub(r"\D", "", masked)
    assert mask_text(masked) == masked


def test_right_to_see() -> None:
    assert show_number("+8613812345678", in_full=True) == "+8613812345678"
    assert show_number("+8613812345678", in_full=False) == "+86138****5678"


def test_a_masked_workbook_holds_no_number_anywhere() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["B1"], sheet["C1"] = CANARY, int(CANARY), 12.5
    sheet["A1"].comment = Comment(f"call {CANARY}", "x")
    sheet["A1"].hyperlink = f"tel:{CANARY}"
    book.create_sheet("second")["D4"] = f"or {CANARY}"
    stream = io.BytesIO()
    book.save(stream)
    masked = mask_workbook(stream.getvalue())
    assert CANARY not in _everything(masked)
    first, second = openpyxl.load_workbook(io.BytesIO(masked)).worksheets
    assert [cell.value for cell in first[1]] == ["138****5678", "138****5678", 12.5]
    assert second["D4"].value == "or 138****5678"


def test_what_is_too_large_to_be_masked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.masked_workbook.STYLED_UP_TO_BYTES", 1000)
    with pytest.raises(InputError, match="an administrator can export it"):
        mask_workbook(workbook())


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT])
async def test_the_canary_is_in_no_answer(house: House, role: Role) -> None:
    async with house.client(Role.ADMINISTRATOR) as client:
        batch = (await upload(client)).json()["batch"]
        campaign = await new_campaign(client)
        await client.post(
            f"/api/v1/campaigns/{campaign}/allocations", json={"batch": batch, "target": "queue"}
        )
        full = await client.get(f"/api/v1/campaigns/{campaign}/names")
        assert CANARY in full.text
    places = {"batch_id": batch, "campaign_id": campaign, "name": "x"}
    read = 0
    async with house.client(role) as client:
        for method, path in ROLES:
            if method != "GET":
                continue
            address = re.sub(r"\{(\w+)\}", lambda m: places.get(m[1], str(UUID(int=0))), path)
            answer = await client.get("/api/v1" + address)
            read += answer.status_code == 200
            told = json.dumps(dict(answer.headers)) + _everything(answer.content)
            assert CANARY not in re.sub(r"[\s\-]", "", told), path
    assert read == (11 if role is Role.MANAGER else 3)


def _everything(content: bytes) -> str:
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())
