"""What asr says of the speaker beside the words. It is told once, though an asr that begins anew says it again."""

from gateway.events import Notice, NoticeKind, SpeechActivity


class Heard:
    """What was told last."""

    def __init__(self) -> None:
        """Begin with silence."""
        self._activity = SpeechActivity("", -1, is_start=False)
        self._change = Notice(NoticeKind.LANGUAGE_CHANGED, "")

    def is_new_activity(self, activity: SpeechActivity) -> bool:
        """Whether speech has not been said before to start, or to end, there; it ends before it starts again."""
        told = self._activity
        if (activity.sample, activity.is_start) <= (told.sample, told.is_start):
            return False
        self._activity = activity
        return True

    def is_new_change(self, change: Notice) -> bool:
        """Whether the language has not been said before to change in that segment."""
        if change.segment_id < self._change.segment_id or change == self._change:
            return False
        self._change = change
        return True
