import type { Playbook } from '../src/index.ts';
import account from './account.ts';
import app from './app.ts';
import base from './base.ts';
import https from './https.ts';
import mysql from './mysql.ts';
import nginx from './nginx.ts';
import php from './php.ts';
import python from './python.ts';
import workers from './workers.ts';

/** The server, in the order in which its parts stand on each other. */
export const site: readonly Playbook[] = [base, mysql, account, php, python, nginx, app, workers, https];
