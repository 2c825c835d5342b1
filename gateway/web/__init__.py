"""The gateway's HTTP door: endpoints that clients of OpenAI's audio API know, on an address of its own.

A request that brings a file becomes a session of our own core, as a stream does.
"""

from gateway.web.door import web_door
from gateway.web.routes import application

__all__ = ["application", "web_door"]
