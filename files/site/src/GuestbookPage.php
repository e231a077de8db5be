<?php

declare(strict_types=1);

namespace Foobar;

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
        if (!FormToken::for($request)->accepts($request->field('token'))) {
            $problems = ['form' => 'The form was too old, or your browser keeps no cookies. Please send it again.'];
            return $this->page(403, $request, $entry, $this->guestbook->latest(), $problems);
        }
        if ($problems !== []) {
            return $this->page(422, $request, $entry, $this->guestbook->latest(), $problems);
        }
        if ($this->guestbook->isTooFast($request->server('REMOTE_ADDR'))) {
            $problems = ['form' => 'That was quick. Please wait a minute, then send it again.'];
            return $this->page(429, $request, $entry, $this->guestbook->latest(), $problems)->with('Retry-After', '60');
        }
        $this->guestbook->add($entry);

        return Response::seeOther('/guestbook?signed=1');
    }

    /** The form again, with what was typed, where the database is no help. */
    public function refused(Request $request, string $reason): Response
    {
        $problems = ['form' => "Your message is not stored. $reason It is still here: send it again in a moment."];

        return $this->page(503, $request, Entry::from($request), [], $problems)->with('Retry-After', '10');
    }

    /**
     * @param list<array{name: string, message: string, created_at: string}> $entries
     * @param array<string, string> $problems
     */
    private function page(int $status, Request $request, Entry $entry, array $entries, array $problems = []): Response
    {
        $token = FormToken::for($request);

        return View::page($status, 'Guestbook', 'guestbook', [
            'entry' => $entry,
            'entries' => $entries,
            'problems' => $problems,
            'token' => $token->value(),
            'signed' => $status === 200 && $request->query('signed') !== '',
            'down' => $status === 503,
        ])->with('Set-Cookie', $token->cookie());
    }
}
