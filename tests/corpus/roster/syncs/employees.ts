import { createSync } from 'nango';
import * as z from 'zod';

const Address = z.object({ street: z.string(), geo: z.tuple([z.number(), z.number()]).optional() });
const Employee = z
  .object({
    id: z.string(),
    name: z.string().describe('As it is printed on the badge'),
    born: z.date().nullish(),
    grade: z.int().default(1),
    kind: z.literal('employee'),
    addresses: z.record(z.string(), Address),
  })
  .catchall(z.string());

const Provider = z.object({
  uid: z.number(),
  names: z.array(z.string()).min(1),
  birthday: z.coerce.date().optional(),
  level: z.number().int().optional(),
  addresses: z.array(z.object({ kind: z.string() }).and(Address)),
  custom: z.record(z.string(), z.string()).nullish(),
});

// Fields that customers add themselves become fields of the record.
export default createSync({
  description: 'Copies employees with all their fields',
  version: '0.3.0',
  frequency: 'every 6 hours',
  autoStart: true,
  endpoints: [{ method: 'GET', path: '/roster/employees', group: 'People' }],
  models: { Employee },
  exec: async (nango) => {
    await nango.trackDeletesStart('Employee');
    const config = {
      endpoint: '/employees',
      retries: 3,
      paginate: {
        type: 'offset',
        offset_name_in_request: 'offset',
        offset_start_value: 100,
        response_path: 'items',
      },
    };
    for await (const page of nango.paginate<unknown>(config)) {
      const employees = z.array(Provider).parse(page).map((one) => ({
        id: `e${one.uid}`,
        name: one.names.join(' '),
        born: one.birthday ?? null,
        grade: one.level ?? 1,
        kind: 'employee' as const,
        addresses: Object.fromEntries(one.addresses.map(({ kind, ...rest }) => [kind, rest])),
        ...one.custom,
      }));
      await nango.batchSave(employees, 'Employee');
    }
    await nango.trackDeletesEnd('Employee');
  },
});
