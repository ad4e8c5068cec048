// Starts `seqlang lsp` for .seq files, their templates and their settings.
"use strict";

const { execFile } = require("node:child_process");
const path = require("node:path");
const vscode = require("vscode");
const { Client } = require("./client.js");

let client;
let output;

/** The program and its first arguments, as the settings say; `${workspaceFolder}` is the first folder. */
function command() {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const given = vscode.workspace.getConfiguration("seqlang").get("command", ["seqlang"]);
  return given.map((word) => word.replace("${workspaceFolder}", folder));
}

async function start() {
  const [program, ...first] = command();
  client = new Client(program, [...first, "lsp"], output);
  try {
    await client.start();
  } catch (problem) {
    const answer = await vscode.window.showErrorMessage(
      `seqlang could not be started (${problem.message}). Install it with: pip install 'seqlang[lsp]'`,
      "Settings",
    );
    if (answer === "Settings") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "seqlang.command");
    }
  }
}

async function restart() {
  await client?.stop();
  await start();
}

/** Draws the project of the file in the editor beside it. */
async function graph() {
  const place = vscode.window.activeTextEditor?.document.uri;
  const folder = place ? path.dirname(place.fsPath) : vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const [program, ...first] = command();
  execFile(program, [...first, "graph"], { cwd: folder }, (problem, picture, said) => {
    if (problem) {
      vscode.window.showErrorMessage(said.trim() || problem.message);
      return;
    }
    const panel = vscode.window.createWebviewPanel("seqlang.graph", "seqlang: picture", vscode.ViewColumn.Beside, {});
    panel.webview.html = `<!doctype html><meta charset="utf-8"><body>${picture}</body>`;
  });
}

async function activate(context) {
  output = vscode.window.createOutputChannel("seqlang");
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand("seqlang.restart", restart),
    vscode.commands.registerCommand("seqlang.graph", graph),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("seqlang.command")) {
        restart();
      }
    }),
  );
  await start();
}

async function deactivate() {
  await client?.stop();
}

module.exports = { activate, deactivate };
