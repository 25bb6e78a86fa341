// The process that runs scripts. It talks to its worker over descriptor 3 and to nobody else.

import net from 'node:net';

import { abortError, AxiosError, errorReport } from './errors.mjs';
import { decodeBody, encodeFrame, FrameReader, kinds } from './frames.mjs';
import { harden } from './lockdown.mjs';
import { prepareProcess } from './modules.mjs';
import { compileBundle, ScriptCache } from './scripts.mjs';
import { Session } from './session.mjs';
import { Turns } from './turns.mjs';
import { completeZod, forgetSchemaNames, zod } from './zod.mjs';

const PROTOCOL = 1;
const CACHE_BYTES_MAX = 64 << 20;
const UNSENT_LOG_BYTES_MAX = 8 << 20;
const EXIT_MS_MAX = 1_000;

forgetSchemaNames();
prepareProcess();
harden(AxiosError);

const socket = new net.Socket({ fd: 3, readable: true, writable: true });
const scripts = new ScriptCache(CACHE_BYTES_MAX);
const sessions = new Map();
const owners = new WeakMap();
// Runs that wait for their code: whether they were cancelled, and so are over already.
const needed = new Map();
const turns = new Turns();
const logsDropped = new Map();

function write([header, bytes]) {
  socket.cork();
  socket.write(header);
  socket.write(bytes);
  socket.uncork();
}

function send(run, kind, body) {
  write(encodeFrame(run, kind, body));
}

// Logs are never waited for, so a host that reads slowly loses some; it is told how many.
function log(run, entry) {
  if (socket.writableLength > UNSENT_LOG_BYTES_MAX) {
    logsDropped.set(run, (logsDropped.get(run) ?? 0) + 1);
    return;
  }
  tellDropped(run);
  send(run, kinds.log, entry);
}

function tellDropped(run) {
  const count = logsDropped.get(run);
  if (!count) return;
  logsDropped.delete(run);
  const message = `${count} log messages were dropped`;
  send(run, kinds.log, { level: 'warn', message, t: Date.now() });
}

function refuse(run, thrown) {
  const stats = { calls: 0, cpu_ms: 0 };
  send(run, kinds.done, { ok: false, error: errorReport(thrown), stats });
}

function bundleOf({ sha, code, file }) {
  if (typeof code !== 'string') return scripts.get(sha);
  const bundle = compileBundle(code, file);
  scripts.put(sha, bundle);
  return bundle;
}

const hooks = {
  encode: encodeFrame,
  write,
  log,
  turn: (session, work) => turns.add(session, work),
  ended: (session) => {
    tellDropped(session.run);
    sessions.delete(session.run);
  },
};

function startRun(run, body) {
  const isOver = needed.get(run);
  needed.delete(run);
  if (isOver) return;
  const session = new Session(run, hooks);
  sessions.set(run, session);
  turns.add(session, () => {
    if (session.giveUpIfCancelled()) return;
    let bundle;
    try {
      bundle = bundleOf(body);
    } catch (error) {
      sessions.delete(run);
      refuse(run, error);
      return;
    }
    if (bundle) {
      session.start(bundle, body.context ?? {}, (prototype) => owners.set(prototype, session));
      return;
    }
    sessions.delete(run);
    needed.set(run, false);
    send(run, kinds.need, { sha: body.sha });
  });
}

function cancelRun(run, reason) {
  const session = sessions.get(run);
  if (session) {
    session.cancel(reason);
  } else if (needed.get(run) === false) {
    needed.set(run, true);
    refuse(run, abortError(reason));
  }
}

function pong(n) {
  const lag = Math.round(turns.takeLongestMs());
  const { rss, heapUsed: heap } = process.memoryUsage();
  send(0, kinds.pong, { n, rss, heap, runs: sessions.size, lag_ms: lag });
}

function exit() {
  setTimeout(() => process.exit(0), EXIT_MS_MAX);
  socket.end(() => process.exit(0));
}

function onFrame(run, kind, bytes) {
  if (kind === kinds.exit) return exit();
  let body;
  try {
    body = decodeBody(bytes);
  } catch (error) {
    // The answer to a call cannot be told; that ends the run, and no other.
    sessions.get(run)?.fault(new Error(`the host sent what cannot be read: ${error.message}`));
    return undefined;
  }
  if (kind === kinds.ping) return pong(body?.n);
  if (kind === kinds.run && !sessions.has(run)) return startRun(run, body);
  if (kind === kinds.cancel) return cancelRun(run, body?.reason);
  const session = sessions.get(run);
  if (!session) return undefined;
  if (kind === kinds.reply) turns.add(session, () => session.answer(body.seq, body));
  if (kind === kinds.error) turns.add(session, () => session.answer(body.seq, { error: body }));
  return undefined;
}

// The run in whose context a promise or an error was made, if it was in one.
function ownerOf(value) {
  try {
    let at = value;
    while (at && !owners.has(at)) at = Object.getPrototypeOf(at);
    return at ? owners.get(at) : undefined;
  } catch {
    return undefined;
  }
}

// Outside of any turn it is nobody's error, rather than that of a run which happens to be there.
function blame(session, thrown) {
  if (session) session.fault(thrown);
  else process.stderr.write(`nobody's error: ${errorReport(thrown).message}\n`);
}

process.on('unhandledRejection', (reason, promise) => {
  blame(ownerOf(promise) ?? ownerOf(reason) ?? turns.current, reason);
});
process.on('uncaughtException', (error) => blame(turns.current ?? ownerOf(error), error));

const reader = new FrameReader(onFrame);
socket.on('data', (chunk) => {
  try {
    reader.push(chunk);
  } catch (error) {
    process.stderr.write(`cannot read the host: ${error.message}\n`);
    process.exit(1);
  }
});
// A worker that ended without reading all that was sent resets the connection.
const isGone = ({ code }) => code === 'ECONNRESET' || code === 'EPIPE';
socket.on('error', (error) => process.exit(isGone(error) ? 0 : 1));
socket.on('close', () => process.exit(0));

const { major, minor, patch } = zod.core.version;
send(0, kinds.hello, {
  proto: PROTOCOL,
  pid: process.pid,
  node: process.version,
  zod: `${major}.${minor}.${patch}`,
});

// Before the first script, but after the greeting: the worker has its own to do meanwhile.
setImmediate(completeZod);
