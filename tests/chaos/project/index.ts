import './ledger/syncs/ledger.js';
