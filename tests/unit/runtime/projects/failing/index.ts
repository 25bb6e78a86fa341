import './shop/syncs/throws.js';
import './shop/syncs/requests.js';
