import type { ProxyConfiguration } from 'nango';

type Get = (config: ProxyConfiguration) => Promise<{ data: any }>;

/** Yields pull requests, newest first, until one is older than `since`. */
export async function* pullsSince(get: Get, since: string | undefined) {
  for (let page = 1; ; page += 1) {
    const { data } = await get({
      endpoint: '/pulls', params: { state: 'all', page: String(page) }, retries: 3,
    });
    for (const pull of data) {
      if (since && pull.updated_at <= since) return;
      yield pull;
    }
    if (data.length < 2) return;
  }
}
