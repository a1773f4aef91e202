// Imported first, it gives every later import of React the one of this folder.

import { register } from 'node:module';

register('./resolve.mjs', import.meta.url);
