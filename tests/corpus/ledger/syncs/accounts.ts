import * as url from 'node:url';

import { createSync } from 'nango';
import * as z from 'zod';

const Account = z.object({ id: z.string(), code: z.number(), name: z.string(), balance: z.any() });

// Builds the addresses of its pages itself.
export default createSync({
  description: 'Copies accounts page by page',
  version: '1.0.0',
  frequency: 'every week',
  autoStart: true,
  models: { Account },
  exec: async (nango) => {
    let next: string | null = '/accounts?' + new URLSearchParams({ fields: 'id,code', q: 'a&b' });
    while (next) {
      const { data }: any = await nango.get({ endpoint: next, retries: 10 });
      await nango.batchSave(
        data.accounts.map(({ uuid, code, ...rest }: any) => ({
          id: uuid, code: Number.parseInt(code, 10), name: rest.name, balance: rest.balance,
        })),
        'Account',
      );
      if (!data.next_page) break;
      const address: URL = new URL(data.next_page, 'https://books.ledger.example');
      address.searchParams.set('size', '2');
      address.searchParams.delete('debug');
      next = url.parse(address.href).path!.replace('/v3', '');
    }
  },
});
