<?php

declare(strict_types=1);

namespace Foobar;

use PDOException;

final readonly class GuestbookPage
{
    public function __construct(private Guestbook $guestbook)
    {
    }

    public function show(Request $request): Response
    {
        return $this->page(200, $request, Entry::blank(), $this->guestbook->latest());
    }

    public function sign(Request $request): Response
    {
        $entry = Entry::from($request);
        $problems = $entry->problems();
        [$status, $problems] = match (true) {
            !FormToken::for($request)->accepts($request->field('token')) =>
                [403, ['form' => 'The form was too old, or your browser keeps no cookies. Please send it again.']],
            $problems !== [] => [422, $problems],
            $this->guestbook->isTooFast($request->server('REMOTE_ADDR')) =>
                [429, ['form' => 'That was quick. Please wait a minute, then send it again.']],
            default => [303, []],
        };
        if ($problems !== []) {
            return $this->page($status, $request, $entry, $this->guestbook->latest(), $problems);
        }
        $this->guestbook->add($entry);

        return Response::seeOther('/guestbook?signed=1');
    }

    /** The form again, with what was typed, where the database is no help. */
    public function fail(Request $request, PDOException $error): Response
    {
        $reason = Database::explain($error);
        $problems = ['form' => "Your message is not stored. $reason It is still here: send it again in a moment."];

        return $this->page(503, $request, Entry::from($request), [], $problems);
    }

    /**
     * @param list<array{name: string, message: string, created_at: string}> $entries
     * @param array<string, string> $problems
     */
    private function page(int $status, Request $request, Entry $entry, array $entries, array $problems = []): Response
    {
        $token = FormToken::for($request);
        $page = View::page($status, 'Guestbook', 'guestbook', [
            'entry' => $entry,
            'entries' => $entries,
            'problems' => $problems,
            'token' => $token->value(),
            'signed' => $status === 200 && $request->query('signed') !== '',
            'down' => $status === 503,
        ])->with('Set-Cookie', $token->cookie());

        return in_array($status, [429, 503], true) ? $page->with('Retry-After', '60') : $page;
    }
}
