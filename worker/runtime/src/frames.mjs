// The wire between a worker and its child: `u32be length | u32be run | u8 kind | msgpack body`,
// where the length counts all that follows it. Run 0 is the process itself.

import { decode, encode } from '@msgpack/msgpack';

export const kinds = Object.freeze({
  run: 1,
  reply: 2,
  error: 3,
  cancel: 5,
  ping: 6,
  exit: 8,
  hello: 16,
  call: 17,
  done: 18,
  log: 19,
  pong: 20,
  need: 22,
  started: 23,
});

const HEADER_BYTES = 9;
const LENGTH_BYTES = 4;
export const RECEIVED_BYTES_MAX = 32 << 20;
export const SENT_BYTES_MAX = 16 << 20;

/** Encodes a frame as [header, body]. Throws a RangeError if it is longer than the wire allows. */
export function encodeFrame(run, kind, body) {
  const bytes = encode(body, { ignoreUndefined: true });
  const length = HEADER_BYTES - LENGTH_BYTES + bytes.byteLength;
  if (length > SENT_BYTES_MAX) {
    throw new RangeError(`too large for one message: ${length} bytes, at most ${SENT_BYTES_MAX}`);
  }
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32BE(length, 0);
  header.writeUInt32BE(run, 4);
  header.writeUInt8(kind, 8);
  return [header, bytes];
}

export const decodeBody = decode;

/** Cuts a byte stream into frames and hands each on as (run, kind, bytes of its body). */
export class FrameReader {
  #chunks = [];
  #size = 0;
  #onFrame;

  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /** Takes the next bytes. Throws if the stream is no stream of frames. */
  push(chunk) {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (let wanted = this.#wanted(); this.#size >= wanted; wanted = this.#wanted()) {
      const bytes = this.#take(wanted);
      this.#onFrame(bytes.readUInt32BE(4), bytes.readUInt8(8), bytes.subarray(HEADER_BYTES));
    }
  }

  #wanted() {
    if (this.#size < LENGTH_BYTES) return LENGTH_BYTES + 1;
    if (this.#chunks[0].length < LENGTH_BYTES) this.#join();
    const length = this.#chunks[0].readUInt32BE(0);
    if (length < HEADER_BYTES - LENGTH_BYTES || length > RECEIVED_BYTES_MAX) {
      throw new RangeError(`a frame of ${length} bytes`);
    }
    return LENGTH_BYTES + length;
  }

  #take(count) {
    if (this.#chunks[0].length < count) this.#join();
    const [first] = this.#chunks;
    this.#size -= count;
    if (first.length === count) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(count);
    return first.subarray(0, count);
  }

  #join() {
    this.#chunks = [Buffer.concat(this.#chunks)];
  }
}
