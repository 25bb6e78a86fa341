import './shop/syncs/orders.js';
import './shop/syncs/plain.js';
import './shop/actions/refund.js';
import './shop/on-events/welcome.js';
// import './shop/syncs/unused.js';
