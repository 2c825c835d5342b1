package livetranslate

import (
	"slices"

	v1 "livetranslate/v1"
)

// SessionOptions say what to translate, and how. The audio is s16le, 16 kHz, mono.
type SessionOptions struct {
	// Source is the spoken language (BCP-47), e.g. "en", or "auto".
	Source string
	// Targets are the languages to translate into. None: captions only.
	Targets []string
	// Speech names those of them to speak, too; one that Targets lacks is added to them.
	Speech []string
	// Glossary has terms to recognize, to keep, or to translate in a certain way.
	Glossary []*v1.GlossaryTerm
	// Title is a name for people.
	Title string

	ConnectionOptions
}

// config builds the first message's content.
func (o SessionOptions) config() *v1.SessionConfig {
	config := &v1.SessionConfig{
		SourceLanguageCode: o.Source,
		AudioFormat: &v1.AudioFormat{
			Encoding: v1.AudioEncoding_AUDIO_ENCODING_PCM_S16LE, SampleRateHertz: rateHertz, ChannelCount: 1,
		},
		Title: o.Title,
	}
	if len(o.Glossary) > 0 {
		config.Glossary = &v1.Glossary{Terms: o.Glossary}
	}
	var languages []string
	for _, language := range slices.Concat(o.Targets, o.Speech) {
		if slices.Contains(languages, language) {
			continue
		}
		languages = append(languages, language)
		target := &v1.Target{LanguageCode: language, Speech: slices.Contains(o.Speech, language)}
		config.Targets = append(config.Targets, target)
	}
	return config
}
