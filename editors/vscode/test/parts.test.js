// What the extension is made of: its files are there, and the grammar colours every example as VS Code's own engine does.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const here = path.join(__dirname, "..");
const manifest = JSON.parse(fs.readFileSync(path.join(here, "package.json"), "utf8"));
const root = process.env.SEQLANG_ROOT ?? path.join(here, "..", "..");

test("every file that the manifest names is there", () => {
  const { languages, grammars, snippets } = manifest.contributes;
  for (const name of [manifest.main, languages[0].configuration, grammars[0].path, snippets[0].path]) {
    assert.ok(fs.existsSync(path.join(here, name)), name);
  }
});

test("snippets have a body that begins with a word of theirs", () => {
  const snippets = JSON.parse(fs.readFileSync(path.join(here, "snippets", "seq.json"), "utf8"));
  assert.ok(Object.keys(snippets).length > 20);
  for (const { prefix, body } of Object.values(snippets)) {
    assert.ok(body[0].startsWith(prefix.split(" ")[0]), prefix);
  }
});

async function grammar() {
  const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const text = fs.readFileSync(path.join(here, "syntaxes", "seq.tmLanguage.json"), "utf8");
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (line) => new oniguruma.OnigString(line),
    }),
    loadGrammar: async () => parseRawGrammar(text, "seq.json"),
  });
  return registry.loadGrammar("source.seq");
}

test("the grammar colours every example", async () => {
  const seq = await grammar();
  const scopes = new Set();
  const folder = path.join(root, "examples");
  for (const name of fs.readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".seq"))) {
    let state = INITIAL;
    for (const line of fs.readFileSync(path.join(folder, name), "utf8").split("\n")) {
      const found = seq.tokenizeLine(line, state);
      state = found.ruleStack;
      for (const token of found.tokens) {
        token.scopes.forEach((scope) => scopes.add(scope));
        const text = line.slice(token.startIndex, token.endIndex);
        if (token.scopes.length === 1 && /^\s*step\b/.test(text)) {
          assert.fail(`${name}: no colour for ${text}`);
        }
      }
    }
    assert.equal(state.depth, 1, `${name}: a text does not end`);
  }
  for (const scope of ["keyword.declaration.seq", "entity.name.function.seq", "support.type.channel.seq", "string.quoted.double.seq"]) {
    assert.ok(scopes.has(scope), scope);
  }
});
