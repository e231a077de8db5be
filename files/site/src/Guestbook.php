<?php

declare(strict_types=1);

namespace Foobar;

final readonly class Guestbook
{
    public const POSTS_PER_MINUTE = 3;

    public function __construct(private Database $database)
    {
    }

    /** @return list<array{name: string, message: string, created_at: string}> the last ten, newest first, in UTC */
    public function latest(): array
    {
        return $this->database
            ->run('SELECT name, message, created_at FROM guestbook ORDER BY id DESC LIMIT 10')
            ->fetchAll();
    }

    public function add(Entry $entry): void
    {
        $this->database->run(
            'INSERT INTO guestbook (name, message, created_at) VALUES (?, ?, UTC_TIMESTAMP())',
            [$entry->name, $entry->message],
        );
    }

    /** Counts this attempt, in one statement, and forgets the addresses of an hour ago. */
    public function isTooFast(string $address): bool
    {
        $this->database->run('DELETE FROM guestbook_pace WHERE started_at < UTC_TIMESTAMP() - INTERVAL 1 HOUR');
        // MySQL assigns from left to right: started_at sees the new value of posts.
        $this->database->run(
            'INSERT INTO guestbook_pace (address, posts, started_at) VALUES (?, LAST_INSERT_ID(1), UTC_TIMESTAMP())
             ON DUPLICATE KEY UPDATE
               posts = LAST_INSERT_ID(IF(started_at < UTC_TIMESTAMP() - INTERVAL 1 MINUTE, 1, posts + 1)),
               started_at = IF(posts = 1, UTC_TIMESTAMP(), started_at)',
            [self::hashed($address)],
        );

        return $this->database->lastValue() > self::POSTS_PER_MINUTE;
    }

    /** Keyed, as all of IPv4 can be tried; of IPv6 the first 64 bits, which one visitor commonly has whole. */
    private static function hashed(string $address): string
    {
        $packed = (string) inet_pton((string) preg_replace('/^::ffff:(?=\d+\.)/i', '', $address));

        return FormToken::sign('address', strlen($packed) === 16 ? substr($packed, 0, 8) : $packed);
    }
}
