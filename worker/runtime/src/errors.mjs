// The errors a script sees, and how an error that ends a run is told to the host.

import { describeError } from './stack.mjs';

const interruptions = new WeakSet();

/** What every call of a cancelled run fails with. */
export function abortError(reason) {
  const error = new Error(reason ? `the run was cancelled: ${reason}` : 'the run was cancelled');
  error.name = 'AbortError';
  error.type = 'script_aborted';
  return error;
}

/** What the call fails with after which the host wants the run to end, and every later one. */
export function interruptError() {
  const error = new Error('the run is interrupted after its checkpoint, and goes on in the next');
  error.name = 'InterruptError';
  error.type = 'execution_interrupted';
  interruptions.add(error);
  return error;
}

/** Whether an error says that the run is to end, so that no method may turn it into another. */
export function isEnd(error) {
  return error?.type === 'script_aborted' || error?.type === 'execution_interrupted';
}

/** A call that the host refused, as an error of its type and code. */
export function hostError({ type, message, code }) {
  if (type === 'script_aborted') return abortError(message);
  const error = new Error(message ?? 'the call failed');
  error.type = type ?? 'internal';
  if (code !== undefined && code !== null) error.code = code;
  return error;
}

/** An error shaped like those of axios, since scripts look into them. */
export class AxiosError extends Error {
  constructor(message, code, config, response) {
    super(message);
    this.name = 'AxiosError';
    this.isAxiosError = true;
    this.code = code;
    this.config = config;
    if (response) {
      this.response = response;
      this.status = response.status;
    }
  }

  toJSON() {
    const { name, message, code, status = null } = this;
    return { name, message, code, status };
  }
}

function safely(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const knownTypes = new Set([
  ...['script_aborted', 'action_script_runtime_error', 'script_api_rate_limit_error'],
  ...['script_output_too_large', 'deletion_guard'],
  ...['invalid_action_input', 'invalid_action_output'],
]);

function typeOf(thrown) {
  // An interruption counts as a success, so it takes more than a script to claim it.
  if (interruptions.has(thrown)) return 'execution_interrupted';
  if (thrown?.isAxiosError === true) {
    return thrown.response ? 'script_http_error' : 'script_network_error';
  }
  return knownTypes.has(thrown?.type) ? thrown.type : 'script_internal_error';
}

/** The error of a DONE frame for what a script threw. */
export function errorReport(thrown, mapper) {
  const status = safely(() => thrown.response.status);
  return {
    ...describeError(thrown, mapper),
    type: safely(() => typeOf(thrown)) ?? 'script_internal_error',
    upstream: Number.isInteger(status) ? { status } : undefined,
  };
}

const DETAIL_BYTES_MAX = 256 << 10;

// Of a provider's answer, what may be told to who called the action.
const TOLD_HEADER = /^(?:content-type|retry-after|.*(?:request|correlation)-id|x-ratelimit-.*)$/i;

function boundedText(value) {
  const text = JSON.stringify(value);
  if (text === undefined || Buffer.byteLength(text) <= DETAIL_BYTES_MAX) return text;
  return JSON.stringify({ truncated: true });
}

function answerText({ status, headers, data }) {
  const told = Object.entries(headers ?? {}).filter(([name]) => TOLD_HEADER.test(name));
  const body = safely(() => boundedText(data)) ?? 'null';
  const start = JSON.stringify({ status: Number(status), headers: Object.fromEntries(told) });
  return `${start.slice(0, -1)},"body":${body}}`;
}

/**
 * The same for an action, with what its caller may see: the payload of an ActionError, and the
 * answer of a provider that nobody caught, both as JSON texts.
 */
export function callErrorReport(thrown, mapper) {
  const report = errorReport(thrown, mapper);
  if (report.type === 'action_script_runtime_error') {
    report.payload = safely(() => boundedText(thrown.payload));
  }
  if (report.type === 'script_http_error') {
    report.answer = safely(() => answerText(thrown.response));
  }
  return report;
}
