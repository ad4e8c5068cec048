// Between VS Code's interface and the language server: documents there, answers here, each translated into the other's terms.
"use strict";

const vscode = require("vscode");
const { Connection } = require("./connection.js");

const FILES = [
  { scheme: "file", language: "seq" },
  { scheme: "file", pattern: "**/templates/**" },
  { scheme: "file", pattern: "**/seqlang.toml" },
];
const CANCELLED = [-32800, -32801]; // the request was cancelled, or the text has changed meanwhile

// ------------------------------------------------------------------------------------- to the server

const toPlace = (place) => ({ line: place.line, character: place.character });
const toRange = (range) => ({ start: toPlace(range.start), end: toPlace(range.end) });
const toDocument = (document) => ({ uri: document.uri.toString() });
const toPoint = (document, place) => ({ textDocument: toDocument(document), position: toPlace(place) });

// ----------------------------------------------------------------------------------- from the server

const place = (given) => new vscode.Position(given.line, given.character);
const range = (given) => new vscode.Range(place(given.start), place(given.end));
const location = (given) => new vscode.Location(vscode.Uri.parse(given.uri), range(given.range));
const change = (given) => new vscode.TextEdit(range(given.range), given.newText);
const markdown = (given) => new vscode.MarkdownString(typeof given === "string" ? given : given.value);

function diagnostic(given) {
  const severity = given.severity === 1 ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const made = new vscode.Diagnostic(range(given.range), given.message, severity);
  made.code = given.code;
  made.source = given.source;
  made.relatedInformation = given.relatedInformation?.map(
    (one) => new vscode.DiagnosticRelatedInformation(location(one.location), one.message),
  );
  made.given = given; // what the server said, for its quick fixes
  return made;
}

function edits(given) {
  const made = new vscode.WorkspaceEdit();
  for (const [uri, changes] of Object.entries(given.changes ?? {})) {
    made.set(vscode.Uri.parse(uri), changes.map(change));
  }
  for (const one of given.documentChanges ?? []) {
    if (one.kind === "create") {
      made.createFile(vscode.Uri.parse(one.uri), { ignoreIfExists: one.options?.ignoreIfExists ?? false });
    } else if (one.edits) {
      const uri = vscode.Uri.parse(one.textDocument.uri);
      one.edits.forEach((each) => made.replace(uri, range(each.range), each.newText));
    }
  }
  return made;
}

function proposal(given) {
  const made = new vscode.CompletionItem(given.label, (given.kind ?? 1) - 1);
  made.detail = given.detail;
  made.documentation = given.documentation && markdown(given.documentation);
  made.sortText = given.sortText;
  made.filterText = given.filterText;
  const text = given.textEdit?.newText ?? given.insertText ?? given.label;
  made.insertText = given.insertTextFormat === 2 ? new vscode.SnippetString(text) : text;
  made.range = given.textEdit && range(given.textEdit.range);
  return made;
}

function action(given) {
  const kind = given.kind && vscode.CodeActionKind.Empty.append(given.kind);
  const made = new vscode.CodeAction(given.title, kind);
  made.edit = given.edit && edits(given.edit);
  made.isPreferred = given.isPreferred;
  made.diagnostics = given.diagnostics?.map(diagnostic);
  return made;
}

function symbol(given) {
  const made = new vscode.DocumentSymbol(given.name, given.detail ?? "", given.kind - 1, range(given.range), range(given.selectionRange));
  made.children = (given.children ?? []).map(symbol);
  return made;
}

function hint(given) {
  const made = new vscode.InlayHint(place(given.position), given.label);
  made.paddingLeft = given.paddingLeft;
  made.tooltip = given.tooltip;
  return made;
}

function fold(given) {
  const comment = given.kind === "comment" ? vscode.FoldingRangeKind.Comment : undefined;
  return new vscode.FoldingRange(given.startLine, given.endLine, comment);
}

// -------------------------------------------------------------------------------------------- client

