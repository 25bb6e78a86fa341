type Page<T> = { items: T[]; next?: string };

/** Yields the items of pages that are fetched one after the other. */
export async function* walk<T>(fetchPage: (token?: string) => Promise<Page<T>>) {
  let token: string | undefined;
  do {
    const page = await fetchPage(token);
    yield* page.items;
    token = page.next;
  } while (token);
}

/** Cuts a list into parts of at most `size`. */
export function* chunks<T>(items: T[], size: number) {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
