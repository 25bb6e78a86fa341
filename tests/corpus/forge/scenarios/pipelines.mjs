const ask = 'GET /api/v4/pipelines?status=running,failed';
const at = (name, value) => ({ [name]: value });

export default {
  runs: [
    {
      asks: [
        { ask, status: 409, text: 'busy', answerHeaders: at('x-ready-in', '0.05') },
        { ask, status: 503, text: 'down', answerHeaders: at('x-ready-in', '0.01') },
        { ask, status: 429, text: 'slow', answerHeaders: at('x-ready-in', '0') },
        {
          ask,
          answer: [
            { id: 1, status: 'running' },
            { id: 2, status: 'failed', duration: 1.5 },
          ],
        },
      ],
      records: {
        Pipeline: [
          { id: '1', status: 'running', duration: null },
          { id: '2', status: 'failed', duration: 1.5 },
        ],
      },
    },
    // Without a reason to come back, the first answer counts.
    {
      asks: [{ ask, status: 422, answer: { message: 'no' } }],
      fails: { type: 'script_http_error', says: /422/ },
    },
  ],
};
