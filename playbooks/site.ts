import type { Playbook } from '../src/index.ts';
import workers from './application/background-jobs.ts';
import mail from './application/mail.ts';
import app from './application/release.ts';
import account from './application/user.ts';
import backups from './backup/backups.ts';
import cache from './cache/valkey.ts';
import databaseClient from './database/link-client.ts';
import databaseLink from './database/link-server.ts';
import mysql from './database/server.ts';
import base from './host/base.ts';
import firewall from './host/firewall.ts';
import integrity from './host/integrity.ts';
import passwords from './host/passwords.ts';
import ssh from './host/ssh.ts';
import sshKeys from './host/ssh-keys.ts';
import limits from './host/system.ts';
import upgrades from './host/upgrades.ts';
import { runtimePlaybooks } from './runtimes/index.ts';
import https from './web/acme.ts';
import nginx from './web/server.ts';

/** All playbooks, each after those that it depends on. Each server runs those of its roles; a single server runs all of them. */
export const site: readonly Playbook[] = [
  base,
  firewall,
  ssh,
  sshKeys,
  upgrades,
  limits,
  passwords,
  integrity,
  mysql,
  databaseLink,
  databaseClient,
  account,
  mail,
  cache,
  ...runtimePlaybooks,
  nginx,
  app,
  workers,
  https,
  backups,
];
