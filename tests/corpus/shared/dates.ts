/** The later of two texts in ISO 8601; either may be missing. */
export function later(a: string | undefined, b: string | undefined): string | undefined {
  if (!a || !b) return a ?? b;
  return new Date(a).getTime() >= new Date(b).getTime() ? a : b;
}

/** Seconds of the epoch as a text in ISO 8601. */
export const fromSeconds = (seconds: number) => new Date(seconds * 1000).toISOString();
