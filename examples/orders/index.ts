import './orders/syncs/sync-orders.js';
