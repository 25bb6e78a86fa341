import { createOnEvent } from 'nango';

export default createOnEvent({
  event: 'pre-connection-deletion',
  description: 'Tells the provider',
  exec: async (nango) => {
    await nango.post({ endpoint: '/farewell' });
  },
});
