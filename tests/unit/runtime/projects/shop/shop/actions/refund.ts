import { createAction } from 'nango';

export default createAction({ description: 'Not taken yet' });
