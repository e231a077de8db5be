<?php
// CakePHP's settings for this host, for a release that brings no config/app_local.php of its own.
// Written by foobar-provision. Your own config/app_local.php in the application's folder takes its place; it may read the same variables.

return [
    'debug' => filter_var(env('DEBUG', false), FILTER_VALIDATE_BOOLEAN),
    'Security' => ['salt' => env('SECURITY_SALT')],
    'Datasources' => ['default' => ['url' => env('DATABASE_URL')]],
];
