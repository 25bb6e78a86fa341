import * as z from 'zod';

export const Order = z.object({
    id: z.string(),
    total: z.number().min(0),
    placedAt: z.date(),
    tags: z.array(z.enum(['new', 'paid'])).optional()
});

export type OrderType = z.infer<typeof Order>;
