import { createSync } from 'nango';
import { z } from 'zod';

export default createSync({
    description: 'Fails at a request',
    frequency: 'every day',
    models: { Order: z.object({ id: z.string() }) },
    exec: async (nango) => {
        const config = { endpoint: '/orders' };
        await nango.get(config);
    }
});
