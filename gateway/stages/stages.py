"""All stages of one session.

Only what comes from asr is translated, and only what comes from mt is spoken. So no stage's receiving ever waits for
its own sending, and a slow reader at the end slows the stages before it one after the other.
"""

import asyncio

from gateway.events import NoticeKind
from gateway.stages.context import StageContext
from gateway.stages.recognition import Recognition
from gateway.stages.speaking import Speaking
from gateway.stages.translation import Translation


class Stages:
    """Recognition, translation and speech."""

    def __init__(self, context: StageContext, tasks: asyncio.TaskGroup) -> None:
        """Open nothing yet; the stages run in `tasks`."""
        self._context = context
        self._speaking = Speaking(context, tasks)
        self._translation = Translation(context, on_translation=self._speaking.push)
        self.recognition = Recognition(context, on_transcript=self._translation.push)
        self._recognizing = tasks.create_task(self.recognition.run())
        self._translating = tasks.create_task(self._translation.run())

    async def open(self) -> None:
        """Begin to recognize, and to translate what was left over before a break."""
        await self.recognition.open()
        await self.change_targets()

    async def change_targets(self) -> None:
        """The core's targets have changed."""
        await self._translation.push()
        await self._speaking.push()
        if self._context.opens_early:
            await self._translation.open()
            await self._speaking.open()

    async def finish(self) -> None:
        """No more audio will come: the stages finish in order, and what they leave open is given up."""
        await self.recognition.finish()
        await self._recognizing
        await self._translation.finish()
        await self._translating
        await self._speaking.finish()
        self.recognition.keep_rest()
        languages = [target.language for target in self._context.session.targets_to_translate()]
        for kind in (NoticeKind.TRANSLATION_FAILED, NoticeKind.SYNTHESIS_FAILED):
            await self._context.give_up(kind, languages, "The session ended before this was done.")
