// What the extension is made of: its files are there.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");

const here = path.join(__dirname, "..");
const manifest = JSON.parse(fs.readFileSync(path.join(here, "package.json"), "utf8"));

test("every file that the manifest names is there", () => {
  const { languages, grammars, snippets } = manifest.contributes;
  for (const name of [manifest.main, languages[0].configuration, grammars[0].path, snippets[0].path]) {
    assert.ok(fs.existsSync(path.join(here, name)), name);
  }
});

test("it needs no package at run time", () => {
  assert.equal(manifest.dependencies, undefined);
});

test("snippets have a body that begins with a word of theirs", () => {
  const snippets = JSON.parse(fs.readFileSync(path.join(here, "snippets", "seq.json"), "utf8"));
  assert.ok(Object.keys(snippets).length > 20);
  for (const { prefix, body } of Object.values(snippets)) {
    assert.ok(body[0].startsWith(prefix.split(" ")[0]), prefix);
  }
});
