// Captions of a WAV file (16 kHz, mono, 16 bits): go run ./examples/captions localhost:50051 talk.wav en es ca
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"os"

	"livetranslate"
)

const headerBytes = 44

func main() {
	if len(os.Args) < 4 {
		log.Fatal("usage: captions ADDRESS FILE SOURCE [TARGET...]")
	}
	address, path, options := os.Args[1], os.Args[2], livetranslate.SessionOptions{Source: os.Args[3], Targets: os.Args[4:]}
	options.OnBreak = func(err *livetranslate.Error) { log.Print("going on after: ", err) }
	client, err := livetranslate.NewClient(address, nil)
	if err != nil {
		log.Fatal(err)
	}
	for event, err := range client.Translate(context.Background(), samples(path), options) {
		if err != nil {
			log.Fatal(err)
		}
		revision := event.GetTranscript().GetRevision()
		if revision.GetIsFinal() && revision.GetCommittedText() != "" {
			fmt.Println(revision.GetSegmentId(), revision.GetLanguageCode(), revision.GetCommittedText())
		}
		translation := event.GetTranslation().GetRevision()
		if translation.GetIsFinal() && translation.GetCommittedText() != "" {
			fmt.Println(translation.GetSegmentId(), translation.GetLanguageCode(), translation.GetCommittedText())
		}
	}
}

// samples opens a file and reads the header that most writers write.
func samples(path string) io.Reader {
	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	header := make([]byte, headerBytes)
	if _, err := io.ReadFull(file, header); err != nil {
		log.Fatal(err)
	}
	rate, channels := binary.LittleEndian.Uint32(header[24:]), binary.LittleEndian.Uint16(header[22:])
	if rate != 16_000 || channels != 1 || binary.LittleEndian.Uint16(header[34:]) != 16 {
		log.Fatal(path, " is not a WAV file of 16 kHz, mono, 16 bits")
	}
	return file
}
