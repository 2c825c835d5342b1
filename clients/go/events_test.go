package livetranslate

import v1 "livetranslate/v1"

// Events as a server sends them.

func started(token string) *v1.SessionEvent {
	started := &v1.SessionStarted{SessionId: "session", ResumeToken: token}
	return &v1.SessionEvent{Event: &v1.SessionEvent_SessionStarted{SessionStarted: started}}
}

func checkpoint(sample, lastEventNumber int64) *v1.SessionEvent {
	checkpoint := &v1.Checkpoint{DurableOffset: durationOf(sample), LastEventNumber: lastEventNumber}
	return &v1.SessionEvent{Event: &v1.SessionEvent_Checkpoint{Checkpoint: checkpoint}}
}

func transcript(segmentID string, isFinal bool, eventNumber int64) *v1.SessionEvent {
	transcript := &v1.Transcript{Revision: &v1.TranscriptRevision{SegmentId: segmentID, IsFinal: isFinal}}
	return &v1.SessionEvent{EventNumber: eventNumber, Event: &v1.SessionEvent_Transcript{Transcript: transcript}}
}

func translation(segmentID, languageCode string, isFinal bool) *v1.SessionEvent {
	revision := &v1.TranslationRevision{SegmentId: segmentID, LanguageCode: languageCode, IsFinal: isFinal}
	return &v1.SessionEvent{Event: &v1.SessionEvent_Translation{Translation: &v1.Translation{Revision: revision}}}
}

func speech(segmentID string, clause int32, isLast bool) *v1.SessionEvent {
	audio := &v1.SpeechAudio{SegmentId: segmentID, Clause: clause, IsLast: isLast}
	return &v1.SessionEvent{Event: &v1.SessionEvent_Speech{Speech: &v1.Speech{LanguageCode: "es", Audio: audio}}}
}
