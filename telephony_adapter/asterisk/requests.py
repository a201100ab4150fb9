"""Every ARI request the adapter makes, as values (Asterisk REST Interface, version 22)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.telephony import AgentLegCommand, CallId, DialCommand

#: Event types nobody here reads; RTP statistics alone are five ChannelVarset for each call.
UNWANTED_EVENTS = (
    "BridgeCreated",
    "BridgeDestroyed",
    "BridgeVideoSourceChanged",
    "ChannelCallerId",
    "ChannelConnectedLine",
    "ChannelCreated",
    "ChannelDialplan",
    "ChannelEnteredBridge",
    "ChannelLeftBridge",
    "ChannelVarset",
    "PlaybackFinished",
    "PlaybackStarted",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One REST request.

    Attributes:
        path: below `/ari`.
        params: query string.
        body: JSON body, or None.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: object = None


# --- names of what we make on the switch -----------------------------------------------------


def media_channel(call: CallId, place: int) -> str:
    """Id of a robot's audio leg."""
    return f"media-{call}-{place}"


def ear_channel(call: CallId, place: int) -> str:
    """Id of the channel that listens to a call before it is answered."""
    return f"ear-{call}-{place}"


def recorder_channel(call: CallId) -> str:
    """Id of the channel that records a call."""
    return f"rec-{call}"


def call_bridge(call: CallId) -> str:
    """Id of the bridge of a call and its robots."""
    return f"call-{call}"


def leg_bridge(leg: CallId) -> str:
    """Id of the bridge an agent's leg lives in."""
    return f"leg-{leg}"


# --- the switch ------------------------------------------------------------------------------


def info() -> Request:
    """Version, name and start time."""
    return Request("GET", "/asterisk/info")


def ping() -> Request:
    """The switch's wall clock, to the millisecond."""
    return Request("GET", "/asterisk/ping")


def filter_events(app: str) -> Request:
    """Leave out `UNWANTED_EVENTS`; lasts until the switch restarts."""
    body = {"disallowed": [{"type": name} for name in UNWANTED_EVENTS]}
    return Request("PUT", f"/applications/{app}/eventFilter", body=body)


# --- channels --------------------------------------------------------------------------------


def originate(command: DialCommand, app: str, trunk: str) -> Request:
    """Ring a person; Asterisk takes the ring timeout in whole seconds (rounded up)."""
    params = {
        "endpoint": f"PJSIP/{command.number.e164}@{trunk}",
        "app": app,
        "channelId": str(command.attempt_id),
        "timeout": str(math.ceil(command.ring_timeout_s)),
    }
    if command.caller_id is not None:
        params["callerId"] = command.caller_id.e164
    return Request("POST", "/channels", params)


def ring_agent(command: AgentLegCommand, app: str) -> Request:
    """Ring an agent's telephone."""
    params = {
        "endpoint": command.address,
        "app": app,
        "channelId": str(command.leg_id),
        "timeout": str(math.ceil(command.ring_timeout_s)),
    }
    return Request("POST", "/channels", params)


def external_media(channel: str, app: str) -> Request:
    """Make an audio leg that waits for our WebSocket (chan_websocket, server mode)."""
    params = {
        "app": app,
        "channelId": channel,
        "external_host": "INCOMING",
        "transport": "websocket",
        "encapsulation": "none",
        "connection_type": "server",
        "format": "slin",
    }
    return Request("POST", "/channels/externalMedia", params)


def snoop(call: CallId, channel: str, app: str, spy: str) -> Request:
    """Listen to a call: `in` is the far end alone, `both` is everything."""
    return Request("POST", f"/channels/{call}/snoop", {"spy": spy, "app": app, "snoopId": channel})


def record(channel: str, name: str) -> Request:
    """Record what a channel hears until it ends."""
    params = {"name": name, "format": "wav", "ifExists": "overwrite"}
    return Request("POST", f"/channels/{channel}/record", params)


def play(call: CallId, path: str) -> Request:
    """Play a sound file; `path` is absolute and without extension."""
    return Request("POST", f"/channels/{call}/play", {"media": f"sound:{path}"})


def send_digits(call: CallId, digits: str) -> Request:
    """Press keys (RFC 4733)."""
    return Request("POST", f"/channels/{call}/dtmf", {"dtmf": digits})


def channel(channel_id: str) -> Request:
    """One channel's state."""
    return Request("GET", f"/channels/{channel_id}")


def channels() -> Request:
    """Every channel."""
    return Request("GET", "/channels")


def hang_up(channel_id: str) -> Request:
    """End a channel."""
    return Request("DELETE", f"/channels/{channel_id}")


# --- bridges ---------------------------------------------------------------------------------


def bridges() -> Request:
    """Every bridge."""
    return Request("GET", "/bridges")


def make_bridge(bridge: str) -> Request:
    """Make a mixing bridge, unless it exists."""
    return Request("POST", f"/bridges/{bridge}", {"type": "mixing"})


def add_channel(bridge: str, *channel_ids: str) -> Request:
    """Put channels into a bridge; each leaves the one it was in.

    No connected-line updates: they become a re-INVITE, which carriers dislike.
    """
    params = {"channel": ",".join(channel_ids), "inhibitConnectedLineUpdates": "true"}
    return Request("POST", f"/bridges/{bridge}/addChannel", params)


def remove_channel(bridge: str, channel_id: str) -> Request:
    """Take a channel out of a bridge."""
    return Request("POST", f"/bridges/{bridge}/removeChannel", {"channel": channel_id})


def drop_bridge(bridge: str) -> Request:
    """Delete a bridge; channels in it stay up."""
    return Request("DELETE", f"/bridges/{bridge}")
