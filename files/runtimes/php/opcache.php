<?php
// The state of PHP's opcode cache, and compiling a new release before its first visitor. Written by foobar-provision. It is requested only
// over the application's own socket; nginx serves nothing from this folder.

header('Content-Type: text/plain');
$status = function_exists('opcache_get_status') ? @opcache_get_status(isset($_GET['list'])) : false;
if ($status === false) {
    echo "{}\n";
    exit;
}

$memory = $status['memory_usage'];
$total = $memory['used_memory'] + $memory['free_memory'] + $memory['wasted_memory'];

if (isset($_GET['list'])) {
    // Prints the scripts below any of these folders, as paths relative to it.
    $names = [];
    foreach (array_keys($status['scripts'] ?? []) as $path) {
        foreach ($_GET['list'] as $folder) {
            if (str_starts_with($path, "$folder/")) {
                $names[substr($path, strlen($folder) + 1)] = true;
            }
        }
    }
    echo implode("\n", array_keys($names)), "\n";
    exit;
}

if (isset($_GET['warm'])) {
    // Compiles the paths below this folder that the body lists.
    set_time_limit(60);
    $folder = $_GET['warm'];
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
    // The number of cached file names.
    'keys' => $status['opcache_statistics']['num_cached_keys'],
    'room' => $status['opcache_statistics']['max_cached_keys'],
    'hits' => $status['opcache_statistics']['hits'],
    'misses' => $status['opcache_statistics']['misses'],
    // Restarts because it was full.
    'restarts' => $status['opcache_statistics']['oom_restarts'] + $status['opcache_statistics']['hash_restarts'],
]), "\n";
