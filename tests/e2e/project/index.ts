import './e2e/syncs/behave.js';
import './e2e/syncs/items.js';
import './e2e/syncs/timed.js';
