import { createOnEvent } from 'nango';

export default createOnEvent({
  event: 'post-connection-creation',
  description: 'Greets a shop',
  exec: async (nango) => {
    await nango.updateMetadata({ greeted: true });
  },
});
