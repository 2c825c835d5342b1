// Follows a session that somebody else speaks in: node dist/examples/viewer.js localhost:50051 SESSION_ID

import { Client } from "../src/index.js";

const [address = "localhost:50051", sessionId = ""] = process.argv.slice(2);

for await (const { event } of new Client(address).watch(sessionId)) {
  if (event?.$case !== "transcript" && event?.$case !== "translation") continue;
  const { revision } = event.value;
  if (revision?.isFinal) console.log(`${revision.segmentId} ${revision.languageCode} ${revision.committedText}`);
}
