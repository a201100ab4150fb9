"""The switch under control: Asterisk with ARI, media over WebSocket and a trunk to the world."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from lab.asterisk import AsteriskInstance
from lab.fetch import AsteriskTree
from lab.number_plan import Behaviour, agent_extension
from lab.ports import PortBlock

ARI_USER = "waihu"
ARI_APP = "waihu"

#: Endpoints of their own. Any other 8BXX is reached as PJSIP/8BXX@trunk.
EXTENSIONS = tuple(
    agent_extension(behaviour, suffix=suffix)
    for behaviour in Behaviour
    if behaviour.is_agent
    for suffix in range(10)
)


class Switch(AsteriskInstance):
    """An Asterisk for the product to dial through.

    Endpoints: `PJSIP/NUMBER@trunk` to people, `PJSIP/8001` and the like to agents' telephones.
    Calls from the world enter the application with the arguments `inbound,NUMBER`.

    Args:
        tree: the Asterisk to run.
        ports: its ports.
        world_sip_port: where the trunk ends, on 127.0.0.1.
        sounds_dir: folder made by `lab.sounds`.
        extensions: agents' telephones with an endpoint of their own.
    """

    def __init__(
        self,
        tree: AsteriskTree,
        ports: PortBlock,
        *,
        world_sip_port: int,
        sounds_dir: Path,
        extensions: Sequence[str] = EXTENSIONS,
    ) -> None:
        self._password = secrets.token_urlsafe(16)
        super().__init__(
            tree,
            "switch",
            ports,
            {
                "sounds_dir": str(sounds_dir),
                "world_sip_port": str(world_sip_port),
                "ari_user": ARI_USER,
                "ari_password": self._password,
                "ari_app": ARI_APP,
                "agent_endpoints": "\n".join(
                    _endpoint(extension, world_sip_port) for extension in extensions
                ),
            },
        )

    @property
    def url(self) -> str:
        """The switch's address, with the password of this instance."""
        return f"asterisk://{ARI_USER}:{self._password}@127.0.0.1:{self.http_port}/{ARI_APP}"

    @property
    def address(self) -> str:
        """`url` with the folder that the switch records into: what the product is given."""
        return f"{self.url}?recordings={quote(str(self.recordings_dir), safe='')}"

    @property
    def recordings_dir(self) -> Path:
        """Where recordings made through ARI land."""
        return self.directory / "spool/recording"


def _endpoint(extension: str, world_sip_port: int) -> str:
    contact = f"sip:{extension}@127.0.0.1:{world_sip_port}"
    return (
        f"[{extension}](agent)\naors = {extension}\n"
        f"[{extension}]\ntype = aor\ncontact = {contact}\nqualify_frequency = 0\n"
    )
