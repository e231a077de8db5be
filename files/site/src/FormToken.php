<?php

declare(strict_types=1);

namespace Foobar;

/**
 * Proof that a form came from our own page, with nothing kept on the server: a random cookie, and the same
 * number signed in the form. Another site can neither read the cookie nor sign one that it planted.
 */
final readonly class FormToken
{
    private function __construct(private string $nonce, private bool $secure)
    {
    }

    /** The visitor's own number, or a new one; so that several open tabs all stay valid. */
    public static function for(Request $request): self
    {
        $nonce = $request->cookie(self::cookieName($request->isSecure()));

        return new self(
            preg_match('/\A[0-9a-f]{32}\z/', $nonce) === 1 ? $nonce : bin2hex(random_bytes(16)),
            $request->isSecure(),
        );
    }

    public function accepts(string $token): bool
    {
        return hash_equals($this->value(), $token);
    }

    public function value(): string
    {
        return self::sign('form', $this->nonce);
    }

    public function cookie(): string
    {
        return self::cookieName($this->secure) . "={$this->nonce}; Path=/; HttpOnly; SameSite=Lax"
            . ($this->secure ? '; Secure' : '');
    }

    /** The key comes from what only the server knows, so it needs no file and no setting of its own. */
    public static function sign(string $purpose, string $text): string
    {
        $secret = Env::get('APP_KEY') ?: Env::get('DB_PASSWORD');

        return hash_hmac('sha256', $text, hash_hmac('sha256', $purpose, $secret, true));
    }

    private static function cookieName(bool $secure): string
    {
        return $secure ? '__Host-form' : 'form';
    }
}
