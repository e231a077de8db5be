<?php
// YOURLS's settings, for a release that brings no user/config.php of its own.
// Written by foobar-provision. Your own user/config.php in the application's folder takes its place; it may read the same variables.

// YOURLS keeps its users here, and makes none by itself.
if ((string) getenv('YOURLS_PASS') === '') {
    exit('Please set up YOURLS: set YOURLS_PASS, its administrator\'s password, in app.env, or bring a user/config.php.');
}
$yourls_user_passwords = [getenv('YOURLS_USER') ?: 'admin' => getenv('YOURLS_PASS')];
// They are plain here, because YOURLS cannot write this file.
define('YOURLS_NO_HASH_PASSWORD', true);
// Signs the cookies of a login. Only this site can compute it.
define('YOURLS_COOKIEKEY', hash('sha256', 'YOURLS ' . getenv('DB_PASSWORD')));

define('YOURLS_DB_NAME', getenv('DB_NAME'));
define('YOURLS_DB_USER', getenv('DB_USER'));
define('YOURLS_DB_PASS', getenv('DB_PASSWORD'));
define('YOURLS_DB_HOST', getenv('DB_HOST'));
define('YOURLS_DB_PREFIX', 'yourls_');

define('YOURLS_SITE', (empty($_SERVER['HTTPS']) ? 'http://' : 'https://') . ($_SERVER['HTTP_HOST'] ?? 'localhost'));
define('YOURLS_LANG', '');
define('YOURLS_UNIQUE_URLS', true);
define('YOURLS_PRIVATE', true);
define('YOURLS_URL_CONVERT', 36);
define('YOURLS_DEBUG', false);
$yourls_reserved_URL = [];
