// What changes on the server comes as events of one stream for each page. A stream that breaks is
// begun again, after pauses that grow; meanwhile the page asks by itself now and then.

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
    if (ended) return;
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
      source.close();
      if (!ended) later();
    };
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
  return () => {
    ended = true;
    clearTimeout(timer);
    source.close();
  };
}
