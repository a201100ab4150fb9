"""The server as a process: every test is one life of it, and most share one installation."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from runtime.secrets import ADMINISTRATOR
from tests.runtime.installation import waihu
from tests.runtime.serving import Served, all_gone, family, serving

pytestmark = pytest.mark.postgres
LIST = "姓名,手机号\n王一,13812345678\n李二,13912340002\n"


@pytest.fixture(scope="module")
def house() -> Iterator[Path]:
    """An installation that lives through several servers."""
    path = Path(tempfile.mkdtemp(prefix="waihu-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def served(house: Path) -> Iterator[Served]:
    """The first server on the installation."""
    with serving(house) as served:
        yield served


@pytest.fixture(scope="module")
def manager(served: Served) -> Iterator[httpx.Client]:
    """The administrator, signed in with the password that the first start told."""
    with httpx.Client(base_url=served.url, timeout=10) as client:
        body = {"name": ADMINISTRATOR, "password": served.password}
        answer = client.post("/api/v1/session", json=body)
        assert answer.status_code == 201, answer.text
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
        yield client


def test_it_says_where_it_is_and_is_ready(served: Served) -> None:
    assert f"Waihu serves {served.url} " in served.said
    assert httpx.get(f"{served.url}/healthz").json() == {"status": "alive"}
    parts = httpx.get(f"{served.url}/readyz").json()["parts"]
    assert parts == {"database": "up", "switch": "up"}


def test_figures_for_prometheus(served: Served) -> None:
    answer = httpx.get(f"{served.url}/metrics")
    assert answer.status_code == 200
    assert "# HELP waihu_" in answer.text


def test_the_page_and_its_parts_come(served: Served) -> None:
    page = httpx.get(served.url)
    assert page.status_code == 200
    assert "<html" in page.text
    assert httpx.get(f"{served.url}/static/live.js").status_code == 200


def test_nobody_enters_without_signing_in(served: Served) -> None:
    wrong = {"name": ADMINISTRATOR, "password": "a guess of mine"}
    assert httpx.post(f"{served.url}/api/v1/session", json=wrong).status_code == 401
    assert httpx.get(f"{served.url}/api/v1/campaigns").status_code == 401


def test_live_numbers_follow_what_happens(served: Served, manager: httpx.Client) -> None:
    ticket = manager.post("/api/v1/live-ticket").json()["ticket"]
    address = served.url.replace("http", "ws") + f"/api/v1/live?ticket={ticket}"
    with connect(address, open_timeout=5) as socket:
        body = {"name": "spring", "mode": "preview"}
        made = manager.post("/api/v1/campaigns", json=body)
        assert made.status_code == 201, made.text
        heard = json.loads(socket.recv(timeout=5))
        while heard["type"] != "campaign":
            heard = json.loads(socket.recv(timeout=5))
        assert "spring" in json.dumps(heard)
    numbers = manager.get(f"/api/v1/campaigns/{made.json()['id']}/numbers")
    assert numbers.status_code == 200
    assert numbers.json()["dialed"] == 0


def test_a_command_beside_it_works_on_the_same_data(
    house: Path, served: Served, manager: httpx.Client
) -> None:
    assert served.process.poll() is None
    (house / "list.csv").write_text(LIST, encoding="utf-8")
    done = waihu(house, "import", "list.csv", "--batch", "march", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["accepted"] == 2
    assert "march" in manager.get("/api/v1/batches").text


def test_a_busy_port_is_one_line(folder: Path, served: Served, database_dsn: str) -> None:
    environment = {"DATABASE_URL": database_dsn, "WAIHU_PORT": str(served.port)}
    done = waihu(folder, "serve", env=environment)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last == f"waihu: cannot listen on 127.0.0.1:{served.port}; set WAIHU_PORT to a free port"
    assert "Traceback" not in done.stderr


def test_a_signal_ends_everything_in_order(served: Served, manager: httpx.Client) -> None:
    """The last test on the first server: somebody watches the live page while it ends."""
    ticket = manager.post("/api/v1/live-ticket").json()["ticket"]
    everybody = family(served.process.pid)
    assert len(everybody) > 2, "database and speech are processes of their own"
    address = served.url.replace("http", "ws") + f"/api/v1/live?ticket={ticket}"
    with connect(address, open_timeout=5) as socket:
        socket.recv(timeout=5)
        assert served.end(signal.SIGTERM) == 0
    assert all_gone(everybody, 1.0)
    assert "Traceback" not in served.log.read_text()
    assert "Error" not in served.log.read_text()


def test_after_kill_it_starts_again_with_what_it_had(house: Path) -> None:
    with serving(house) as first:
        assert first.password is None, "told once only"
        everybody = family(first.process.pid)
        first.process.kill()
        first.process.wait()
        with serving(house) as second:
            assert "Traceback" not in second.log.read_text()
            assert all_gone(everybody, 1.0)
            assert second.end(signal.SIGINT) == 0
