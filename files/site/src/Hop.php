<?php

declare(strict_types=1);

namespace Foobar;

use PDOException;

/** One station of the request's path, with the evidence that it was there. */
final readonly class Hop
{
    /**
     * @param array<string, string> $facts label => value
     * @param string $measured the fact that site.js adds, as only the browser can know it
     */
    private function __construct(
        public string $name,
        public string $text,
        public array $facts = [],
        public HopState $state = HopState::Ok,
        public string $measured = '',
    ) {
    }

    public static function browser(Request $request): self
    {
        return new self('Your browser', 'asked for this page.', [
            'Request' => $request->method() . ' ' . $request->path(),
            'Protocol' => $request->server('SERVER_PROTOCOL') . ($request->isSecure() ? ', TLS' : ', no TLS'),
            'Your address' => $request->server('REMOTE_ADDR'),
        ], measured: 'First byte');
    }

    public static function webServer(Request $request): self
    {
        $software = $request->server('SERVER_SOFTWARE');
        $isNginx = str_starts_with($software, 'nginx');

        return new self($isNginx ? 'Nginx' : 'Web server', 'took the request and passed it on. Files it serves itself.', [
            'Server' => strtok($software, ' ') ?: 'unnamed',
            'Site' => $request->server('SERVER_NAME'),
        ], measured: 'Static file');
    }

    public static function php(): self
    {
        $isFpm = PHP_SAPI === 'fpm-fcgi';
        $user = function_exists('posix_geteuid') ? posix_getpwuid(posix_geteuid()) : false;

        return new self($isFpm ? 'PHP-FPM' : 'PHP', 'ran the code that wrote this page.', [
            'PHP' => PHP_VERSION,
            'Interface' => PHP_SAPI,
            'Process' => getmypid() . ($user === false ? '' : ' as ' . $user['name']),
            'OPcache' => self::opcacheIsOn() ? 'on' : 'off',
        ]);
    }

    /** @param int $visit the counter, as this request left it */
    public static function database(Database $database, int $visit): self
    {
        $row = $database->run('SELECT VERSION() AS version, CONNECTION_ID() AS connection')->fetch();
        $version = (string) $row['version'];

        return new self(str_contains($version, 'MariaDB') ? 'MariaDB' : 'MySQL', 'counted this visit, and kept it.', [
            'Version' => strtok($version, '-') ?: $version,
            'Connection' => '#' . $row['connection'] . ', ' . $database->route,
            'Visits so far' => number_format($visit),
            'Queries' => View::ms($database->queryMs),
        ]);
    }

    public static function unusedDatabase(): self
    {
        return new self('The database', 'is not in use: this site is set up without one.', state: HopState::Unused);
    }

    public static function brokenDatabase(PDOException $error): self
    {
        return new self('The database', Database::explain($error), state: HopState::Broken);
    }

    private static function opcacheIsOn(): bool
    {
        // Where opcache.restrict_api keeps the status from us, it warns and gives false.
        $status = function_exists('opcache_get_status') ? @opcache_get_status(false) : false;

        return is_array($status) ? (bool) $status['opcache_enabled'] : (bool) ini_get('opcache.enable');
    }
}
