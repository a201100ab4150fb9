"""Asterisk 22 and later, over ARI and chan_websocket."""
