import { createHash } from 'node:crypto';

const content = Uint8Array.from({ length: 256 }, (_, i) => i);

export default {
  runs: [
    {
      asks: [
        {
          ask: 'GET /v1/attachments',
          answer: [{ id: 'a/1', filename: 'all.bin' }, { id: 'a 2', filename: 'none.bin' }],
        },
        {
          ask: 'GET /v1/attachments/a%2F1/content',
          headers: { accept: 'application/octet-stream' },
          bytes: content,
        },
        { ask: 'GET /v1/attachments/a%202/content', bytes: new Uint8Array() },
      ],
      records: {
        Attachment: [
          {
            id: 'a 2', name: 'none.bin', bytes: 0, start: '',
            sha256: createHash('sha256').digest('hex'),
          },
          {
            id: 'a/1', name: 'all.bin', bytes: 256, start: 'AAEC',
            sha256: createHash('sha256').update(content).digest('hex'),
          },
        ],
      },
    },
  ],
};
