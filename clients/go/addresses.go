package livetranslate

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

const (
	defaultPort = ":50051"
	// A machine that is gone refuses nothing: without a limit it is waited for far longer.
	connectTimeout = 3 * time.Second
)

var hasPort = regexp.MustCompile(`:[^\]]*$`)

// addresses are those of a server's replicas, and whose turn it is.
type addresses struct {
	names       []string
	credentials credentials.TransportCredentials

	mutex sync.Mutex
	turn  int
}

func newAddresses(list string, credentials credentials.TransportCredentials) (*addresses, error) {
	a := &addresses{credentials: credentials}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if !hasPort.MatchString(name) && !strings.Contains(name, "/") {
			name += defaultPort
		}
		a.names = append(a.names, name)
	}
	if len(a.names) == 0 {
		return nil, errors.New("livetranslate: a client needs the address of a server, for example localhost:50051")
	}
	return a, nil
}

// current is the address whose turn it is.
func (a *addresses) current() string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.names[a.turn]
}

// moveOn gives the turn to the next address, unless that was done already for the one that failed.
func (a *addresses) moveOn(failed string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.names[a.turn] == failed {
		a.turn = (a.turn + 1) % len(a.names)
	}
}

// connect opens a connection; whoever asked for it closes it.
func (a *addresses) connect(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient(
		address,
		grpc.WithTransportCredentials(a.credentials),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.DefaultConfig, MinConnectTimeout: connectTimeout}),
		// A server that died without a word is noticed after 15 s.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
	)
}
