#!/usr/bin/env node
import module from 'node:module';
import { cacheFolder } from '../cache.ts';

// Node 20 cannot keep compiled code. It is not kept in the temporary folder, Node's default, because others can write there.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache(cacheFolder('compiled'));
const { main } = await import('./main.ts');
await main(process.argv);
