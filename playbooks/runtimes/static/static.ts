import type { Runtime } from '../runtime.ts';

/** Static files, which nginx serves; no program of the application runs. */
export const files: Runtime = {
  nginx: () => ({ before: '', locations: '', tries: '$uri $uri/ =404', index: 'index.html index.htm', body: '' }),
};
