// The errors a script sees, and how an error that ends a run is told to the host.

import { describeError } from './stack.mjs';

/** What every call of a cancelled run fails with. */
export function abortError(reason) {
  const error = new Error(reason ? `the run was cancelled: ${reason}` : 'the run was cancelled');
  error.name = 'AbortError';
  error.type = 'script_aborted';
  return error;
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

function typeOf(thrown) {
  if (thrown?.isAxiosError === true) {
    return thrown.response ? 'script_http_error' : 'script_network_error';
  }
  const known = ['script_aborted', 'action_script_runtime_error', 'deletion_guard'];
  return known.includes(thrown?.type) ? thrown.type : 'script_internal_error';
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
