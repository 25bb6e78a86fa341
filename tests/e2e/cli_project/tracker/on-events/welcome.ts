import { createOnEvent } from 'nango';

export default createOnEvent({
  event: 'post-connection-creation',
  description: 'Says hello',
  exec: async (nango) => {
    await nango.log('hello');
  },
});
