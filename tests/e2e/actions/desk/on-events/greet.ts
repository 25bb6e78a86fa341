import { createOnEvent } from 'nango';

export default createOnEvent({
  event: 'post-connection-creation',
  description: 'Greets a connection',
  exec: async (nango) => {
    await nango.updateMetadata({ greeted: true });
  },
});
