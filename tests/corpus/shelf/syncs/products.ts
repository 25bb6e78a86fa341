import { createSync } from 'nango';
import * as z from 'zod';

const Price = z.union([z.object({ amount: z.number() }), z.literal('on request')]);
const Product = z.object({
  id: z.string(),
  title: z.string(),
  price: Price,
  stock: z.number().nullable(),
});

// The stock is in another system: it is asked over the connection that the metadata names.
export default createSync({
  description: 'Copies products with their stock from another system',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  models: { Product },
  metadata: z.object({ books: z.string() }),
  exec: async (nango) => {
    const books = (await nango.getMetadata())!.books;
    const other: any = await nango.getConnection('ledger', books);
    const { data: products } = await nango.get<any[]>({ endpoint: '/products', retries: 3 });
    const { data: stock } = await nango.get<Record<string, number>>({
      endpoint: '/stock',
      params: { site: other.connection_config.site },
      providerConfigKey: 'ledger',
      connectionId: books,
      retries: 3,
    });
    const list = products.map(({ sku, title, price }) => ({
      id: sku,
      title: title?.toString().normalize('NFC') ?? '',
      price: Price.parse(price ?? 'on request'),
      stock: stock[sku] ?? null,
    }));
    await nango.batchSave(list, 'Product');
  },
});
