"""The three stages of a session, asr, then mt, then tts: each moves facts between the core and one service."""
