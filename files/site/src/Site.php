<?php

declare(strict_types=1);

namespace Foobar;

use PDOException;

/** The routes, and what each page does where the database fails. */
final readonly class Site
{
    public function __construct(private ?Database $database)
    {
    }

    public function respond(Request $request): Response
    {
        $path = $request->path();
        $methods = $path === '/guestbook' ? ['GET', 'HEAD', 'POST'] : ['GET', 'HEAD'];
        if (!in_array($request->method(), $methods, true)) {
            return View::notice(405, 'Not that way', 'This page can be read, and nothing else.')
                ->with('Allow', implode(', ', $methods));
        }

        return match (true) {
            $path === '/' => $this->home($request),
            $path === '/guestbook' && $this->database !== null => $this->guestbook($request, $this->database),
            $path === '/up', $path === '/health' => $this->health(),
            default => View::notice(404, 'No such page', 'The request arrived, but nothing is kept at this address.'),
        };
    }

    private function home(Request $request): Response
    {
        try {
            $hop = $this->database === null
                ? Hop::unusedDatabase()
                : Hop::database($this->database, $this->countVisit($this->database));
        } catch (PDOException $error) {
            return $this->unavailable($request, $error);
        }

        return View::path(200, $request, $hop, $this->database);
    }

    private function guestbook(Request $request, Database $database): Response
    {
        $page = new GuestbookPage(new Guestbook($database));
        try {
            return $request->method() === 'POST' ? $page->sign($request) : $page->show($request);
        } catch (PDOException $error) {
            // What a visitor typed outlives a database that is down.
            return $request->method() === 'POST' ? $page->fail($request, $error) : $this->unavailable($request, $error);
        }
    }

    /** Asks for what the pages need, so that it fails as they would. */
    private function health(): Response
    {
        $release = Env::get('APP_RELEASE') ?: null;
        try {
            $this->database?->run('SELECT total FROM counter LIMIT 1');
        } catch (PDOException $error) {
            return Response::json(503, ['ok' => false, 'database' => Database::explain($error), 'release' => $release]);
        }
        $state = $this->database === null ? 'not in use' : 'answers';

        return Response::json(200, ['ok' => true, 'database' => $state, 'release' => $release]);
    }

    /** One statement, so that no two requests get the same number. */
    private function countVisit(Database $database): int
    {
        $database->run(
            "INSERT INTO counter (name, total) VALUES ('visits', LAST_INSERT_ID(1))
             ON DUPLICATE KEY UPDATE total = LAST_INSERT_ID(total + 1)"
        );

        return $database->lastValue();
    }

    private function unavailable(Request $request, PDOException $error): Response
    {
        return View::path(503, $request, Hop::brokenDatabase($error))->with('Retry-After', '10');
    }
}
