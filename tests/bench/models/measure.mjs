// Measures one model with one number and size of records on a fresh server.

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { until } from '../../../examples/debian/lib/processes.mjs';
import { inOrder, parts, Records, shuffled } from './records.mjs';
import { Server } from './redis.mjs';

const pageSize = 100;
const rounds = 10;
const untimedBatch = 100;

/** The keys of each model, and how many values a page holds of each record. */
export const models = {
  stream: { keys: ['head', 'meta', 'data', 'changes'], width: 3 },
  order: { keys: ['head', 'meta', 'data', 'order', 'commits'], width: 3 },
  'packed-order': { keys: ['head', 'packed', 'order', 'commits'], width: 2 },
  'packed-stream': { keys: ['head', 'packed', 'changes'], width: 2 },
};

/** Returns the figures of a case `{ model, size, count, batch, wear }`. */
export async function measure(one) {
  const server = await Server.start();
  try {
    const bench = new Bench(server, one);
    await bench.open();
    return await bench.run();
  } finally {
    await server.stop();
  }
}

class Bench {
  #server;
  #one;
  #keys;
  #records;
  #redis;
  #emptyBytes;
  #longest = 0;

  constructor(server, one) {
    this.#server = server;
    this.#one = one;
    this.#keys = models[one.model].keys;
    this.#records = new Records(one.count, one.size, this.#keys);
  }

  async open() {
    const texts = await Promise.all(['common', this.#one.model].map((name) =>
      readFile(new URL(`${name}.lua`, import.meta.url), 'utf8')));
    this.#redis = await this.#server.connect();
    await this.#redis.call('FUNCTION', 'LOAD', `#!lua name=model\n${texts.join('\n')}`);
    this.#emptyBytes = (await this.#redis.info()).used_memory;
  }

  async run() {
    const { count, wear } = this.#one;
    const all = inOrder(count);
    const tenth = shuffled(count, 7).subarray(0, count / 10);
    const insert = await this.#pass(all, 'added');
    const memory = await this.#memory();
    const unchanged = await this.#pass(all, 'unchanged');
    this.#records.change(tenth);
    const random = await this.#pass(tenth, 'updated');
    this.#records.change(all);
    const updated = await this.#pass(all, 'updated');
    const read = await this.#read();
    const longestMs = this.#longest;
    const worn = wear ? await this.#wear() : undefined;
    const unlink = await this.#unlink();
    const passes = { insert, unchanged, random, updated };
    return { passes, read, longestMs, memory, worn, unlink };
  }

  /** Commits records, all of which must turn out to be `what`. Only the calls are timed. */
  async #pass(indexes, what) {
    const before = await this.#redis.info();
    let ms = 0;
    let done = 0;
    for (const part of parts(indexes, this.#one.batch)) {
      const command = this.#records.commit(part);
      const begin = performance.now();
      const answer = await this.#redis.send(command);
      const took = performance.now() - begin;
      ms += took;
      this.#longest = Math.max(this.#longest, took);
      const [added, updated, unchanged] = answer.toString().split(',').map(Number);
      done += { added, updated, unchanged }[what];
    }
    if (done !== indexes.length) throw new Error(`${done} of ${indexes.length} were ${what}`);
    const after = await this.#redis.info();
    return {
      perSecond: (done / ms) * 1000,
      cpuUs: ((cpuSeconds(after) - cpuSeconds(before)) * 1e6) / done,
      logBytes: (after.aof_current_size - before.aof_current_size) / done,
    };
  }

  /** Reads all pages, and checks that each record comes once. */
  async #read() {
    const { model, count } = this.#one;
    const { keys, width } = models[model];
    const seen = new Set();
    const before = await this.#redis.info();
    let ms = 0;
    let rows = 0;
    for (let position = '0'; position !== '';) {
      const begin = performance.now();
      const page = await this.#redis.call('FCALL_RO', 'page', keys.length, ...keys, position,
        pageSize);
      ms += performance.now() - begin;
      for (let i = 1; i < page.length; i += width) seen.add(page[i].toString('latin1'));
      rows += (page.length - 1) / width;
      const next = page[0].toString();
      if (next !== '' && Number(next) <= Number(position)) throw new Error('pages go back');
      position = next;
    }
    if (seen.size !== count || rows !== count) {
      throw new Error(`read ${rows} records, ${seen.size} of ${count}`);
    }
    const after = await this.#redis.info();
    return {
      perSecond: (count / ms) * 1000,
      cpuUs: ((cpuSeconds(after) - cpuSeconds(before)) * 1e6) / count,
    };
  }

  /** Updates all records ten times, each time in another random order; to save time, not logged. */
  async #wear() {
    const { count } = this.#one;
    let amid;
    await this.#redis.call('CONFIG', 'SET', 'appendonly', 'no');
    for (let round = 1; round <= rounds; round += 1) {
      const indexes = shuffled(count, round);
      this.#records.change(indexes);
      await this.#update(indexes.subarray(0, count / 2));
      if (round === rounds) amid = await this.#memory();
      await this.#update(indexes.subarray(count / 2));
    }
    return { amid, after: await this.#memory() };
  }

  // As nothing is timed, the next commit is encoded while the server works on the one before.
  async #update(indexes) {
    let answer;
    for (const part of parts(indexes, untimedBatch)) {
      const command = Buffer.from(this.#records.commit(part));
      await answer;
      answer = this.#redis.send(command);
    }
    await answer;
  }

  // A new connection, because the old one's buffers would be counted.
  async #memory() {
    this.#redis.close();
    this.#redis = await this.#server.connect();
    await sleep(500); // The server looks at its allocator ten times a second.
    const info = await this.#redis.info();
    return {
      bytesPerRecord: (info.used_memory - this.#emptyBytes) / this.#one.count,
      fragmentation: info.mem_fragmentation_ratio,
      allocatorFragmentation: info.allocator_frag_ratio,
    };
  }

  /** Unlinks all keys while another client pings, and tells how long that one had to wait. */
  async #unlink() {
    const pings = await this.#server.connect();
    let worst = 0;
    let over = false;
    const pinging = (async () => {
      while (!over) {
        const begin = performance.now();
        await pings.call('PING');
        worst = Math.max(worst, performance.now() - begin);
      }
    })();
    await sleep(500);
    const usualMs = worst;
    worst = 0;
    const begin = performance.now();
    await this.#redis.call('UNLINK', ...this.#keys);
    const callMs = performance.now() - begin;
    await until(async () => (await this.#redis.info()).lazyfree_pending_objects === 0,
      { timeout: 60_000, what: 'the memory to be freed', every: 20 });
    const freedMs = performance.now() - begin;
    over = true;
    await pinging;
    pings.close();
    return { callMs, freedMs, usualMs, worstPingMs: worst };
  }
}

function cpuSeconds(info) {
  return info.used_cpu_user_main_thread + info.used_cpu_sys_main_thread;
}
