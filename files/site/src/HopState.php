<?php

declare(strict_types=1);

namespace Foobar;

/** The value is what the page says of the hop; the name is what the style sheet goes by. */
enum HopState: string
{
    case Ok = 'works';
    case Unused = 'not in use';
    case Broken = 'broken';
}
