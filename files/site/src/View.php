<?php

declare(strict_types=1);

namespace Foobar;

/** Templates to pages. */
final class View
{
    private const ROOT = __DIR__ . '/..';

    /** @param array<string, mixed> $values */
    public static function page(int $status, string $title, string $template, array $values): Response
    {
        $content = self::render($template, $values);

        return new Response($status, self::render('layout', ['title' => $title, 'content' => $content, 'page' => $template]));
    }

    public static function notice(int $status, string $title, string $text): Response
    {
        return self::page($status, $title, 'notice', ['status' => $status, 'title' => $title, 'text' => $text]);
    }

    /** The home page: the request's path, whole or broken. */
    public static function path(int $status, Request $request, Hop $last, ?Database $database = null): Response
    {
        $hops = [Hop::browser($request), Hop::webServer($request), Hop::php(), $last];
        $title = $status === 200 ? 'The path of a request' : 'A hop is broken';

        return self::page($status, $title, 'path', [
            'status' => $status,
            'hops' => $hops,
            'last' => $last,
            'total' => $request->age(),
            'connect' => $database?->connectMs ?? 0.0,
            'queries' => $database?->queryMs ?? 0.0,
        ]);
    }

    public static function escape(string $text): string
    {
        return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
    }

    public static function ms(float $ms): string
    {
        return number_format($ms, $ms < 10 ? 1 : 0) . "\u{a0}ms";
    }

    /** Named by its content, so that it may be cached for ever. */
    public static function asset(string $name): string
    {
        return "/assets/$name?" . hash_file('crc32b', self::ROOT . "/public/assets/$name");
    }

    /** @param array<string, mixed> $values */
    private static function render(string $template, array $values): string
    {
        extract($values);
        ob_start();
        require self::ROOT . "/templates/$template.php";

        return (string) ob_get_clean();
    }
}
