package livetranslate

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	rateHertz     = 16_000
	timePerSample = time.Second / rateHertz
)

// durationOf gives samples as a duration, exactly.
func durationOf(samples int64) *durationpb.Duration {
	return durationpb.New(time.Duration(samples) * timePerSample)
}

// samplesOf gives the samples in a duration, rounded down.
func samplesOf(duration *durationpb.Duration) int64 {
	return int64(duration.AsDuration() / timePerSample)
}
