from __future__ import annotations

import io

import openpyxl
import pytest

from api.list_import import import_list
from kernel.errors import InputError
from kernel.users import Role
from tests.api.house import CANARY, House, upload, workbook


async def test_a_dry_run_reports_and_stores_nothing(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        answer = await upload(client, dry_run=True)
        assert answer.status_code == 200, answer.text
        report = answer.json()
        assert (report["rows"], report["accepted"], report["rejected"]) == (5, 3, 2)
        assert report["batch"] is None
        assert report["reasons"] == {"service-number": 1, "duplicate": 1}
        assert report["header_row"] == 1
        assert {f["key"]: f["title"] for f in report["fields"]}["phone"] == "手机号"
        assert report["first"][0]["number"] == "+86138****5678"
        assert [problem["row"] for problem in report["problems"]] == [4, 6]
        assert CANARY not in answer.text
        assert (await client.get("/api/v1/batches")).json() == []


async def test_importing_twice_changes_nothing(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        answers = [await upload(client) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
        first, second = (answer.json() for answer in answers)
        assert first["batch"] == second["batch"] is not None
        [batch] = (await client.get("/api/v1/batches")).json()
        assert (batch["rows"], batch["members"], batch["rejected"]) == (5, 3, 2)
        one = await client.get(f"/api/v1/batches/{batch['id']}")
        assert one.json() == batch


async def test_another_file_under_the_same_name_is_a_conflict(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        await upload(client)
        answer = await client.post(
            "/api/v1/batches",
            data={"name": "三月"},
            files={"file": ("b.csv", "电话\n13900000000\n".encode())},
        )
    assert answer.status_code == 409


async def test_the_user_knows_better_which_column_it_is(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        answer = await upload(client, dry_run=True, mapping='{"phone": "手机号", "town": "C"}')
        assert "town" in {field["key"] for field in answer.json()["fields"]}
        for wrong in ("[", '{"phone": 2}', '["B"]', '{"phone": "Z"}'):
            answer = await upload(client, dry_run=True, mapping=wrong)
            assert answer.status_code == 422, wrong


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken"])
async def test_what_is_no_list_is_refused_with_words(house: House, content: bytes) -> None:
    async with house.client(Role.MANAGER) as client:
        answer = await client.post(
            "/api/v1/batches", data={"name": "x"}, files={"file": ("x.xlsx", content)}
        )
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("x.xlsx: ")


async def test_counting_and_filter_forms(house: House) -> None:
    condition = {"field": "city", "op": "=", "values": ["北京"]}
    async with house.client(Role.MANAGER) as client:
        batch = (await upload(client)).json()["batch"]
        count = f"/api/v1/batches/{batch}/count"
        answer = await client.post(count, json={"condition": condition})
        assert answer.json()["count"] == 2
        assert "城市" in answer.json()["explanation"]
        for wrong in ({}, {"any": 1}, {"field": "city", "op": "like", "values": []}):
            answer = await client.post(count, json={"condition": wrong})
            assert answer.status_code == 422
        form = "/api/v1/filter-forms/beijing"
        assert (await client.get(form)).status_code == 404
        stored = (await client.put(form, json={"condition": condition})).json()
        assert (await client.get(form)).json() == stored
        changed = (await client.put(form, json={"condition": {"all": []}})).json()
        assert changed["id"] == stored["id"]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.MANAGER])
async def test_rejected_rows_come_back(house: House, role: Role) -> None:
    async with house.client(role) as client:
        batch = (await upload(client)).json()["batch"]
        answer = await client.get(f"/api/v1/batches/{batch}/rejected.xlsx?language=en")
    assert "filename*=UTF-8''%E5%AE%A2" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[0] for row in rows] == ["张三", "钱五"]
    shown = CANARY if role is Role.ADMINISTRATOR else "138****5678"
    assert [row[1] for row in rows] == ["110", shown]
    assert "emergency" in str(rows[0][-1])


async def test_the_use_case_alone(house: House) -> None:
    store, ids = house.store, house.services.ids
    report = await import_list(
        store, ids, name="a", file_name="a.csv", content="姓名,电话\n甲,13900000000\n".encode()
    )
    assert (report.accepted, report.rejected, report.sheet) == (1, 0, "")
    with pytest.raises(InputError, match="no column of phone numbers"):
        await import_list(
            store, ids, name="b", file_name="b.xlsx", content=workbook([("甲", "乙"), ("1", "2")])
        )
    assert await store.find_batch("b") is None
