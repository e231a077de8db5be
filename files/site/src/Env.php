<?php

declare(strict_types=1);

namespace Foobar;

/** The environment that the FPM pool gives with env[], and nginx with a request. */
final class Env
{
    public static function get(string $name, string $default = ''): string
    {
        $value = getenv($name) ?: ($_SERVER[$name] ?? '');

        return is_string($value) && $value !== '' ? $value : $default;
    }
}
