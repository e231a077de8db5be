import { database, privateFolder, releases, sitesVariable } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';

/** Shell libraries that several kinds share. Those of a single kind are in its own file. */
export const folders = bundledLibrary('run/folders.sh');
export const asUser = bundledLibrary('run/as-user.sh');
export const confined = bundledLibrary('run/confined.sh');
export const accounts = bundledLibrary('run/accounts.sh', sitesVariable);
export const mysql = bundledLibrary('run/mysql.sh', database);

/** The functions for the links of releases, also for a playbook's own commands. */
export const releaseLinks = bundledLibrary('run/release-links.sh', releases);

/** Tells whether an application is installed. */
export const installed = bundledLibrary('run/installed.sh');

export const databaseClient = bundledLibrary('run/client.sh');
export const dump = bundledLibrary('run/dump.sh', database);
/** Logins to the database with a site's rights. */
export const login = bundledLibrary('run/as-login.sh', database, databaseClient, confined);
export const readDatabase = bundledLibrary('read/database.sh', database, privateFolder);
export const readPackages = bundledLibrary('read/packages.sh');
