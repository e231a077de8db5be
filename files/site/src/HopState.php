<?php

declare(strict_types=1);

namespace Foobar;

enum HopState: string
{
    case Ok = 'ok';
    case Unused = 'unused';
    case Broken = 'broken';

    public function label(): string
    {
        return match ($this) {
            self::Ok => 'works',
            self::Unused => 'not in use',
            self::Broken => 'broken',
        };
    }
}
