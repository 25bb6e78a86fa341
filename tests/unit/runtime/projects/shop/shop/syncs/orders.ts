import { createSync, type ProxyConfiguration } from 'nango';
import * as z from 'zod';

import { Order } from '../lib/order.js';
import type { OrderType } from '../lib/order.js';

const sync = createSync({
    description: 'Orders of a shop',
    version: '1.2.0',
    frequency: 'every 5 minutes',
    autoStart: true,
    syncType: 'full',
    scopes: ['orders:read'],
    models: { Order },
    metadata: z.object({ threshold: z.number() }),
    checkpoint: z.object({ page: z.number() }),
    endpoints: [{ method: 'GET', path: '/orders' }],
    webhookSubscriptions: ['order.created'],

    exec: async (nango) => {
        const proxyConfig: ProxyConfiguration = { endpoint: '/orders', retries: 3 };
        const { data } = await nango.get<{ orders: OrderType[] }>(proxyConfig);
        await nango.batchSave(data.orders, 'Order');
        await nango.saveCheckpoint({ page: 1 });
    }
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
