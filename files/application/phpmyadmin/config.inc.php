<?php
// phpMyAdmin's settings, for a release that brings no config.inc.php of its own.
// Written by foobar-provision. Your own config.inc.php in the application's folder takes its place; it may read the same variables.

// Encrypts the password in the visitor's cookie: 32 bytes that stay the same over releases, and that only this site can compute.
$cfg['blowfish_secret'] = hash('sha256', 'phpMyAdmin ' . getenv('DB_PASSWORD'), true);

$cfg['Servers'][1]['host'] = 'localhost';
$cfg['Servers'][1]['auth_type'] = 'cookie';
$cfg['Servers'][1]['AllowNoPassword'] = false;
