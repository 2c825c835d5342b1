package livetranslate

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"

	"google.golang.org/grpc"

	v1 "livetranslate/v1"
)

// ErrOver says that a session has ended, well or not: nothing more can be sent.
var ErrOver = errors.New("livetranslate: the session is over")

type stream = grpc.BidiStreamingClient[v1.StreamingTranslateSpeechRequest, v1.StreamingTranslateSpeechResponse]

// Session is one under way: Write and Events are used at the same time, from two goroutines.
//
// When the connection breaks, Events gets another one, to the next address, and goes on where it was: what the server
// lacks is sent again, and no final comes twice.
type Session struct {
	addresses *addresses
	recovery  *recovery

	mutex   sync.Mutex // of what follows
	changed *sync.Cond
	replay  *replay
	isOver  bool
}

func newSession(addresses *addresses, replay *replay, recovery *recovery) *Session {
	session := &Session{addresses: addresses, recovery: recovery, replay: replay}
	session.changed = sync.NewCond(&session.mutex)
	return session
}

// ID is the session's id; empty until session_started has come.
func (s *Session) ID() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.replay.sessionID
}

// Write sends audio that follows what was sent before.
//
// It is kept until the server has stored what was said in it, and sent as fast as the server takes it, also after a
// break. Once 35 minutes are kept, Write waits until there are less.
func (s *Session) Write(audio []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.isOver {
		return 0, ErrOver
	}
	if err := s.replay.addAudio(audio); err != nil {
		return 0, err
	}
	s.changed.Broadcast()
	for s.replay.isFull() && !s.isOver {
		s.changed.Wait()
	}
	return len(audio), nil
}

// Finish says that no more audio comes. What is under way becomes final, and the summary ends the session.
func (s *Session) Finish() {
	s.change(func() { s.replay.isFinished = true })
}

// Events yields what happens, until the summary. Where the session fails for good, an *Error comes last, or the cause
// for which the context was cancelled. Leaving the loop breaks off a session that is not over. To be called once.
func (s *Session) Events(ctx context.Context) iter.Seq2[*v1.SessionEvent, error] {
	return func(yield func(*v1.SessionEvent, error) bool) {
		defer s.change(func() { s.isOver = true })
		for {
			address := s.addresses.current()
			isLeft, err := s.receive(ctx, address, yield)
			if isLeft || errors.Is(err, io.EOF) || s.isComplete() {
				return
			}
			if err := s.pause(ctx, err); err != nil {
				yield(nil, err)
				return
			}
			s.addresses.moveOn(address)
		}
	}
}

// receive yields what one connection brings; it returns why that has ended, or that the caller has left.
func (s *Session) receive(
	ctx context.Context, address string, yield func(*v1.SessionEvent, error) bool,
) (isLeft bool, err error) {
	ctx, leave := context.WithCancel(ctx)
	connection, err := s.addresses.connect(address)
	if err != nil {
		leave()
		return false, err
	}
	var sending sync.WaitGroup
	defer func() {
		leave()
		s.change(func() {})
		sending.Wait()
		_ = connection.Close() // whatever it was still about is of no use any more
	}()
	stream, err := v1.NewLiveTranslateServiceClient(connection).StreamingTranslateSpeech(ctx)
	if err != nil {
		return false, err
	}
	sending.Go(func() { s.send(ctx, stream) })
	for {
		response, err := stream.Recv()
		if err != nil {
			return false, err
		}
		s.recovery.noteWorking()
		isNews := false
		s.change(func() { isNews = s.replay.noteEvent(response.GetEvent()) })
		if isNews && !yield(response.GetEvent(), nil) {
			return true, nil
		}
	}
}

// send sends what there is to send, as fast as it is taken, until the end or a break; the receiver learns of that.
func (s *Session) send(ctx context.Context, stream stream) {
	var opening *v1.StreamingTranslateSpeechRequest
	s.change(func() { opening = s.replay.restart() })
	if stream.Send(opening) != nil {
		return
	}
	for {
		audio := s.nextAudio(ctx)
		if audio == nil {
			_ = stream.CloseSend() // never fails
			return
		}
		request := &v1.StreamingTranslateSpeechRequest_Audio{Audio: audio}
		if stream.Send(&v1.StreamingTranslateSpeechRequest{StreamingRequest: request}) != nil {
			return
		}
	}
}

// nextAudio waits for audio to send; nil: no more comes, or the stream has ended.
func (s *Session) nextAudio(ctx context.Context) []byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for ctx.Err() == nil {
		if audio := s.replay.nextAudio(); audio != nil {
			return audio
		}
		if s.replay.isDrained() {
			return nil
		}
		s.changed.Wait()
	}
	return nil
}

// pause waits before another attempt; or returns why none is of use.
func (s *Session) pause(ctx context.Context, broken error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.mutex.Lock()
	isOpen, canResume := s.replay.hasStarted, s.replay.canResume()
	s.mutex.Unlock()
	delay, err := s.recovery.noteFailure(errorOf(broken), isOpen, canResume)
	if err != nil {
		return err
	}
	return sleep(ctx, delay)
}

func (s *Session) isComplete() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.replay.isOver
}

// change changes what is shared, and wakes whoever waits for that.
func (s *Session) change(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
	s.changed.Broadcast()
}

func sleep(ctx context.Context, delay time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(delay):
		return nil
	}
}
