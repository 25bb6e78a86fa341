import './hooks/syncs/hooked.js';
