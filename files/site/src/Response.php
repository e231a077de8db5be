<?php

declare(strict_types=1);

namespace Foobar;

final readonly class Response
{
    /** All that a page loads is the site's own, and stands in files: what a visitor types can never be run. */
    private const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        . "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /** @param array<string, string> $headers */
    public function __construct(
        public int $status,
        public string $body,
        public array $headers = ['Content-Type' => 'text/html; charset=utf-8'],
    ) {
    }

    /** @param array<string, mixed> $data */
    public static function json(int $status, array $data): self
    {
        return new self($status, json_encode($data, JSON_THROW_ON_ERROR) . "\n", ['Content-Type' => 'application/json']);
    }

    /** 303, so that reloading the page that follows sends nothing twice. */
    public static function seeOther(string $path): self
    {
        return new self(303, '', ['Location' => $path]);
    }

    public function with(string $header, string $value): self
    {
        return new self($this->status, $this->body, [$header => $value] + $this->headers);
    }

    public function send(): void
    {
        http_response_code($this->status);
        header('Cache-Control: no-store');
        header('Content-Security-Policy: ' . self::POLICY);
        header('X-Content-Type-Options: nosniff');
        header_remove('X-Powered-By');
        foreach ($this->headers as $name => $value) {
            header("$name: $value");
        }
        echo $this->body;
    }
}
