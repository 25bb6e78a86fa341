import './desk/syncs/tickets.js';
import './desk/actions/close.js';
import './desk/actions/chain.js';
import './desk/actions/fail.js';
import './desk/on-events/greet.js';
import './desk/on-events/judge.js';
import './desk/on-events/farewell.js';
