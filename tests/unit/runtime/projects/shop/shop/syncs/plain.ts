import { createSync } from 'nango';
import { z } from 'zod';

interface Node {
    id: string;
    children: Node[];
}
const Tree: z.ZodType<Node> = z.object({ id: z.string(), children: z.lazy(() => Tree.array()) });

export default createSync({
    description: 'The least there can be',
    frequency: '1h',
    models: { Tree },
    async exec(nango) {
        await nango.batchSave([{ id: '1', children: [] }], 'Tree');
    }
});
