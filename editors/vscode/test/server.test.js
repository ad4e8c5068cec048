// The extension against the real server: VS Code's interface is stood in for by `vscode.js`, the client and the server are not.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { editor } = require("./vscode.js");

const command = process.env.SEQLANG_COMMAND ? JSON.parse(process.env.SEQLANG_COMMAND) : ["seqlang"];
const TEXT = `view "V" of contact where scroe > 3
journey "J" {
  enter when in view "V"
  step hello: call { script: "Grüß Gott 😀" }
  wait until done(hello)
}
`;

/** Returns the extension with an editor of its own. */
function load(folder, settings) {
  const world = editor(folder, settings);
  const original = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? world.vscode : original(name, ...rest));
  for (const name of ["extension", "client", "connection"]) {
    delete require.cache[require.resolve(`../${name}.js`)];
  }
  const extension = require("../extension.js");
  Module._load = original;
  return { ...world, extension };
}

function project() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "seqlang-"));
  fs.writeFileSync(path.join(folder, "seqlang.toml"), 'name = "x"\ntimezone = "Europe/Berlin"\n');
  fs.writeFileSync(path.join(folder, "a.seq"), TEXT);
  return folder;
}

test("a program that is not there is told, and nothing else breaks", async () => {
  const { extension, shown } = load(os.tmpdir(), { command: ["/no/such/program"] });
  await extension.activate({ subscriptions: [] });
  assert.match(shown.errors[0], /could not be started.*pip install/);
  await extension.deactivate();
});

test("what somebody types is checked, and everything can be asked", async () => {
  const folder = project();
  const { vscode, shown, events, until, extension } = load(folder, { command });
  const { Position, Range, Uri } = vscode;
  const uri = Uri.file(path.join(folder, "a.seq"));
  const document = { uri, languageId: "seq", version: 1, text: TEXT, getText: () => document.text };
  vscode.workspace.textDocuments.push(document);
  await extension.activate({ subscriptions: [] });
  assert.deepEqual(shown.errors, []);
  assert.deepEqual(Object.keys(shown.commands), ["seqlang.restart", "seqlang.graph"]);

  const [wrong] = await until(uri, (found) => found.some((one) => one.code === "SEQ211"));
  assert.equal(wrong.severity, vscode.DiagnosticSeverity.Error);
  assert.deepEqual([wrong.range.start.line, wrong.range.start.character], [0, 26]);

  const place = new Range(new Position(0, 0), new Position(0, 34));
  const edit = { range: place, text: "view \"V\" of contact where first_name = \"x\"" };
  const after = [edit.text, ...TEXT.split("\n").slice(1)].join("\n");
  Object.assign(document, { version: 2, text: `${after}` });
  events.Change.fire({ document, contentChanges: [{ ...edit, range: new Range(new Position(0, 0), new Position(0, 35)) }] });
  await until(uri, (found) => found.every((one) => one.code !== "SEQ211"));

  const asked = shown.providers;
  const step = new Position(3, 8);
  const proposals = await asked.Completion.provideCompletionItems(document, new Position(2, 2), undefined);
  assert.ok(proposals.some((one) => one.label === "window" || one.label.startsWith("step")), proposals.map((one) => one.label).join());
  const { contents } = await asked.Hover.provideHover(document, step);
  assert.match(contents.value, /hello/);
  const [target] = await asked.Definition.provideDefinition(document, new Position(4, 19));
  assert.equal(target.range.start.line, 3);
  assert.equal((await asked.Reference.provideReferences(document, step, { includeDeclaration: true })).length, 2);
  assert.equal((await asked.DocumentHighlight.provideDocumentHighlights(document, step)).length, 2);
  assert.ok(await asked.Rename.prepareRename(document, step));
  await assert.rejects(asked.Rename.prepareRename(document, new Position(5, 0)));
  const renamed = await asked.Rename.provideRenameEdits(document, step, "greet");
  const written = renamed.changes.get(uri.toString()).map((one) => one.newText);
  assert.deepEqual(written, ["  moved hello to greet\n", "greet", "greet"]);
  const outline = await asked.DocumentSymbol.provideDocumentSymbols(document);
  assert.deepEqual(outline.map((one) => one.name), ["V", "J"]);
  assert.ok((await asked.WorkspaceSymbol.provideWorkspaceSymbols("J")).length > 0);
  assert.ok((await asked.Folding.provideFoldingRanges(document)).length > 0);
  assert.deepEqual(await asked.Formatting.provideDocumentFormattingEdits(document, { tabSize: 2, insertSpaces: true }), []);
  assert.equal((await asked.SemanticTokens.provideDocumentSemanticTokens(document)).data.length % 5, 0);
  assert.ok(Array.isArray(await asked.InlayHints.provideInlayHints(document, new Range(new Position(0, 0), new Position(5, 0)))));

  Object.assign(document, { version: 3, text: TEXT.replace("scroe", "frist_name") });
  events.Change.fire({ document, contentChanges: [{ range: new Range(new Position(0, 0), new Position(6, 0)), text: document.text }] });
  const found = await until(uri, (all) => all.some((one) => one.message.includes("frist_name")));
  const offered = await asked.CodeActions.provideCodeActions(document, found[0].range, { diagnostics: found });
  assert.ok(offered.some((one) => one.kind.value === "quickfix" && one.edit.changes.size === 1), JSON.stringify(offered));

  await extension.deactivate();
  assert.deepEqual(Object.keys(shown.providers), []);
  assert.equal(shown.diagnostics.size, 0);
  fs.rmSync(folder, { recursive: true });
});
