import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesFolder } from './bundled/files.ts';

const { version: read } = JSON.parse(readFileSync(join(filesFolder, '..', 'package.json'), 'utf8')) as { readonly version: string };

/** The version of this program, from package.json. */
export const version = read;
