"""The door for clients of NVIDIA Riva: a thin translation of its services onto our sessions, mt and tts.

Nothing here is imported where the door is closed: the messages come with the extra `riva`.
"""
