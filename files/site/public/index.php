<?php

declare(strict_types=1);

namespace Foobar;

use Throwable;

ini_set('display_errors', '0');

spl_autoload_register(static function (string $class): void {
    require __DIR__ . '/../src/' . substr($class, strlen(__NAMESPACE__) + 1) . '.php';
});

try {
    $response = (new Site(Database::fromEnvironment()))->respond(Request::current());
} catch (Throwable $error) {
    // Half a page is not shown.
    while (ob_get_level() > 0) {
        ob_end_clean();
    }
    error_log(sprintf('%s: %s in %s:%d', $error::class, $error->getMessage(), $error->getFile(), $error->getLine()));
    $response = View::notice(500, 'Something broke', 'The code behind this page failed. The cause is in the server’s log.');
}

$response->send();
