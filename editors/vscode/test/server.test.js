// The extension's own code against the real server: VS Code's interface is stood in for, the protocol and the server are not.
"use strict";

const assert = require("node:assert");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { pathToFileURL } = require("node:url");
const rpc = require("vscode-languageserver-protocol/node");

const command = process.env.SEQLANG_COMMAND ? JSON.parse(process.env.SEQLANG_COMMAND) : ["seqlang"];

test("the extension starts the program that the settings name, for the files that concern it", async () => {
  const started = [];
  const registered = [];
  class LanguageClient {
    constructor(...given) {
      started.push(given);
    }
    start() {
      return Promise.resolve();
    }
    stop() {
      return Promise.resolve();
    }
  }
  const vscode = {
    workspace: {
      workspaceFolders: [{ uri: { fsPath: "/project" } }],
      getConfiguration: () => ({ get: () => ["${workspaceFolder}/bin/seqlang"] }),
      onDidChangeConfiguration: () => ({}),
    },
    commands: { registerCommand: (name) => registered.push(name) },
  };
  const load = Module._load;
  Module._load = (name, ...rest) =>
    name === "vscode" ? vscode : name.startsWith("vscode-languageclient") ? { LanguageClient, TransportKind: { stdio: 0 } } : load(name, ...rest);
  const extension = require("../extension.js");
  Module._load = load;
  await extension.activate({ subscriptions: [] });
  const [, , server, options] = started[0];
  assert.deepEqual([server.command, server.args], ["/project/bin/seqlang", ["lsp"]]);
  assert.deepEqual(registered, ["seqlang.restart", "seqlang.graph"]);
  assert.equal(options.documentSelector.length, 3);
  await extension.deactivate();
});

test("the server answers VS Code's own protocol library", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "seqlang-"));
  fs.writeFileSync(path.join(folder, "seqlang.toml"), 'name = "x"\n');
  const server = spawn(command[0], [...command.slice(1), "lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const talk = rpc.createProtocolConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  const told = new Promise((resolve) => talk.onNotification(rpc.PublishDiagnosticsNotification.type, resolve));
  talk.listen();
  const said = await talk.sendRequest(rpc.InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: {},
    workspaceFolders: null,
  });
  for (const able of ["completionProvider", "hoverProvider", "renameProvider", "inlayHintProvider", "semanticTokensProvider"]) {
    assert.ok(said.capabilities[able], able);
  }
  await talk.sendNotification(rpc.InitializedNotification.type, {});
  const uri = pathToFileURL(path.join(folder, "a.seq")).href;
  const text = 'view "V" of contact where scroe > 3\nlist "L" of contact\n';
  await talk.sendNotification(rpc.DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: "seq", version: 1, text },
  });
  const found = await told;
  assert.equal(found.uri, uri);
  assert.ok(found.diagnostics.some((one) => one.code === "SEQ211"));
  await talk.sendRequest(rpc.ShutdownRequest.type);
  await talk.sendNotification(rpc.ExitNotification.type);
  talk.dispose();
  fs.rmSync(folder, { recursive: true });
});
