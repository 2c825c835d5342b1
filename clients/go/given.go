package livetranslate

import (
	"fmt"

	v1 "livetranslate/v1"
)

// part is one of the texts or stretches of speech of a segment.
type part struct {
	segmentID    string
	kind         string
	languageCode string
	clause       int32
}

const partOfSpeech = "speech"

// given knows the parts whose last piece the caller has. Of those nothing more is of use: no final again, no draft, no
// speech.
//
// Parts before the watermark are forgotten; their texts count as given. So there are never more than those of the audio
// that is kept.
type given struct {
	complete    map[part]struct{}
	lastSettled string // segments up to it are before the watermark; their speech may still come
}

func newGiven() given {
	return given{complete: map[part]struct{}{}}
}

// admit tells whether the caller is to have the event; it notes it, if it is the last of its part.
func (g *given) admit(event *v1.SessionEvent) bool {
	part, isLast := partOf(event)
	if part.kind == "" {
		return true
	}
	if part.kind != partOfSpeech && part.segmentID <= g.lastSettled {
		return false
	}
	if _, has := g.complete[part]; has {
		return false
	}
	if isLast {
		g.complete[part] = struct{}{}
	}
	return true
}

// forgetBefore forgets the segments that start before a sample: they are durable, and not sent again.
func (g *given) forgetBefore(sample int64) {
	firstKept := fmt.Sprintf("%012d", sample)
	for part := range g.complete {
		if part.segmentID < firstKept {
			delete(g.complete, part)
			g.lastSettled = max(g.lastSettled, part.segmentID)
		}
	}
}

// partOf gives the part that an event belongs to, and whether it is that part's last; none has no kind.
func partOf(event *v1.SessionEvent) (part, bool) {
	switch happened := event.GetEvent().(type) {
	case *v1.SessionEvent_Transcript:
		revision := happened.Transcript.GetRevision()
		return part{segmentID: revision.GetSegmentId(), kind: "transcript"}, revision.GetIsFinal()
	case *v1.SessionEvent_Translation:
		revision := happened.Translation.GetRevision()
		return part{revision.GetSegmentId(), "translation", revision.GetLanguageCode(), 0}, revision.GetIsFinal()
	case *v1.SessionEvent_Speech:
		audio := happened.Speech.GetAudio()
		return part{
			audio.GetSegmentId(), partOfSpeech, happened.Speech.GetLanguageCode(), audio.GetClause(),
		}, audio.GetIsLast()
	}
	return part{}, false
}
