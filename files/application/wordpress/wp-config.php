<?php
// WordPress's settings, for a release that brings no wp-config.php of its own.
// Written by foobar-provision. Your own wp-config.php in the application's folder takes its place; it may read the same variables.

define('DB_NAME', getenv('DB_NAME'));
define('DB_USER', getenv('DB_USER'));
define('DB_PASSWORD', getenv('DB_PASSWORD'));
define('DB_HOST', getenv('DB_HOST'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = 'wp_';

// Keys and salts are not set here: WordPress makes them, and keeps them in its database.

// Plug-ins and themes are a part of the release. WordPress offers to install more where app.shared lets it write them.
$writable = is_writable(__DIR__ . '/wp-content/plugins');
define('DISALLOW_FILE_MODS', !$writable);
if ($writable) {
    define('FS_METHOD', 'direct');
}

// Where a plug-in for Redis finds the site's cache, if it has one.
foreach (['WP_REDIS_SCHEME', 'WP_REDIS_PATH'] as $name) {
    if (getenv($name) !== false) {
        define($name, getenv($name));
    }
}

define('WP_DEBUG', false);

if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
