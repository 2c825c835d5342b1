// Live speech translation: audio in; captions, translations and speech out, whatever happens to the connection.

export { Client } from "./client.js";
export { TranslateError } from "./errors.js";
export type { SessionOptions } from "./options.js";
export type { ConnectionOptions } from "./recovery.js";
export { Session } from "./session.js";
export * as gateway from "./gen/livetranslate/v1/gateway.js";
export type { SessionEvent } from "./gen/livetranslate/v1/gateway.js";
