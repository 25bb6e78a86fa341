import { createSync } from 'nango';
import { z } from 'zod';
import { nameOf } from '../lib/deep.js';

export default createSync({
    description: 'Fails in a helper',
    frequency: 'every day',
    models: { Order: z.object({ id: z.string() }) },
    exec: async (nango) => {
        const page = JSON.parse('{"rows":{}}');
        const name: string = nameOf(page);
        await nango.log(name);
    }
});
