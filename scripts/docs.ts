// Writes the generated parts of docs/: `npm run docs`.
import { writeFileSync } from 'node:fs';
import { pages } from './docs/pages.ts';

for (const { path, content } of pages()) writeFileSync(path, content);
