"""The parts of LiveTranslate as child processes of one command."""

from livetranslate.stack.process import StackError
from livetranslate.stack.stack import Stack, StackOptions, running_stack

__all__ = ["Stack", "StackError", "StackOptions", "running_stack"]
