// A talk with a language server: JSON-RPC with a length before each message, over the standard streams of a process.
"use strict";

const { spawn } = require("node:child_process");

class Connection {
  /** Starts the program. `answer(method, params)` is asked what the server wants to know; `heard(method, params)` is told the rest. */
  constructor(program, args, { answer, heard, ended, log }) {
    this.asked = new Map(); // number of a request -> [resolve, reject]
    this.number = 0;
    this.left = Buffer.alloc(0); // bytes of a message that is not complete
    Object.assign(this, { answer, heard });
    this.process = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    this.process.stdout.on("data", (bytes) => this.read(bytes));
    this.process.stderr.on("data", (bytes) => log(bytes.toString()));
    this.process.stdin.on("error", () => {}); // the server is gone: `exit` says so
    const over = (problem) => {
      this.asked.forEach(([, reject]) => reject(problem));
      this.asked.clear();
      ended(problem);
    };
    this.process.on("error", over);
    this.process.on("exit", (code) => over(new Error(`the server ended with ${code}`)));
  }

  read(bytes) {
    this.left = Buffer.concat([this.left, bytes]);
    for (;;) {
      const head = this.left.indexOf("\r\n\r\n");
      const length = head < 0 ? null : /content-length: *(\d+)/i.exec(this.left.subarray(0, head).toString("latin1"));
      const end = length ? head + 4 + Number(length[1]) : Infinity;
      if (this.left.length < end) {
        return;
      }
      const message = JSON.parse(this.left.subarray(head + 4, end).toString("utf8"));
      this.left = this.left.subarray(end);
      this.take(message);
    }
  }

  async take({ id, method, params, result, error }) {
    if (method === undefined) {
      const [resolve, reject] = this.asked.get(id) ?? [];
      this.asked.delete(id);
      if (error) {
        reject?.(Object.assign(new Error(error.message), { code: error.code }));
      } else {
        resolve?.(result);
      }
    } else if (id === undefined) {
      this.heard(method, params);
    } else {
      try {
        this.write({ id, result: (await this.answer(method, params)) ?? null });
      } catch (problem) {
        this.write({ id, error: { code: -32603, message: String(problem.message ?? problem) } });
      }
    }
  }

  write(message) {
    const bytes = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }), "utf8");
    this.process.stdin.write(Buffer.concat([Buffer.from(`Content-Length: ${bytes.length}\r\n\r\n`), bytes]));
  }

  /** Asks; `token` is VS Code's: where it is cancelled, so is the request. */
  ask(method, params, token) {
    const id = ++this.number;
    const answered = new Promise((resolve, reject) => this.asked.set(id, [resolve, reject]));
    token?.onCancellationRequested?.(() => this.tell("$/cancelRequest", { id }));
    this.write({ id, method, params });
    return answered;
  }

  tell(method, params) {
    this.write({ method, params });
  }
}

module.exports = { Connection };
