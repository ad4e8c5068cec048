// VS Code's interface as far as the extension uses it: what it registers and shows is kept, and can be asked like VS Code asks it.
"use strict";

const { EventEmitter } = require("node:events");
const { fileURLToPath, pathToFileURL } = require("node:url");

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(start, end) {
    Object.assign(this, { start, end });
  }
}

class Uri {
  constructor(text) {
    this.text = text;
  }
  static parse(text) {
    return new Uri(text);
  }
  static file(name) {
    return new Uri(pathToFileURL(name).href);
  }
  get fsPath() {
    return fileURLToPath(this.text);
  }
  toString() {
    return this.text;
  }
}

const plain = (...names) =>
  class {
    constructor(...given) {
      names.forEach((name, index) => {
        this[name] = given[index];
      });
    }
  };

class WorkspaceEdit {
  constructor() {
    this.changes = new Map();
    this.created = [];
  }
  set(uri, changes) {
    this.changes.set(String(uri), changes);
  }
  replace(uri, range, newText) {
    this.changes.set(String(uri), [...(this.changes.get(String(uri)) ?? []), { range, newText }]);
  }
  createFile(uri) {
    this.created.push(String(uri));
  }
}

class VsEmitter {
  constructor() {
    this.bus = new EventEmitter();
    this.event = (listener) => {
      this.bus.on("it", listener);
      return { dispose: () => this.bus.off("it", listener) };
    };
  }
  fire(what) {
    this.bus.emit("it", what);
  }
  dispose() {
    this.bus.removeAllListeners();
  }
}

/** An editor with one folder. */
function editor(folder, settings) {
  const events = Object.fromEntries(["Open", "Close", "Save", "Change"].map((name) => [name, new VsEmitter()]));
  const shown = { diagnostics: new Map(), providers: {}, commands: {}, errors: [], waiting: [] };
  const register = (name) => (selector, provider) => {
    shown.providers[name] = selector.provideWorkspaceSymbols ? selector : provider;
    return { dispose: () => delete shown.providers[name] };
  };
  const kinds = ["Hover", "Definition", "Reference", "DocumentHighlight", "Rename", "DocumentSymbol", "WorkspaceSymbol"];
  const languages = {
    createDiagnosticCollection: () => ({
      set: (uri, found) => {
        shown.diagnostics.set(String(uri), found);
        shown.waiting = shown.waiting.filter((one) => !one());
      },
      dispose: () => shown.diagnostics.clear(),
    }),
    match: (selectors, document) => Number(selectors.some((one) => one.language === document.languageId)),
    registerCompletionItemProvider: register("Completion"),
    registerFoldingRangeProvider: register("Folding"),
    registerDocumentFormattingEditProvider: register("Formatting"),
    registerCodeActionsProvider: register("CodeActions"),
    registerDocumentSemanticTokensProvider: register("SemanticTokens"),
    registerInlayHintsProvider: register("InlayHints"),
  };
  for (const kind of kinds) {
    languages[`register${kind}Provider`] = register(kind);
  }
  const watcher = { dispose() {} };
  ["onDidCreate", "onDidChange", "onDidDelete"].forEach((name) => {
    watcher[name] = () => ({ dispose() {} });
  });
  const kind = (value) => ({ value, append: (more) => kind(value ? `${value}.${more}` : more) });
  const vscode = {
    Position, Range, Uri, WorkspaceEdit, EventEmitter: VsEmitter,
    Location: plain("uri", "range"), TextEdit: plain("range", "newText"), MarkdownString: plain("value"),
    Diagnostic: plain("range", "message", "severity"), DiagnosticRelatedInformation: plain("location", "message"),
    CompletionItem: plain("label", "kind"), SnippetString: plain("value"), Hover: plain("contents", "range"),
    CodeAction: plain("title", "kind"), DocumentSymbol: plain("name", "detail", "kind", "range", "selectionRange"),
    SymbolInformation: plain("name", "kind", "containerName", "location"), FoldingRange: plain("start", "end", "kind"),
    InlayHint: plain("position", "label"), SemanticTokens: plain("data"), SemanticTokensLegend: plain("types", "modifiers"),
    DocumentHighlight: plain("range"),
    DiagnosticSeverity: { Error: 0, Warning: 1 }, FoldingRangeKind: { Comment: 1 }, ViewColumn: { Beside: -2 },
    CodeActionKind: { Empty: kind(""), QuickFix: kind("quickfix"), SourceFixAll: kind("source.fixAll") },
    languages,
    window: {
      createOutputChannel: () => ({ append() {}, appendLine() {}, dispose() {} }),
      showErrorMessage: async (message) => void shown.errors.push(message),
      showInformationMessage: async () => undefined,
    },
    commands: {
      registerCommand: (name, run) => {
        shown.commands[name] = run;
        return { dispose() {} };
      },
    },
    workspace: {
      workspaceFolders: [{ uri: Uri.file(folder), name: "folder" }],
      textDocuments: [],
      getConfiguration: () => ({ get: (name, otherwise) => settings[name] ?? otherwise }),
      createFileSystemWatcher: () => watcher,
      onDidChangeConfiguration: () => ({ dispose() {} }),
      onDidOpenTextDocument: events.Open.event,
      onDidCloseTextDocument: events.Close.event,
      onDidSaveTextDocument: events.Save.event,
      onDidChangeTextDocument: events.Change.event,
      applyEdit: async () => true,
    },
  };
  /** Waits until a file has diagnostics that fulfil something. */
  const until = (uri, holds) =>
    new Promise((resolve) => {
      const look = () => {
        const found = shown.diagnostics.get(String(uri));
        const done = found !== undefined && holds(found);
        if (done) {
          resolve(found);
        }
        return done;
      };
      if (!look()) {
        shown.waiting.push(look);
      }
    });
  return { vscode, shown, events, until };
}

module.exports = { editor };
