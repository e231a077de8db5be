import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesFolder } from './bundled/files.ts';

const { version: read } = JSON.parse(readFileSync(join(filesFolder, '..', 'package.json'), 'utf8')) as { readonly version: string };

/** This release of ours, as package.json says. */
export const version = read;
