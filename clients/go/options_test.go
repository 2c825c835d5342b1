package livetranslate

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Languages to speak are targets, too, each once.
func TestMergesTargets(t *testing.T) {
	config := SessionOptions{Source: "en", Targets: []string{"es", "ca"}, Speech: []string{"ca", "fr"}}.config()
	asked := ""
	for _, target := range config.GetTargets() {
		asked += target.GetLanguageCode()
		if target.GetSpeech() {
			asked += "+"
		}
	}
	expect(t, "targets", asked, "esca+fr+")
}

// Addresses take turns, and a bare host has the usual port.
func TestAddressesTakeTurns(t *testing.T) {
	addresses, err := newAddresses("one, two:1234,[::1]", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{"one:50051", "two:1234", "[::1]:50051", "one:50051"} {
		expect(t, "address", addresses.current(), wanted)
		addresses.moveOn(addresses.current())
		addresses.moveOn(wanted) // has failed twice: no turn is lost
	}
	if _, err := newAddresses(" ,", nil); err == nil {
		t.Error("no address is one too few")
	}
}

// Reason and delay are read from the status; any other error is UNKNOWN, without them.
func TestReadsErrors(t *testing.T) {
	failed, err := status.New(codes.ResourceExhausted, "full").WithDetails(
		&errdetails.ErrorInfo{Reason: "TOO_MANY_SESSIONS"},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(2500 * time.Millisecond)},
	)
	if err != nil {
		t.Fatal(err)
	}
	wanted := Error{codes.ResourceExhausted, "full", "TOO_MANY_SESSIONS", 2500 * time.Millisecond}
	expect(t, "error", *errorOf(failed.Err()), wanted)
	expect(t, "other", *errorOf(errors.New("no")), Error{Code: codes.Unknown, Message: "no"})
}
