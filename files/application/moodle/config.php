<?php
// Moodle's settings, for a release that brings no config.php of its own.
// Written by foobar-provision. Your own config.php in the application's folder takes its place; it may read the same variables.

unset($CFG);
global $CFG;
$CFG = new stdClass();

$CFG->dbtype = is_file('/usr/sbin/mariadbd') ? 'mariadb' : 'mysqli';
$CFG->dblibrary = 'native';
$CFG->dbhost = getenv('DB_HOST');
$CFG->dbname = getenv('DB_NAME');
$CFG->dbuser = getenv('DB_USER');
$CFG->dbpass = getenv('DB_PASSWORD');
$CFG->prefix = 'mdl_';
// Moodle does not know the default collation of MariaDB 11.
$CFG->dboptions = ['dbsocket' => getenv('DB_SOCKET'), 'dbcollation' => 'utf8mb4_unicode_ci'];

// Nginx passes on requests for the site's names only. On the command line, the name is that of the site's folder: /srv/www/<domain>/current.
$CFG->wwwroot = (empty($_SERVER['HTTPS']) ? 'http://' : 'https://') . ($_SERVER['HTTP_HOST'] ?? explode('/', __DIR__)[3]);
$CFG->dataroot = __DIR__ . '/moodledata';
$CFG->admin = 'admin';
// Moodle's default, 02777, is refused: a hardened site cannot give a folder the setgid bit.
$CFG->directorypermissions = 0750;

// Plug-ins are a part of the release, which Moodle cannot write.
$CFG->disableupdateautodeploy = true;

require_once is_file(__DIR__ . '/lib/setup.php') ? __DIR__ . '/lib/setup.php' : __DIR__ . '/public/lib/setup.php';

// Without its tables, only this page works. It creates them.
if (!CLI_SCRIPT && empty($CFG->version) && !str_starts_with($_SERVER['SCRIPT_NAME'], '/admin/')) {
    header('Location: ' . $CFG->wwwroot . '/admin/index.php');
    exit;
}
