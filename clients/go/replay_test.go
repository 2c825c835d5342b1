package livetranslate

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	v1 "livetranslate/v1"
)

// talking has sent some chunks of 100 samples, each of its own number.
func talking(t *testing.T, chunkCount int) *replay {
	t.Helper()
	replay := newReplay(SessionOptions{Source: "en"}.config())
	replay.restart()
	replay.noteEvent(started("token"))
	for index := range chunkCount {
		add(t, replay, bytes.Repeat([]byte{byte(index)}, 200))
	}
	sent(replay)
	return replay
}

func add(t *testing.T, replay *replay, audio []byte) {
	t.Helper()
	if err := replay.addAudio(audio); err != nil {
		t.Fatal(err)
	}
}

// sent is what the stream is sent now: each chunk's first byte.
func sent(replay *replay) []byte {
	var first []byte
	for audio := replay.nextAudio(); audio != nil; audio = replay.nextAudio() {
		first = append(first, audio[0])
	}
	return first
}

func resumption(t *testing.T, replay *replay) *v1.ResumeRequest {
	t.Helper()
	resume := replay.restart().GetResume()
	if resume == nil {
		t.Fatal("it does not resume")
	}
	return resume
}

func expect[T comparable](t *testing.T, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Errorf("%s: %v, not %v", what, got, wanted)
	}
}

// A session begins with its config, also again while the server has not answered.
func TestBeginsWithConfig(t *testing.T) {
	replay := newReplay(SessionOptions{Source: "en"}.config())
	add(t, replay, []byte{7, 7})
	for range 2 {
		expect(t, "source", replay.restart().GetConfig().GetSourceLanguageCode(), "en")
		expect(t, "audio", string(sent(replay)), "\x07")
	}
}

// After a break the audio from the watermark on is sent again, beginning with a whole chunk.
func TestSendsAgainFromTheWatermark(t *testing.T) {
	replay := talking(t, 4)
	replay.noteEvent(checkpoint(250, 0))
	expect(t, "offset", samplesOf(resumption(t, replay).GetAudioOffset()), 200)
	expect(t, "audio", string(sent(replay)), "\x02\x03")
}

// A resume names the last event that was received and is stored.
func TestNamesTheLastStoredEvent(t *testing.T) {
	replay := talking(t, 1)
	replay.noteEvent(transcript("000000000000", true, 1))
	replay.noteEvent(checkpoint(50, 1))
	replay.noteEvent(transcript("000000000060", true, 2))
	resume := resumption(t, replay)
	expect(t, "session", resume.GetSessionId(), "session")
	expect(t, "token", resume.GetResumeToken(), "token")
	expect(t, "number", resume.GetLastEventNumber(), 1)
}

// A stored event that was not received is asked for.
func TestAsksForWhatItMissed(t *testing.T) {
	replay := talking(t, 1)
	replay.noteEvent(checkpoint(50, 3))
	expect(t, "number", resumption(t, replay).GetLastEventNumber(), 0)
}

// A watermark that goes back is passed over.
func TestWatermarkGoesForward(t *testing.T) {
	replay := talking(t, 3)
	expect(t, "forward", replay.noteEvent(checkpoint(200, 0)), true)
	expect(t, "back", replay.noteEvent(checkpoint(100, 0)), false)
	expect(t, "offset", samplesOf(resumption(t, replay).GetAudioOffset()), 200)
}

// What was not sent is kept, though the watermark be further.
func TestKeepsWhatWasNotSent(t *testing.T) {
	replay := talking(t, 2)
	add(t, replay, []byte{9, 9})
	replay.noteEvent(checkpoint(400, 0))
	expect(t, "audio", string(sent(replay)), "\x09")
}

// Half a sample waits for its other half.
func TestSendsWholeSamples(t *testing.T) {
	replay := newReplay(SessionOptions{Source: "en"}.config())
	add(t, replay, []byte{1, 2, 3})
	add(t, replay, []byte{4})
	expect(t, "first", string(replay.nextAudio()), "\x01\x02")
	expect(t, "second", string(replay.nextAudio()), "\x03\x04")
}

// Long audio is cut into messages that the server takes.
func TestCutsLongAudio(t *testing.T) {
	replay := newReplay(SessionOptions{Source: "en"}.config())
	add(t, replay, make([]byte, 150_000))
	sizes := []int{len(replay.nextAudio()), len(replay.nextAudio()), len(replay.nextAudio())}
	if !slices.Equal(sizes, []int{65_536, 65_536, 18_928}) {
		t.Error(sizes)
	}
}

// What is kept is limited, small chunks included, and the watermark makes room.
func TestLimitsWhatIsKept(t *testing.T) {
	replay := newReplay(SessionOptions{Source: "en"}.config())
	replay.limitBytes = 600
	replay.restart()
	for _, isFull := range []bool{false, false, true} {
		add(t, replay, []byte{0, 0})
		expect(t, "full", replay.isFull(), isFull)
	}
	sent(replay)
	replay.noteEvent(checkpoint(3, 0))
	expect(t, "full", replay.isFull(), false)
}

// It is drained when all was sent and nothing more comes.
func TestDrains(t *testing.T) {
	replay := talking(t, 1)
	replay.isFinished = true
	expect(t, "drained", replay.isDrained(), true)
	replay.restart()
	expect(t, "drained", replay.isDrained(), false)
	if err := replay.addAudio([]byte{0, 0}); !errors.Is(err, errFinished) {
		t.Error(err)
	}
}

// session_started is given once, and a server without tokens does not resume.
func TestStartsOnce(t *testing.T) {
	replay := newReplay(SessionOptions{Source: "en"}.config())
	expect(t, "first", replay.noteEvent(started("")), true)
	expect(t, "resumes", replay.canResume(), false)
	expect(t, "second", replay.noteEvent(started("token")), false)
}
