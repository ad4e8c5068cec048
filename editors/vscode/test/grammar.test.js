// The grammar colours every example, by the engine that VS Code has; it needs the packages of `npm ci`.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const here = path.join(__dirname, "..");
const root = process.env.SEQLANG_ROOT ?? path.join(here, "..", "..");

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
