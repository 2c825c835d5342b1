package livetranslate

import (
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
)

const (
	patience   = 2 * time.Minute
	firstDelay = 100 * time.Millisecond
	// A server that is back serves its clients again within two seconds.
	maxDelay = time.Second
	// A stream that broke sooner than this had not been repaired.
	steady = 2 * time.Second
)

// ConnectionOptions say how to go on when a connection breaks, or cannot be had.
type ConnectionOptions struct {
	// Reconnect is how long to try to go on after a break; 0 means 2 minutes. Negative: the break is returned at once.
	Reconnect time.Duration
	// Admission is how long to ask again where no server has room, each time when it says so. 0: that is returned.
	Admission time.Duration
	// OnBreak, if set, is called with the reason each time that another attempt follows.
	OnBreak func(*Error)
}

// recovery follows one session's or viewer's connection from break to break. It decides; it neither connects nor waits.
//
// The first attempt comes at once; the pauses before later ones are drawn at random below a bound that doubles from
// 0.1 s to 1 s, so that the clients of a server that died do not come back all at the same instant.
type recovery struct {
	addressCount int
	options      ConnectionOptions
	now          func() time.Time
	random       func() float64 // from 0 to 1

	openingsUsed int
	refusal      *Error // the last one since all addresses were asked
	comeBackAt   time.Time
	refusedAt    time.Time // first
	lostAt       time.Time
	workingSince time.Time
	attempts     int
}

func newRecovery(addressCount int, options ConnectionOptions) *recovery {
	if options.Reconnect == 0 {
		options.Reconnect = patience
	}
	return &recovery{addressCount: addressCount, options: options, now: time.Now, random: rand.Float64}
}

// noteFailure returns the time to wait before another attempt; or the error, where none is of use.
//
// What was never open is tried once at each address, without a pause; where there is no room, again when the server
// says, if the caller has the time. What was open can be resumed, if anything can.
func (r *recovery) noteFailure(failed *Error, isOpen, canResume bool) (time.Duration, error) {
	if !canHeal(failed) || isOpen && !canResume {
		return 0, failed
	}
	note := r.noteUnopened
	if isOpen {
		note = r.noteBreak
	}
	delay, err := note(failed)
	if err == nil && r.options.OnBreak != nil {
		r.options.OnBreak(failed)
	}
	return delay, err
}

// noteWorking takes in that the server has answered on the stream.
func (r *recovery) noteWorking() {
	if r.workingSince.IsZero() {
		r.workingSince = r.now()
	}
}

func (r *recovery) noteBreak(failed *Error) (time.Duration, error) {
	wasSteady := !r.workingSince.IsZero() && r.now().Sub(r.workingSince) >= steady
	if r.lostAt.IsZero() || wasSteady {
		r.lostAt, r.attempts = r.now(), 0
	}
	r.workingSince = time.Time{}
	delay := max(r.pause(), failed.RetryDelay)
	if r.now().Sub(r.lostAt)+delay > r.options.Reconnect {
		return 0, failed
	}
	r.attempts++
	return delay, nil
}

func (r *recovery) noteUnopened(failed *Error) (time.Duration, error) {
	now := r.now()
	if failed.RetryDelay > 0 {
		r.refusal, r.comeBackAt = failed, now.Add(failed.RetryDelay)
		if r.refusedAt.IsZero() {
			r.refusedAt = now
		}
	}
	if r.openingsUsed < r.addressCount-1 {
		r.openingsUsed++
		return 0, nil
	}
	refusal := r.refusal // of one address, though others should be away
	r.refusal = nil
	if refusal == nil {
		return 0, failed
	}
	if r.comeBackAt.Sub(r.refusedAt) > r.options.Admission {
		return 0, refusal
	}
	r.openingsUsed = 0
	return max(0, r.comeBackAt.Sub(now)), nil
}

func (r *recovery) pause() time.Duration {
	if r.attempts == 0 {
		return 0
	}
	bound := min(maxDelay, firstDelay<<min(r.attempts-1, 10))
	return time.Duration(r.random() * float64(bound))
}

// canHeal tells whether the same request may succeed over another connection.
func canHeal(failed *Error) bool {
	switch failed.Code {
	case codes.Internal, codes.Unknown: // the transport's, where the server itself explained nothing
		return failed.Reason == ""
	case codes.Unavailable, codes.Canceled, codes.DeadlineExceeded, codes.ResourceExhausted:
		return failed.Reason != "CLIENT_STALLED"
	}
	return false
}
