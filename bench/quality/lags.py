"""How late everything is, in seconds, as the client sees it: from its sending the audio to its receiving the answer."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from bench.quality.session_log import Event, History, Sentence, SessionLog, Word, committed_at


def first_partials(log: SessionLog) -> Iterator[float | None]:
    """For each sentence: from its first sound to the first words of it that are shown; None where none ever are."""
    transcripts = [event for event in log.of("transcript") if event.shown]
    for sentence in log.header.sentences:
        first = next((event.t for event in transcripts if _shows(event, sentence)), None)
        yield None if first is None else first - log.sent_at(sentence.start)


def transcript_commits(log: SessionLog) -> Iterator[float]:
    """For each final word: from its end to the first revision that has committed it."""
    for word, committed in committed_words(log):
        yield committed - log.sent_at(word.end)


def committed_words(log: SessionLog) -> Iterator[tuple[Word, float]]:
    """Each final word, and when the first revision that has committed it came."""
    for history in log.histories("transcript").values():
        words = history[-1].words
        counts = accumulate(len(word.text.split()) for word in words)  # an engine's word may have a space in it
        for word, count in zip(words, counts, strict=True):
            yield word, committed_at(history, count)


def translation_commits(log: SessionLog) -> Iterator[float]:
    """For each final word that was translated: from its end to the committed translation that covers it."""
    translations = log.histories("translation")
    for segment_id, history in log.histories("transcript").items():
        for word in history[-1].words if segment_id in translations else ():
            yield _translated_at(translations[segment_id], word.end) - log.sent_at(word.end)


def first_audio(log: SessionLog) -> Iterator[float]:
    """For each spoken clause: from the translation that committed it to its first sound."""
    translations = log.histories("translation")
    heard: set[tuple[str, int]] = set()
    for chunk in log.of("speech"):
        clause = (chunk.segment_id, chunk.clause)
        if chunk.seconds and clause not in heard and chunk.segment_id in translations:
            heard.add(clause)
            yield chunk.t - _translated_at(translations[chunk.segment_id], chunk.end)


def finals(log: SessionLog, kind: str) -> Iterator[float]:
    """For each final text: from the end of its segment."""
    return (event.t - log.sent_at(event.end) for event in log.of(kind) if event.is_final)


def pacing_slip(log: SessionLog) -> Iterator[float]:
    """For each chunk: how late it was sent."""
    return (max(0.0, at - number * log.header.chunk_seconds) for number, at in enumerate(log.header.sent))


def real_time_factor(logs: Sequence[SessionLog]) -> float:
    """How long sessions took, from the first chunk to the summary, for each second of audio; paced, it is above 1."""
    took = sum(log.events[-1].t + log.header.chunk_seconds for log in logs)  # a microphone's first chunk takes its time
    return round(took / sum(log.header.audio_seconds for log in logs), 4)


def _shows(event: Event, sentence: Sentence) -> bool:
    """Whether a word of the sentence is to be read; where words have no place, whether its segment has begun."""
    if not event.words:
        return event.start < sentence.end and event.end > sentence.start
    return any(sentence.start <= (word.start + word.end) / 2 < sentence.end for word in event.words)


def _translated_at(history: History, offset: float) -> float:
    """When the translation of all speech up to an offset was committed; with the final revision all is."""
    return next(event.t for event in history if event.is_final or event.source_end >= offset)
