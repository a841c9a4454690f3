// `npm run build`: builds even when nothing changed.
import { requireSupportedNode } from './node-version.mjs';

requireSupportedNode();
void import('./prepare.mjs').then(({ prepare }) => prepare({ build: 'always' }));
