package livetranslate

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	v1 "livetranslate/v1"
)

// A connection that does not come about has failed by then.
const connectedAfter = 5 * time.Second

// Watch follows a session: the finals after a number, 0 for all, then live, until it ends. After a break, those after
// the last that was received come first. Where that fails for good, an error comes last.
func (c *Client) Watch(
	ctx context.Context, sessionID string, afterEventNumber int64, options ConnectionOptions,
) iter.Seq2[*v1.SessionEvent, error] {
	return func(yield func(*v1.SessionEvent, error) bool) {
		view := view{
			request:  &v1.WatchSessionRequest{SessionId: sessionID, AfterEventNumber: afterEventNumber},
			recovery: newRecovery(len(c.addresses.names), options),
		}
		for {
			address, openedAt := c.addresses.current(), time.Now()
			isLeft, err := view.receive(ctx, c.addresses, address, yield)
			if isLeft || errors.Is(err, io.EOF) || view.isOver {
				return
			}
			view.wasOpen = view.wasOpen || time.Since(openedAt) >= connectedAfter
			if err := view.pause(ctx, err); err != nil {
				yield(nil, err)
				return
			}
			c.addresses.moveOn(address)
		}
	}
}

// view is what a viewer has seen.
type view struct {
	request  *v1.WatchSessionRequest
	recovery *recovery
	wasOpen  bool
	isOver   bool
}

// receive yields what one connection brings; it returns why that has ended, or that the caller has left.
func (w *view) receive(
	ctx context.Context, addresses *addresses, address string, yield func(*v1.SessionEvent, error) bool,
) (isLeft bool, err error) {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	connection, err := addresses.connect(address)
	if err != nil {
		return false, err
	}
	defer connection.Close()
	stream, err := v1.NewLiveTranslateServiceClient(connection).WatchSession(ctx, w.request)
	if err != nil {
		return false, err
	}
	for {
		response, err := stream.Recv()
		if err != nil {
			return false, err
		}
		event := response.GetEvent()
		w.recovery.noteWorking()
		w.wasOpen, w.isOver = true, w.isOver || event.GetSummary() != nil
		w.request.AfterEventNumber = max(w.request.AfterEventNumber, event.GetEventNumber())
		if !yield(event, nil) {
			return true, nil
		}
	}
}

func (w *view) pause(ctx context.Context, broken error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	delay, err := w.recovery.noteFailure(errorOf(broken), w.wasOpen, true)
	if err != nil {
		return err
	}
	return sleep(ctx, delay)
}
