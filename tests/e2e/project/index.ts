import './e2e/syncs/behave.js';
import './e2e/syncs/cache.js';
import './e2e/syncs/items.js';
import './e2e/syncs/mirror.js';
import './e2e/syncs/poll.js';
import './e2e/syncs/timed.js';
