import { createSync } from 'nango';
import * as z from 'zod';

const Monitor = z.object({ id: z.string(), about: z.record(z.string(), z.any()) });

// Tells the provider where its events shall go, and keeps what it is told about the run.
export default createSync({
  description: 'Registers the webhook and copies what is known of the run',
  version: '1.0.0',
  frequency: 'every 1 day',
  autoStart: false,
  webhookSubscriptions: ['*'],
  models: { Monitor },
  exec: async (nango) => {
    nango.setLogger({ level: 'info' });
    await nango.log('not shown', { level: 'debug' });
    const target = await nango.getWebhookURL();
    await nango.post({
      endpoint: '/hooks',
      data: { path: new URL(target).pathname.split('/').at(-1) },
    });
    let action = 'ran';
    try {
      await nango.triggerAction(nango.providerConfigKey, nango.connectionId, 'no-such-action', {});
    } catch {
      action = 'refused';
    }
    const attributes = await nango.getFlowAttributes();
    const { connectionId, providerConfigKey, provider, environmentName, variant } = nango;
    const about = {
      ...{ connectionId, providerConfigKey, provider, environmentName, variant, action },
      ids: [nango.syncId, nango.syncJobId, nango.activityLogId].map((id) => String(id).length > 0),
      numbers: [nango.environmentId, nango.nangoConnectionId].map((id) => id !== undefined),
      attributes: Object.keys(attributes ?? {}),
      since: nango.lastSyncDate ?? null,
      odd: [Symbol('x').toString(), typeof globalThis.structuredClone, 'process' in globalThis],
    };
    await nango.batchSend([{ id: 'run', about }], 'Monitor');
    console.log('the console goes to debug');
    nango.setLogger({ level: 'off' });
    await nango.log('not shown either', { level: 'error' });
  },
  onWebhook: async (nango, payload) => {
    const about = { ...(payload as object), variant: nango.variant };
    await nango.batchSave([{ id: 'webhook', about }], 'Monitor');
  },
});
