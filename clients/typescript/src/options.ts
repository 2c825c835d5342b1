// What a caller asks for, as messages.

import { RATE_HERTZ } from "./clock.js";
import { SessionConfig, Target } from "./gen/livetranslate/v1/gateway.js";
import { AudioEncoding, Glossary } from "./gen/livetranslate/v1/types.js";
import type { ConnectionOptions } from "./recovery.js";

/** What to translate, and how. The audio is s16le, 16 kHz, mono. */
export interface SessionOptions extends ConnectionOptions {
  /** The spoken language (BCP-47), e.g. "en", or "auto". */
  source: string;
  /** The languages to translate into. None: captions only. */
  targets?: string[];
  /** Those of them to speak, too; one that `targets` lacks is added to them. */
  speech?: string[];
  /** Terms to recognize, to keep, or to translate in a certain way, by term: its translations, or "keep". */
  glossary?: Record<string, Record<string, string> | "keep">;
  /** A name for people. */
  title?: string;
}

/** Builds the first message's content. */
export function sessionConfig(options: SessionOptions): SessionConfig {
  const spoken = options.speech ?? [];
  const languages = new Set([...(options.targets ?? []), ...spoken]);
  return SessionConfig.fromPartial({
    sourceLanguageCode: options.source,
    targets: [...languages].map((code) => Target.fromPartial({ languageCode: code, speech: spoken.includes(code) })),
    audioFormat: { encoding: AudioEncoding.PCM_S16LE, sampleRateHertz: RATE_HERTZ, channelCount: 1 },
    glossary: options.glossary === undefined ? undefined : glossary(options.glossary),
    title: options.title,
  });
}

function glossary(terms: Record<string, Record<string, string> | "keep">): Glossary {
  return Glossary.fromPartial({
    terms: Object.entries(terms).map(([source, how]) =>
      how === "keep" ? { source, doNotTranslate: true } : { source, translations: how },
    ),
  });
}
