// A program in a terminal, with somebody who types.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { program, root, until } from './support.mjs';

const keys = { enter: '\r', tab: '\t', interrupt: '\x03', end: '\x04', up: '\x1b[A' };

/** `varia`, or another program, in a pseudo-terminal. It is ended with the test `t`. */
export class Terminal {
  #process;
  #screen = '';
  #exited;
  #seen = 0;

  constructor(t, words, { command = program, env = {}, columns = 120, lines = 40 } = {}) {
    this.#process = spawn('python3', [
      join(root, 'tests/e2e/terminal.py'), String(columns), String(lines), command, ...words,
    ], { env: { ...process.env, TERM: 'xterm', ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#exited = once(this.#process, 'exit');
    this.#process.stdin.on('error', () => {}); // It may end while somebody types.
    this.#process.stdout.setEncoding('utf8');
    this.#process.stdout.on('data', (text) => { this.#screen += text; });
    t.after(() => this.#process.kill('SIGKILL'));
  }

  /** Everything that was written to the screen, as it came. */
  get screen() {
    return this.#screen;
  }

  /** Presses keys: a text as it stands, and then those with names. */
  type(text, ...named) {
    this.#process.stdin.write(text + named.map((name) => keys[name]).join(''));
  }

  /** Waits for a text behind what was seen last; returns the match. */
  async shows(pattern, timeout = 20_000) {
    const found = await until(() => this.#fresh().match(pattern), {
      timeout, what: `the screen to show ${pattern}`, every: 20, detail: () => this.#fresh(),
    });
    this.#seen += found.index + found[0].length;
    return found;
  }

  /** Waits for the end; returns the exit code. */
  async exit(timeout = 20_000) {
    const late = AbortSignal.timeout(timeout);
    await Promise.race([this.#exited, once(late, 'abort').then(() => {
      throw new Error(`it did not end:\n${this.#fresh()}`);
    })]);
    return this.#process.exitCode;
  }

  // Without colours, and without what moves the cursor.
  #fresh() {
    return this.#screen.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\r\x07\b]/g, '')
      .slice(this.#seen);
  }
}
