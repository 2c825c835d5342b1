package livetranslate

import (
	"bytes"
	"errors"
	"slices"

	v1 "livetranslate/v1"
)

const (
	// 35 minutes: the watermark is never so far behind, unless the server's database is away all the while.
	limitBytes = 64 << 20
	// Two seconds: far below the server's limit of 1 MiB.
	messageBytes = 64 << 10
	// What a chunk takes beside its audio: small ones are bounded, too.
	chunkBytes  = 256
	sampleBytes = 2
)

var errFinished = errors.New("livetranslate: Finish was called: nothing more can be sent")

// chunk is audio that follows what came before; it begins with a whole sample.
type chunk struct {
	startByte int64
	audio     []byte
}

// replay keeps the audio after the watermark, and knows what the caller has. It decides; it neither connects nor
// waits, and is for one goroutine at a time.
type replay struct {
	config     *v1.SessionConfig
	limitBytes int64

	sessionID   string
	resumeToken string
	hasStarted  bool // the server has answered
	isOver      bool // the summary came
	isFinished  bool // the caller has nothing more to send

	given          given
	chunks         []chunk
	sentChunks     int    // how many of them this stream has been sent
	saidBytes      int64  // all that the caller has ever sent
	half           []byte // the first byte of a sample whose second is still to come
	watermark      int64
	storedNumber   int64
	receivedNumber int64
}

func newReplay(config *v1.SessionConfig) *replay {
	return &replay{config: config, limitBytes: limitBytes, given: newGiven()}
}

// addAudio takes audio that follows what came before.
func (r *replay) addAudio(audio []byte) error {
	if r.isFinished {
		return errFinished
	}
	joined := slices.Concat(r.half, audio)
	wholeBytes := len(joined) - len(joined)%sampleBytes
	r.half = bytes.Clone(joined[wholeBytes:])
	for piece := range slices.Chunk(joined[:wholeBytes], messageBytes) {
		r.chunks = append(r.chunks, chunk{r.saidBytes, piece})
		r.saidBytes += int64(len(piece))
	}
	return nil
}

// restart opens a stream: it returns the first message; nextAudio then begins with what the server needs.
func (r *replay) restart() *v1.StreamingTranslateSpeechRequest {
	r.sentChunks = 0
	if !r.canResume() {
		return &v1.StreamingTranslateSpeechRequest{
			StreamingRequest: &v1.StreamingTranslateSpeechRequest_Config{Config: r.config},
		}
	}
	r.receivedNumber = r.lastEventNumber() // what came after it comes again
	resume := &v1.ResumeRequest{
		SessionId:       r.sessionID,
		ResumeToken:     r.resumeToken,
		LastEventNumber: r.lastEventNumber(),
		AudioFormat:     r.config.GetAudioFormat(),
		AudioOffset:     durationOf(r.firstByte() / sampleBytes),
	}
	return &v1.StreamingTranslateSpeechRequest{
		StreamingRequest: &v1.StreamingTranslateSpeechRequest_Resume{Resume: resume},
	}
}

// nextAudio returns the next audio for this stream; nil while there is none.
func (r *replay) nextAudio() []byte {
	if r.sentChunks == len(r.chunks) {
		return nil
	}
	r.sentChunks++
	return r.chunks[r.sentChunks-1].audio
}

// noteEvent takes an event in, and tells whether the caller is to have it.
func (r *replay) noteEvent(event *v1.SessionEvent) bool {
	r.receivedNumber = max(r.receivedNumber, event.GetEventNumber())
	switch happened := event.GetEvent().(type) {
	case *v1.SessionEvent_SessionStarted:
		return r.noteStarted(happened.SessionStarted)
	case *v1.SessionEvent_Checkpoint:
		return r.noteCheckpoint(happened.Checkpoint)
	case *v1.SessionEvent_Summary:
		r.isOver = true
	}
	return r.given.admit(event)
}

// canResume tells whether the session can go on over another stream.
func (r *replay) canResume() bool {
	return r.resumeToken != ""
}

// isDrained tells whether this stream has been sent everything, and nothing more comes.
func (r *replay) isDrained() bool {
	return r.isFinished && r.sentChunks == len(r.chunks)
}

// isFull tells whether so much is kept that more has to wait for the watermark.
func (r *replay) isFull() bool {
	return r.saidBytes-r.firstByte()+int64(len(r.chunks))*chunkBytes >= r.limitBytes
}

// lastEventNumber is of the last event that the caller has and that is stored; numbers after it may be given anew.
func (r *replay) lastEventNumber() int64 {
	return min(r.storedNumber, r.receivedNumber)
}

func (r *replay) firstByte() int64 {
	if len(r.chunks) == 0 {
		return r.saidBytes
	}
	return r.chunks[0].startByte
}

func (r *replay) noteStarted(started *v1.SessionStarted) bool {
	isFirst := !r.hasStarted
	r.hasStarted = true
	r.sessionID = started.GetSessionId()
	if token := started.GetResumeToken(); token != "" {
		r.resumeToken = token
	}
	return isFirst
}

func (r *replay) noteCheckpoint(checkpoint *v1.Checkpoint) bool {
	watermark := samplesOf(checkpoint.GetDurableOffset())
	if watermark < r.watermark {
		return false
	}
	r.watermark = watermark
	r.storedNumber = max(r.storedNumber, checkpoint.GetLastEventNumber())
	if r.receivedNumber >= checkpoint.GetLastEventNumber() {
		r.given.forgetBefore(watermark)
	}
	r.forgetBefore(watermark * sampleBytes)
	return true
}

func (r *replay) forgetBefore(byteOffset int64) {
	count := 0
	for count < r.sentChunks && r.chunks[count].startByte+int64(len(r.chunks[count].audio)) <= byteOffset {
		count++
	}
	r.chunks = slices.Delete(r.chunks, 0, count)
	r.sentChunks -= count
}