class Client {
  constructor(program, args, output) {
    this.output = output;
    this.diagnostics = vscode.languages.createDiagnosticCollection("seqlang");
    this.hintsChanged = new vscode.EventEmitter();
    this.belongings = [this.diagnostics, this.hintsChanged];
    this.connection = new Connection(program, args, {
      answer: (method, params) => this.answer(method, params),
      heard: (method, params) => this.heard(method, params),
      ended: (problem) => this.ended(problem),
      log: (text) => output.append(text),
    });
  }

  async start() {
    const folders = (vscode.workspace.workspaceFolders ?? []).map((one) => ({ uri: one.uri.toString(), name: one.name }));
    const said = await this.connection.ask("initialize", {
      processId: process.pid,
      rootUri: folders[0]?.uri ?? null,
      workspaceFolders: folders,
      capabilities: {
        general: { positionEncodings: ["utf-16"] },
        workspace: { inlayHint: { refreshSupport: true }, workspaceFolders: true, applyEdit: true },
        textDocument: {
          synchronization: { didSave: true },
          publishDiagnostics: { relatedInformation: true, versionSupport: true },
          completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
          hover: { contentFormat: ["markdown"] },
          codeAction: { isPreferredSupport: true, codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "source.fixAll"] } } },
          documentSymbol: { hierarchicalDocumentSymbolSupport: true },
          rename: { prepareSupport: true },
        },
      },
    });
    this.connection.tell("initialized", {});
    this.running = true;
    this.follow();
    this.offer(said.capabilities);
  }

  /** Tells the server of documents and files. */
  follow() {
    const mine = (document) => vscode.languages.match(FILES, document) > 0;
    const opened = (document) => {
      const { languageId, version } = document;
      this.connection.tell("textDocument/didOpen", {
        textDocument: { ...toDocument(document), languageId, version, text: document.getText() },
      });
    };
    const watched = (uri, type) =>
      this.connection.tell("workspace/didChangeWatchedFiles", { changes: [{ uri: uri.toString(), type }] });
    const watcher = vscode.workspace.createFileSystemWatcher("**/{*.seq,seqlang.toml,templates/**}");
    vscode.workspace.textDocuments.filter(mine).forEach(opened);
    this.belongings.push(
      watcher,
      watcher.onDidCreate((uri) => watched(uri, 1)),
      watcher.onDidChange((uri) => watched(uri, 2)),
      watcher.onDidDelete((uri) => watched(uri, 3)),
      vscode.workspace.onDidOpenTextDocument((document) => mine(document) && opened(document)),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (mine(document)) {
          this.connection.tell("textDocument/didClose", { textDocument: toDocument(document) });
        }
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (mine(document)) {
          this.connection.tell("textDocument/didSave", { textDocument: toDocument(document) });
        }
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (mine(document) && contentChanges.length) {
          this.connection.tell("textDocument/didChange", {
            textDocument: { ...toDocument(document), version: document.version },
            contentChanges: contentChanges.map((one) => ({ range: toRange(one.range), text: one.text })),
          });
        }
      }),
    );
  }

  /** Registers what the server can. */
  offer({ completionProvider, semanticTokensProvider }) {
    const ask = async (method, params, token, made) => {
      try {
        const said = await this.connection.ask(method, params, token);
        return said === null || said === undefined ? null : made(said);
      } catch (problem) {
        if (CANCELLED.includes(problem.code)) {
          return null;
        }
        throw problem;
      }
    };
    const each = (made) => (said) => said.map(made);
    const at = (document, where, token, method, made) => ask(`textDocument/${method}`, toPoint(document, where), token, made);
    const of = (document, token, method, made, more = {}) =>
      ask(`textDocument/${method}`, { textDocument: toDocument(document), ...more }, token, made);
    const { languages } = vscode;
    const legend = new vscode.SemanticTokensLegend(semanticTokensProvider.legend.tokenTypes, semanticTokensProvider.legend.tokenModifiers);
    this.belongings.push(
      languages.registerCompletionItemProvider(
        FILES,
        { provideCompletionItems: (document, where, token) => at(document, where, token, "completion", (said) => said.items.map(proposal)) },
        ...(completionProvider.triggerCharacters ?? []),
      ),
      languages.registerHoverProvider(FILES, {
        provideHover: (document, where, token) =>
          at(document, where, token, "hover", (said) => new vscode.Hover(markdown(said.contents), said.range && range(said.range))),
      }),
      languages.registerDefinitionProvider(FILES, {
        provideDefinition: (document, where, token) =>
          at(document, where, token, "definition", (said) => (Array.isArray(said) ? said.map(location) : location(said))),
      }),
      languages.registerReferenceProvider(FILES, {
        provideReferences: (document, where, context, token) =>
          ask("textDocument/references", { ...toPoint(document, where), context }, token, each(location)),
      }),
      languages.registerDocumentHighlightProvider(FILES, {
        provideDocumentHighlights: (document, where, token) =>
          at(document, where, token, "documentHighlight", each((one) => new vscode.DocumentHighlight(range(one.range)))),
      }),
      languages.registerRenameProvider(FILES, {
        prepareRename: async (document, where, token) => {
          const found = await at(document, where, token, "prepareRename", (said) => said);
          if (found === null) {
            throw new Error("this has no name that could be changed");
          }
          return found.range ? { range: range(found.range), placeholder: found.placeholder } : range(found);
        },
        provideRenameEdits: (document, where, newName, token) =>
          ask("textDocument/rename", { ...toPoint(document, where), newName }, token, edits),
      }),
      languages.registerDocumentSymbolProvider(FILES, {
        provideDocumentSymbols: (document, token) => of(document, token, "documentSymbol", each(symbol)),
      }),
      languages.registerWorkspaceSymbolProvider({
        provideWorkspaceSymbols: (query, token) =>
          ask("workspace/symbol", { query }, token, each((one) =>
            new vscode.SymbolInformation(one.name, one.kind - 1, one.containerName ?? "", location(one.location)))),
      }),
      languages.registerFoldingRangeProvider(FILES, {
        provideFoldingRanges: (document, _, token) => of(document, token, "foldingRange", each(fold)),
      }),
      languages.registerDocumentFormattingEditProvider(FILES[0], {
        provideDocumentFormattingEdits: (document, options, token) => of(document, token, "formatting", each(change), { options }),
      }),
      languages.registerCodeActionsProvider(
        FILES,
        {
          provideCodeActions: (document, where, context, token) => {
            const diagnostics = context.diagnostics.map((one) => one.given).filter(Boolean);
            const only = context.only && [context.only.value];
            return of(document, token, "codeAction", each(action), { range: toRange(where), context: { diagnostics, only } });
          },
        },
        { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.SourceFixAll] },
      ),
      languages.registerDocumentSemanticTokensProvider(
        FILES[0],
        {
          provideDocumentSemanticTokens: (document, token) =>
            of(document, token, "semanticTokens/full", (said) => new vscode.SemanticTokens(new Uint32Array(said.data))),
        },
        legend,
      ),
      languages.registerInlayHintsProvider(FILES[0], {
        onDidChangeInlayHints: this.hintsChanged.event,
        provideInlayHints: (document, shown, token) => of(document, token, "inlayHint", each(hint), { range: toRange(shown) }),
      }),
    );
  }

  /** What the server asks. */
  async answer(method, params) {
    if (method === "workspace/inlayHint/refresh") {
      this.hintsChanged.fire();
    } else if (method === "workspace/applyEdit") {
      return { applied: await vscode.workspace.applyEdit(edits(params.edit)) };
    } else if (method === "workspace/configuration") {
      return params.items.map(() => null);
    }
    return null;
  }

  /** What the server tells. */
  heard(method, params) {
    if (method === "textDocument/publishDiagnostics") {
      this.diagnostics.set(vscode.Uri.parse(params.uri), params.diagnostics.map(diagnostic));
    } else if (method === "window/logMessage") {
      this.output.appendLine(params.message);
    } else if (method === "window/showMessage") {
      vscode.window.showInformationMessage(params.message);
    }
  }

  ended(problem) {
    if (this.running) {
      this.output.appendLine(problem.message);
    }
    this.dispose();
  }

  async stop() {
    if (this.running) {
      this.running = false;
      await this.connection.ask("shutdown", null).catch(() => {});
      this.connection.tell("exit", null);
    }
    this.dispose();
  }

  dispose() {
    this.running = false;
    this.belongings.splice(0).forEach((one) => one.dispose());
  }
}

module.exports = { Client };
