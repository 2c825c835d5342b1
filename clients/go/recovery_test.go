package livetranslate

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
)

var (
	away = &Error{Code: codes.Unavailable, Message: "away"}
	full = &Error{Code: codes.ResourceExhausted, Reason: "TOO_MANY_SESSIONS", RetryDelay: 3 * time.Second}
)

// recovering has a clock of its own, and draws the longest pauses.
func recovering(addressCount int, options ConnectionOptions) (*recovery, *time.Time) {
	now := time.Unix(1, 0)
	recovery := newRecovery(addressCount, options)
	recovery.now = func() time.Time { return now }
	recovery.random = func() float64 { return 1 }
	return recovery, &now
}

func expectDelay(t *testing.T, recovery *recovery, failed *Error, isOpen bool, wanted time.Duration) {
	t.Helper()
	delay, err := recovery.noteFailure(failed, isOpen, true)
	if err != nil || delay != wanted {
		t.Errorf("%v, %v; not %v", delay, err, wanted)
	}
}

func expectFailure(t *testing.T, recovery *recovery, failed *Error, isOpen, canResume bool) {
	t.Helper()
	if _, err := recovery.noteFailure(failed, isOpen, canResume); err != error(failed) {
		t.Errorf("%v, not %v", err, failed)
	}
}

// The first attempt comes at once, later ones after pauses that double up to a second.
func TestPausesDouble(t *testing.T) {
	recovery, _ := recovering(1, ConnectionOptions{})
	for _, ms := range []time.Duration{0, 100, 200, 400, 800, 1000, 1000} {
		expectDelay(t, recovery, away, true, ms*time.Millisecond)
	}
}

// Patience ends, counted from the break.
func TestPatienceEnds(t *testing.T) {
	recovery, now := recovering(1, ConnectionOptions{Reconnect: 5 * time.Second})
	expectDelay(t, recovery, away, true, 0)
	*now = now.Add(5*time.Second + 1)
	expectFailure(t, recovery, away, true, true)
}

// A stream that held for a while has been repaired: the next break begins anew. One that breaks at once has not.
func TestSteadyStreamsBeginAnew(t *testing.T) {
	recovery, now := recovering(1, ConnectionOptions{Reconnect: 5 * time.Second})
	expectDelay(t, recovery, away, true, 0)
	recovery.noteWorking()
	expectDelay(t, recovery, away, true, 100*time.Millisecond)
	recovery.noteWorking()
	*now = now.Add(time.Minute)
	expectDelay(t, recovery, away, true, 0)
}

// Without patience, or without a token, a break is returned.
func TestGivesUp(t *testing.T) {
	impatient, _ := recovering(1, ConnectionOptions{Reconnect: -1})
	expectFailure(t, impatient, away, true, true)
	patient, _ := recovering(1, ConnectionOptions{})
	expectFailure(t, patient, away, true, false)
}

// What was never open is tried once at each address.
func TestTriesEachAddressOnce(t *testing.T) {
	recovery, _ := recovering(2, ConnectionOptions{})
	expectDelay(t, recovery, away, false, 0)
	expectFailure(t, recovery, away, false, true)
}

// A refusal is returned where nobody told to wait; else it asks again when the server says, as long as there is time.
func TestWaitsForAdmission(t *testing.T) {
	hurried, _ := recovering(1, ConnectionOptions{})
	expectFailure(t, hurried, full, false, true)
	waiting, now := recovering(1, ConnectionOptions{Admission: 5 * time.Second})
	expectDelay(t, waiting, full, false, 3*time.Second)
	*now = now.Add(3 * time.Second)
	expectFailure(t, waiting, full, false, true)
}

// Each break that is gone on after is told with its reason.
func TestTellsBreaks(t *testing.T) {
	var told []*Error
	recovery, _ := recovering(1, ConnectionOptions{OnBreak: func(err *Error) { told = append(told, err) }})
	expectDelay(t, recovery, away, true, 0)
	if !slices.Equal(told, []*Error{away}) {
		t.Error(told)
	}
}

// Errors of the caller stop; those of the connection do not.
func TestHeals(t *testing.T) {
	for _, c := range []struct {
		code   codes.Code
		reason string
		heals  bool
	}{
		{codes.InvalidArgument, "", false},
		{codes.Aborted, "SESSION_TAKEN_OVER", false},
		{codes.DeadlineExceeded, "CLIENT_STALLED", false},
		{codes.Internal, "BUG", false},
		{codes.Internal, "", true},
		{codes.Unavailable, "DRAINING", true},
	} {
		expect(t, c.code.String()+c.reason, canHeal(&Error{Code: c.code, Reason: c.reason}), c.heals)
	}
}
