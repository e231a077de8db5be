import type { Runtime } from '../runtime.ts';

/** Files alone, which nginx serves; nothing of the application runs. */
export const files: Runtime = {
  nginx: () => ({ before: '', locations: '', tries: '$uri $uri/ =404', index: 'index.html index.htm', body: '' }),
};
