import assert from "node:assert/strict";
import { test } from "node:test";
import { Addresses } from "../src/connection.js";
import { sessionConfig } from "../src/options.js";

test("languages to speak are targets, too, each once", () => {
  const { targets } = sessionConfig({ source: "en", targets: ["es", "ca"], speech: ["ca", "fr"] });
  const asked = targets.map(({ languageCode, speech }) => [languageCode, speech]);
  assert.deepEqual(asked, [["es", false], ["ca", true], ["fr", true]]);
});

test("a glossary's terms are kept or translated", () => {
  const { glossary } = sessionConfig({ source: "en", glossary: { Triton: "keep", speech: { es: "habla" } } });
  const terms = glossary?.terms.map(({ source, doNotTranslate, translations }) => [source, doNotTranslate, translations]);
  assert.deepEqual(terms, [["Triton", true, {}], ["speech", false, { es: "habla" }]]);
});

test("addresses take turns, and a bare host has the usual port", () => {
  const addresses = new Addresses("one, two:1234,[::1]");
  const asked: string[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    asked.push(addresses.current);
    addresses.moveOn(addresses.current);
  }
  assert.deepEqual(asked, ["one:50051", "two:1234", "[::1]:50051", "one:50051"]);
  assert.throws(() => new Addresses(" ,"), /needs the address/);
});
