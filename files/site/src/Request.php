<?php

declare(strict_types=1);

namespace Foobar;

/** What the web server handed over. The only reader of the superglobals besides Env. */
final readonly class Request
{
    /**
     * @param array<string, mixed> $server
     * @param array<string, mixed> $query
     * @param array<string, mixed> $form
     * @param array<string, mixed> $cookies
     */
    public function __construct(
        private array $server,
        private array $query,
        private array $form,
        private array $cookies,
    ) {
    }

    public static function current(): self
    {
        return new self($_SERVER, $_GET, $_POST, $_COOKIE);
    }

    public function method(): string
    {
        return $this->server('REQUEST_METHOD');
    }

    public function path(): string
    {
        return '/' . trim(strtok($this->server('REQUEST_URI'), '?') ?: '', '/');
    }

    public function isSecure(): bool
    {
        return !in_array(strtolower($this->server('HTTPS')), ['', 'off'], true);
    }

    /** Milliseconds since PHP took the request. */
    public function age(): float
    {
        return (microtime(true) - (float) $this->server['REQUEST_TIME_FLOAT']) * 1000;
    }

    public function server(string $name): string
    {
        return self::text($this->server[$name] ?? '');
    }

    public function query(string $name): string
    {
        return self::text($this->query[$name] ?? '');
    }

    public function field(string $name): string
    {
        return self::text($this->form[$name] ?? '');
    }

    public function cookie(string $name): string
    {
        return self::text($this->cookies[$name] ?? '');
    }

    /** A visitor may send `name[]=…`, which PHP makes an array. */
    private static function text(mixed $value): string
    {
        return is_scalar($value) ? (string) $value : '';
    }
}
