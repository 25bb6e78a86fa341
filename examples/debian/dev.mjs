// Starts the system of the demo, begins the first round, and leaves everything running until
// Ctrl-C, to be looked at and played with.

import { Application } from './lib/application.mjs';
import { sectionsOfApt } from './lib/checks.mjs';
import { withCluster } from './lib/cluster.mjs';

async function main(cluster) {
  const sections = await sectionsOfApt();
  console.log('Starting the provider, Redis, a coordinator and two workers ...');
  await cluster.start({ workers: 2 });
  await cluster.deploy();
  const application = new Application(cluster);
  await application.connect(sections);
  await application.createVariants();
  await application.trigger();
  console.log(`
API        ${cluster.url}
API key    ${cluster.apiKey}
provider   ${cluster.providerUrl}  (X-Api-Key: ${cluster.providerKey})
Redis      ${cluster.redisUrl}

${application.variants.length} variants of the sync packages were triggered. Look at them with

  curl -H 'Authorization: Bearer ${cluster.apiKey}' \\
    '${cluster.url}/sync/status?syncs=*&provider_config_key=debian&connection_id=debian-archive'

Ctrl-C ends everything.`);
  await new Promise(() => setInterval(() => {}, 1 << 30));
}

await withCluster(main, { afterSignal: 0 });
