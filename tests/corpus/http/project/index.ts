import './orders/syncs/auto-orders.js';
import './orders/syncs/orders.js';
