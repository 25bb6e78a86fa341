import './ledger/syncs/ledger.js';
import './pulse/syncs/pulse.js';
