import { createOnEvent } from 'nango';

export default createOnEvent({
  event: 'validate-connection',
  description: 'Lets nobody in who says so',
  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    if (metadata?.bad) throw new Error('this one is bad');
  },
});
