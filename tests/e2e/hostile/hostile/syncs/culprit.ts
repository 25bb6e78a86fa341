import { createSync } from 'nango';
import * as z from 'zod';

import { doors, load, processBehind } from '../lib/doors.js';

const Mark = z.object({ id: z.string() }).passthrough();

// What it returns is called at the very end, if it can be.
type Behaviour = (nango: any) => Promise<unknown>;

// What `attempt` returns for each door behind which Node's process is found.
function tryDoors(nango: any, attempt: (found: any) => unknown): string[] {
  return doors
    .filter((door) => {
      const found = processBehind(door, nango);
      if (found) attempt(found);
      return found;
    })
    .map(([name]) => name);
}

function spawnFrom(found: any) {
  const modules = ['node:child_process', 'node:worker_threads', 'node:cluster'];
  for (const name of modules) {
    const module = found.getBuiltinModule?.(name);
    module?.spawnSync?.('/bin/sh', ['-c', 'sleep 5 &']);
    module?.fork?.('/dev/null');
  }
}

const refused = (name: string) => {
  try {
    return typeof load(name);
  } catch {
    return undefined;
  }
};

const behaviours: Record<string, Behaviour> = {
  good: async () => {},
  'endless loop': async () => {
    for (;;);
  },
  'endless promises': async () => {
    for (;;) await null;
  },
  'heap bomb': async () => {
    const kept: number[][] = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length + 0.5));
  },
  'buffer bomb': async () => {
    const kept: Buffer[] = [];
    for (;;) kept.push(Buffer.alloc(16 << 20, kept.length + 1));
  },
  'log flood': async (nango) => {
    for (let line = 0; line < 10_000_000; line += 1) await nango.log(`line ${line}`);
  },
  'unawaited log flood': async (nango) => {
    for (let line = 0; line < 1_000_000; line += 1) void nango.log(`line ${line}`);
  },
  'huge record': (nango) => nango.batchSave([{ id: 'huge', text: 'x'.repeat(100 << 20) }], 'Mark'),
  'late throw': async () => () => {
    setTimeout(() => {
      throw new Error('thrown too late');
    }, 5);
    void new Promise((_, reject) => setTimeout(() => reject(new Error('rejected too late')), 5));
  },
  'timer throw': async () => {
    setTimeout(() => {
      throw new Error('thrown in a timer');
    }, 5);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  'process exit': async (nango) => {
    const open = tryDoors(nango, (found) => found.exit(0));
    const process = typeof (globalThis as any).process;
    await nango.batchSave([{ id: 'doors', open, process }], 'Mark');
  },
  fork: async (nango) => {
    const names = ['child_process', 'node:child_process', 'cluster', 'worker_threads', 'vm', 'fs'];
    const required = names.filter((name) => refused(name) !== undefined);
    await nango.batchSave([{ id: 'doors', open: tryDoors(nango, spawnFrom), required }], 'Mark');
  },
  'silent provider': (nango) => nango.get({ endpoint: '/never' }),
  'slow provider': (nango) => nango.get({ endpoint: '/slowly' }),
  'leading away': (nango) => nango.get({ endpoint: '/away' }),
};

// Leaves a mark, and then does what the connection's metadata says.
export default createSync({
  description: 'Does harm',
  version: '1.0.0',
  frequency: 'every 1d',
  autoStart: false,
  models: { Mark },
  exec: async (nango) => {
    await nango.batchSave([{ id: 'began' }], 'Mark');
    const { behaviour } = (await nango.getMetadata()) as any;
    const last = await behaviours[behaviour]!(nango);
    await nango.batchSave([{ id: 'ended' }], 'Mark');
    if (typeof last === 'function') last();
  },
});
