"""The parts of LiveTranslate as child processes of one command."""
