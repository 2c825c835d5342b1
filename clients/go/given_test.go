package livetranslate

import (
	"testing"

	v1 "livetranslate/v1"
)

const (
	first  = "000000000100"
	second = "000000000900"
)

// A final is given once by segment and language, and no draft after it.
func TestGivesFinalsOnce(t *testing.T) {
	given := newGiven()
	for _, event := range []*v1.SessionEvent{transcript(first, true, 0), translation(first, "es", true)} {
		expect(t, "first time", given.admit(event), true)
		expect(t, "second time", given.admit(event), false)
	}
	expect(t, "draft", given.admit(translation(first, "es", false)), false)
	expect(t, "other language", given.admit(translation(first, "ca", true)), true)
	expect(t, "other segment", given.admit(transcript(second, true, 0)), true)
}

// Partials and what is no text are given as they come.
func TestGivesPartials(t *testing.T) {
	given := newGiven()
	for range 2 {
		expect(t, "partial", given.admit(transcript(first, false, 0)), true)
		expect(t, "checkpoint", given.admit(checkpoint(1, 0)), true)
	}
}

// A clause of speech is given once, to its last chunk.
func TestGivesSpeechOnce(t *testing.T) {
	given := newGiven()
	expect(t, "chunk", given.admit(speech(first, 0, false)), true)
	expect(t, "last chunk", given.admit(speech(first, 0, true)), true)
	expect(t, "again", given.admit(speech(first, 0, false)), false)
	expect(t, "next clause", given.admit(speech(first, 1, false)), true)
}

// Texts before the watermark count as given; speech of them may still come.
func TestForgetsWhatIsDurable(t *testing.T) {
	given := newGiven()
	given.admit(transcript(first, true, 0))
	given.forgetBefore(500)
	expect(t, "kept", len(given.complete), 0)
	expect(t, "text", given.admit(transcript(first, true, 0)), false)
	expect(t, "speech", given.admit(speech(first, 0, true)), true)
	expect(t, "later", given.admit(transcript(second, true, 0)), true)
}
