// Takes the steps of docs/operations.md: the fenced blocks that say on which hosts they are to be
// run, in the order of the document.

import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Child, program, root } from '../e2e/support.mjs';

const fence = /^```sh on=([\w,]+)\n([\s\S]*?)^```$/gm;

/** Returns the steps of the document: `[{ on: [host, ...], script }]`. */
export async function stepsOfDocument() {
  const text = await readFile(join(root, 'docs/operations.md'), 'utf8');
  return [...text.matchAll(fence)].map(([, on, script]) => ({ on: on.split(','), script }));
}

/**
 * Whoever reads the document: has a shell on each host and one on the machine that builds, which
 * is this process's. What a block leaves in variables, the next one on the same host finds.
 */
export class Operator {
  #network;
  #folder;

  /** `folder` is empty, and becomes the checkout that the operator stands in. */
  static async at(network, folder) {
    const operator = new Operator();
    operator.#network = network;
    operator.#folder = folder;
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'build'));
    await symlink(join(program, '..'), join(folder, 'build/release'));
    await symlink(join(root, 'deploy'), join(folder, 'deploy'));
    for (const [name, text] of Object.entries(operator.#commands())) {
      await writeFile(join(folder, 'bin', name), `#!/bin/bash\nset -euo pipefail\n${text}`,
        { mode: 0o755 });
    }
    return operator;
  }

  /** Takes one step; returns what it printed. */
  async take({ on, script }) {
    const outputs = await Promise.all(on.map((name) =>
      (name === 'build' ? this.#build(script) : this.#guest(name, script))));
    return outputs.join('');
  }

  #guest(name, script) {
    return this.#network.get(name).run(remembering(script, '/root/.steps'), { timeout: 180_000 });
  }

  async #build(script) {
    const bin = join(this.#folder, 'bin');
    const child = new Child('build', 'env', ['-i', `PATH=${bin}:${process.env.PATH}`, 'HOME=/root',
      'bash', '-euo', 'pipefail', '-c', remembering(script, join(this.#folder, '.steps'))],
    { cwd: this.#folder });
    const { code } = await child.exit(300_000);
    if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${child.tail(40)}`);
    return child.output;
  }

  // What the machine that builds has and this one has not: the build is done, and hosts are
  // reached by another way.
  #commands() {
    const ways = this.#network.hosts.map((host) =>
      `  root@${host.name}) way=(nsenter ${host.entering.join(' ')}) ;;`);
    const choose = `case $1 in\n${ways.join('\n')}\n  *) exit 1 ;;\nesac\n`;
    return {
      make: `[ "$*" = release ] && [ -x build/release/varia ]\n`,
      ssh: `${choose}shift\nexec "\${way[@]}" bash -c "$*"\n`,
      scp: `files=("\${@:1:$#-1}")\ntarget=\${!#}\nset -- "\${target%%:*}"\n${choose}`
        + 'for file in "${files[@]}"; do\n'
        + '  "${way[@]}" bash -c \'umask 077; cat > "$1"\' scp "${target#*:}${file##*/}" <"$file"\n'
        + 'done\n',
    };
  }
}

function remembering(script, state) {
  return `[ ! -f ${state} ] || . ${state}\n${script}\nexport -p > ${state}\n`;
}
