package livetranslate

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error says that the server refused a call, ended it, or could not be reached.
type Error struct {
	// Code says whose fault it was, and whether trying again can help.
	Code codes.Code
	// Message is the server's sentence for a person.
	Message string
	// Reason says what exactly happened, for programs, e.g. "LANGUAGE_NOT_SUPPORTED"; empty where the server gave none.
	Reason string
	// RetryDelay says when to try again, if the server said so; 0 otherwise.
	RetryDelay time.Duration
}

// Error gives the status and the server's sentence.
func (e *Error) Error() string {
	return e.Code.String() + ": " + e.Message
}

// errorOf reads a failed call's status and what the server said of it.
func errorOf(err error) *Error {
	failed := status.Convert(err)
	read := &Error{Code: failed.Code(), Message: failed.Message()}
	for _, detail := range failed.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			read.Reason = detail.GetReason()
		case *errdetails.RetryInfo:
			read.RetryDelay = detail.GetRetryDelay().AsDuration()
		}
	}
	return read
}
