from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp
import pytest

from lab.rig import Rig
from lab.switch import EXTENSIONS
from tests.lab.ari import Ari

pytestmark = pytest.mark.switch


def test_url_names_this_instance(rig: Rig) -> None:
    url = urlsplit(rig.switch.url)
    assert (url.scheme, url.hostname, url.path) == ("asterisk", "127.0.0.1", "/waihu")
    assert url.username == "waihu"
    assert len(url.password or "") >= 20
    assert url.port == rig.switch.http_port


async def test_the_password_is_needed(rig: Rig) -> None:
    login = aiohttp.encode_basic_auth("waihu", "wrong")
    async with (
        aiohttp.ClientSession(headers={"Authorization": login}) as http,
        http.get(f"http://127.0.0.1:{rig.switch.http_port}/ari/asterisk/info") as answer,
    ):
        assert answer.status == 401


def test_starts_without_complaints(rig: Rig) -> None:
    errors = [line for line in rig.switch.log_path.read_text().splitlines() if "ERROR" in line]
    assert errors == []


def test_every_extension_is_an_endpoint(rig: Rig) -> None:
    listed = rig.switch.cli("pjsip show endpoints")
    assert all(f"{extension}" in listed for extension in EXTENSIONS)


async def test_media_over_websocket_speaks_json(rig: Rig) -> None:
    async with Ari(rig.switch.url) as ari:
        channel = await ari.post(
            "/channels/externalMedia",
            app="waihu",
            external_host="INCOMING",
            transport="websocket",
            encapsulation="none",
            connection_type="server",
            format="slin",
        )
        path = f"/media/{channel['channelvars']['MEDIA_WEBSOCKET_CONNECTION_ID']}"
        async with ari.websocket(path) as media:
            start = await media.receive_json()
            assert start["event"] == "MEDIA_START"
            assert start["optimal_frame_size"] == 320
        # Closing the socket hangs the leg up.
        await ari.wait("ChannelDestroyed", channel["id"])
