<?php
// What PHP keeps compiled: how full it is, and how a new release gets in before its first visitor.
// Written by foobar-provision. It is asked over the application's own socket alone; nginx serves nothing from this folder.

header('Content-Type: text/plain');
$status = function_exists('opcache_get_status') ? @opcache_get_status(isset($_GET['list']) || isset($_GET['warm'])) : false;
if ($status === false) {
    echo "{}\n";
    exit;
}

$memory = $status['memory_usage'];
$total = $memory['used_memory'] + $memory['free_memory'] + $memory['wasted_memory'];

if (isset($_GET['list'])) {
    // The scripts of one release, as paths below it.
    $prefix = $_GET['list'] . '/';
    foreach (array_keys($status['scripts'] ?? []) as $path) {
        if (str_starts_with($path, $prefix)) {
            echo substr($path, strlen($prefix)), "\n";
        }
    }
    exit;
}

if (isset($_GET['warm'])) {
    // warm=FOLDER&keep=FOLDER: compiles the paths of a new release that the body lists; what belongs to neither folder is let go.
    set_time_limit(60);
    $folder = $_GET['warm'];
    $home = dirname($folder) . '/';
    foreach (array_keys($status['scripts'] ?? []) as $path) {
        $release = str_starts_with($path, $home) ? $home . strtok(substr($path, strlen($home)), '/') : null;
        if ($release !== null && $release !== $folder && $release !== $_GET['keep']) {
            opcache_invalidate($path, true);
        }
    }
    $keys = $status['opcache_statistics'];
    $isFull = $memory['free_memory'] < $total / 3 || $keys['num_cached_keys'] > $keys['max_cached_keys'] / 2;
    if ($isFull && empty($_GET['again'])) {
        // What was let go, memory and names, is not given back piece by piece. Requests under way go on with what they have.
        opcache_reset();
        echo "again\n";
        exit;
    }
    $count = 0;
    foreach (file('php://input', FILE_IGNORE_NEW_LINES) as $name) {
        if (is_file("$folder/$name")) {
            $count += (int) @opcache_compile_file("$folder/$name");
        }
    }
    echo "$count scripts compiled\n";
    exit;
}

echo json_encode([
    'total' => $total,
    'used' => $memory['used_memory'],
    'wasted' => $memory['wasted_memory'],
    // Names of files, those that were let go among them until the cache empties itself.
    'keys' => $status['opcache_statistics']['num_cached_keys'],
    'room' => $status['opcache_statistics']['max_cached_keys'],
    'hits' => $status['opcache_statistics']['hits'],
    'misses' => $status['opcache_statistics']['misses'],
    // For want of room, not those that a deploy asks for.
    'restarts' => $status['opcache_statistics']['oom_restarts'] + $status['opcache_statistics']['hash_restarts'],
]), "\n";
