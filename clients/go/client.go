// Package livetranslate is a client of live speech translation: audio in; captions, translations and speech out,
// whatever happens to the connection.
package livetranslate

import (
	"context"
	"io"
	"iter"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	v1 "livetranslate/v1"
)

// Client is a LiveTranslate server, at one or several addresses. Each session has a connection of its own.
type Client struct {
	addresses *addresses
}

// NewClient takes where the gateway listens, e.g. "localhost:50051"; several replicas with commas between them. After a
// failure it is the next one's turn. Without credentials it speaks plaintext.
func NewClient(address string, credentials credentials.TransportCredentials) (*Client, error) {
	if credentials == nil {
		credentials = insecure.NewCredentials()
	}
	addresses, err := newAddresses(address, credentials)
	if err != nil {
		return nil, err
	}
	return &Client{addresses}, nil
}

// Open opens a session whose audio is written by hand, while its events are read.
func (c *Client) Open(options SessionOptions) *Session {
	recovery := newRecovery(len(c.addresses.names), options.ConnectionOptions)
	return newSession(c.addresses, newReplay(options.config()), recovery)
}

// Translate sends all audio and yields what happens, until the summary. An error of the audio is yielded, too.
func (c *Client) Translate(
	ctx context.Context, audio io.Reader, options SessionOptions,
) iter.Seq2[*v1.SessionEvent, error] {
	return func(yield func(*v1.SessionEvent, error) bool) {
		ctx, fail := context.WithCancelCause(ctx)
		defer fail(nil)
		session := c.Open(options)
		go func() { // a source that goes on is not waited for: its next chunk is refused
			if _, err := io.Copy(session, audio); err != nil {
				fail(err)
				return
			}
			session.Finish()
		}()
		session.Events(ctx)(yield)
	}
}
