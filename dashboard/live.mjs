// What changes on the server comes as events of one stream for each page that is looked at.
// Browsers have few connections for one server, and tabs in the background shall not use them up. A
// stream that breaks is begun again, after pauses that grow.

import { get, pathWith } from './api.mjs';

const pauseFirst = 1000;
const pauseMost = 30_000;

/**
 * Follows what `subject`, the query of the stream, names. `handlers` has a function for each kind
 * of event, which is given its data, and `state`, which is told `live`, `waiting` or `off`.
 * Returns a function that ends it.
 */
export function follow(subject, handlers) {
  let source = null;
  let timer = null;
  let pause = pauseFirst;
  let ended = false;

  const open = () => {
    close();
    if (ended || document.hidden) return;
    handlers.state('waiting');
    source = new EventSource(pathWith('/varia/live', subject));
    source.onopen = () => {
      pause = pauseFirst;
      handlers.state('live');
    };
    for (const [kind, act] of Object.entries(handlers)) {
      if (kind !== 'state') source.addEventListener(kind, (event) => act(JSON.parse(event.data)));
    }
    source.onerror = () => {
      close();
      if (!ended) later();
    };
  };

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };

  // A session that has ended ends the stream, too; asking for it shows the sign-in.
  const later = () => {
    handlers.state('off');
    timer = setTimeout(() => get('/varia/session').then(open, retry), pause);
    pause = Math.min(pause * 2, pauseMost);
  };
  const retry = (error) => {
    if (!ended && error.status !== 401) later();
  };

  open();
  document.addEventListener('visibilitychange', open);
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', open);
    close();
  };
}
