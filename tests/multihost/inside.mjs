// inside.mjs FILE: runs a test file (or, with --plain, a program) as root of a little world of its
// own: with process numbers, mounts and a network that nobody else sees and that go away with it,
// whatever happens. Ends with 77 and one line where the machine does not let us make such a world.

import { spawn, spawnSync } from 'node:child_process';

const world = ['--net', '--uts', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const skipped = 77;

// What the tests do to a world, tried out in one that is thrown away.
const probe = `
  ip link set lo up
  ip link add lan type bridge
  ip link add one type veth peer name two
  ip link set one master lan up
  bridge link set dev one state 0
  mount -t tmpfs tmpfs /mnt
  mkdir /mnt/upper /mnt/work
  mount -t overlay overlay -o lowerdir=/opt,upperdir=/mnt/upper,workdir=/mnt/work /opt
  setpriv --reuid=65534 --clear-groups --no-new-privs true`;

function obstacle() {
  if (process.getuid() !== 0) return 'only root can make hosts of namespaces';
  const tried = spawnSync('unshare', [...world, 'bash', '-euo', 'pipefail', '-c', probe], {
    encoding: 'utf8', timeout: 20_000,
  });
  if (tried.error) return `no unshare: ${tried.error.message}`;
  if (tried.status !== 0) return `no hosts of namespaces here: ${tried.stderr.trim()}`;
  return undefined;
}

const [first, ...rest] = process.argv.slice(2);
const [file, options] = first === '--plain' ? [rest.shift(), []] : [first, ['--test']];
const why = obstacle();
if (why) {
  console.log(`multihost: skipped: ${why}`);
  process.exit(skipped);
}
const child = spawn('setpriv', [
  '--pdeathsig', 'KILL', 'unshare', ...world, process.execPath, ...options, file, ...rest,
], { stdio: 'inherit', env: { ...process.env, MULTIHOST_WORLD: '1' } });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGKILL'));
child.once('exit', (code) => process.exit(code ?? 1));
