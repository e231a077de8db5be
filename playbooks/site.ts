import type { Playbook } from '../src/index.ts';
import account from './account.ts';
import app from './app.ts';
import base from './base.ts';
import firewall from './firewall.ts';
import https from './https.ts';
import integrity from './integrity.ts';
import limits from './limits.ts';
import mysql from './mysql.ts';
import nginx from './nginx.ts';
import passwords from './passwords.ts';
import php from './php.ts';
import python from './python.ts';
import ssh from './ssh.ts';
import upgrades from './upgrades.ts';
import workers from './workers.ts';

/** The server, in the order in which its parts stand on each other. */
export const site: readonly Playbook[] = [
  base,
  firewall,
  ssh,
  upgrades,
  limits,
  passwords,
  integrity,
  mysql,
  account,
  php,
  python,
  nginx,
  app,
  workers,
  https,
];
