// Follows a session that somebody else speaks in: go run ./examples/viewer localhost:50051 SESSION_ID
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"livetranslate"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: viewer ADDRESS SESSION_ID")
	}
	client, err := livetranslate.NewClient(os.Args[1], nil)
	if err != nil {
		log.Fatal(err)
	}
	for event, err := range client.Watch(context.Background(), os.Args[2], 0, livetranslate.ConnectionOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		if revision := event.GetTranscript().GetRevision(); revision.GetIsFinal() {
			fmt.Println(revision.GetSegmentId(), revision.GetLanguageCode(), revision.GetCommittedText())
		}
		if revision := event.GetTranslation().GetRevision(); revision.GetIsFinal() {
			fmt.Println(revision.GetSegmentId(), revision.GetLanguageCode(), revision.GetCommittedText())
		}
	}
}
