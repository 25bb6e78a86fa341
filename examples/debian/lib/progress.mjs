// Live progress: a cell with a bar for each variant on a terminal, a line a second elsewhere.

const nameWidth = 14;
const barWidth = 8;
const cellWidth = nameWidth + barWidth + 19;

export class Progress {
  #out;
  #totals;
  #drawn = 0;
  #nextLine = 0;

  /** `totals` maps each variant to the number of records it should come to. */
  constructor(totals, out = process.stdout) {
    this.#totals = totals;
    this.#out = out;
  }

  /** Shows how the variants stand after so many seconds. */
  show(standings, seconds) {
    if (this.#out.isTTY) this.#draw(standings, seconds);
    else if (seconds >= this.#nextLine) {
      this.#out.write(`${summary(standings, seconds)}\n`);
      this.#nextLine = Math.floor(seconds) + 1;
    }
  }

  /** Shows the end of a round for good. */
  finish(standings, seconds) {
    if (this.#out.isTTY) this.#draw(standings, seconds);
    else this.#out.write(`${summary(standings, seconds)}\n`);
    this.#drawn = 0;
    this.#nextLine = 0;
  }

  #draw(standings, seconds) {
    const columns = Math.max(1, Math.floor((this.#out.columns ?? 80) / cellWidth));
    const room = Math.max(1, (this.#out.rows ?? 24) - 3);
    const cells = [...this.#totals].map(([name, total]) =>
      cell(name, total, standings.get(name)));
    const height = Math.min(room, Math.ceil(cells.length / columns));
    const lines = Array.from({ length: height }, (_, row) =>
      cells.filter((_cell, i) => i % height === row).slice(0, columns).join('').trimEnd());
    lines.push(summary(standings, seconds));
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A\x1b[J` : '';
    this.#out.write(`${up}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }
}

/** Returns how all variants stand together, in one line. */
export function summary(standings, seconds) {
  const all = [...standings.values()];
  const done = all.filter((one) => one.done).length;
  const running = all.filter(({ status }) => status === 'RUNNING').length;
  const failed = all.filter(({ execution }) => execution === 'STOPPED').length;
  const records = all.reduce((sum, one) => sum + one.records, 0);
  const hosts = new Map();
  for (const { worker } of all) if (worker) hosts.set(worker, (hosts.get(worker) ?? 0) + 1);
  const places = [...hosts].sort().map(([name, count]) => `${name}: ${count}`).join(', ');
  return `${seconds.toFixed(1).padStart(6)} s  ${done} of ${all.length} done, ` +
    `${running} running, ${failed > 0 ? `${failed} failed, ` : ''}` +
    `${records.toLocaleString('en')} records; ` +
    `variants on ${places || 'no worker'}`;
}

function cell(name, total, standing) {
  const records = standing?.records ?? 0;
  const share = total > 0 ? Math.min(1, records / total) : 1;
  const full = Math.round(share * barWidth);
  const bar = '#'.repeat(full) + '.'.repeat(barWidth - full);
  const mark = standing?.status === 'RUNNING' ? '>' : standing?.done ? '=' : ' ';
  const worker = (standing?.worker ?? '').slice(-8).padEnd(8);
  return `${name.slice(0, nameWidth).padEnd(nameWidth)} ${mark}${bar} ` +
    `${String(records).padStart(5)} ${worker}  `;
}
