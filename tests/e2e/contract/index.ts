import './e2e/syncs/everything.js';
import './e2e/syncs/quiet.js';
