export interface RawIssue {
  id: number;
  title: string;
}

export function toIssue(raw: RawIssue, prefix: string, suffix: string) {
  return { id: String(raw.id), title: `${prefix}${raw.title}, ${suffix}` };
}
