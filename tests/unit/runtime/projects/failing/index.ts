import './shop/syncs/throws.js';
import './shop/syncs/requests.js';
import './shop/syncs/called.js';
