<?php

declare(strict_types=1);

namespace Foobar;

/** What a visitor typed. Characters are counted as people count them: code points, a line break as one. */
final readonly class Entry
{
    public const LIMITS = ['name' => 60, 'message' => 500];

    private function __construct(public string $name, public string $message)
    {
    }

    public static function from(Request $request): self
    {
        return new self(
            self::clean((string) preg_replace('/\s+/u', ' ', $request->field('name'))),
            self::clean(str_replace(["\r\n", "\r"], "\n", $request->field('message'))),
        );
    }

    public static function blank(): self
    {
        return new self('', '');
    }

    /** @return array<string, string> field => what is wrong with it */
    public function problems(): array
    {
        return array_filter([
            'name' => self::problem($this->name, 'Please give a name.', self::LIMITS['name']),
            'message' => self::problem($this->message, 'Please write a message.', self::LIMITS['message']),
        ]);
    }

    private static function problem(string $text, string $ifEmpty, int $limit): string
    {
        $length = (int) preg_match_all('/./su', $text);

        return match (true) {
            // Something that shows: not only spaces, controls and zero-width characters.
            preg_match('/[^\p{Z}\p{Cc}\p{Cf}]/u', $text) !== 1 => $ifEmpty,
            $length > $limit => "At most $limit characters fit; these are $length.",
            default => '',
        };
    }

    /** Text that is not UTF-8 comes out empty, and is refused as such. */
    private static function clean(string $text): string
    {
        return (string) preg_replace('/^[\s\p{Z}]+|[\s\p{Z}]+$|[^\P{Cc}\n\t]/u', '', $text);
    }
}
