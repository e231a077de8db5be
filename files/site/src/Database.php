<?php

declare(strict_types=1);

namespace Foobar;

use PDO;
use PDOException;
use PDOStatement;
use SensitiveParameter;

/** A connection that opens with the first statement, and keeps the milliseconds that it took. */
final class Database
{
    /** Seconds to wait for a server that does not answer; well below any gateway's patience. */
    private const CONNECT_TIMEOUT = 2;

    public float $connectMs = 0.0;
    public float $queryMs = 0.0;
    private ?PDO $pdo = null;

    private function __construct(
        private readonly string $dsn,
        private readonly string $user,
        #[SensitiveParameter] private readonly string $password,
        public readonly string $route,
    ) {
    }

    /** Null where the site is set up without a database. */
    public static function fromEnvironment(): ?self
    {
        $name = Env::get('DB_DATABASE');
        $socket = Env::get('DB_SOCKET');
        if ($name === '') {
            return null;
        }
        $server = $socket !== ''
            ? "unix_socket=$socket"
            : sprintf('host=%s;port=%s', Env::get('DB_HOST', '127.0.0.1'), Env::get('DB_PORT', '3306'));

        return new self(
            "mysql:$server;dbname=$name;charset=utf8mb4",
            Env::get('DB_USERNAME'),
            Env::get('DB_PASSWORD'),
            $socket !== '' ? 'Unix socket' : 'TCP',
        );
    }

    /** @param list<string> $values */
    public function run(string $sql, array $values = []): PDOStatement
    {
        $pdo = $this->pdo ??= $this->connect();
        $started = hrtime(true);
        $statement = $pdo->prepare($sql);
        $statement->execute($values);
        $this->queryMs += (hrtime(true) - $started) / 1e6;

        return $statement;
    }

    /** What `LAST_INSERT_ID(…)` was given by the statement before. */
    public function lastValue(): int
    {
        return (int) $this->pdo?->lastInsertId();
    }

    /** The whole story for the log; for the visitor, words that tell nothing about accounts, addresses or paths. */
    public static function explain(PDOException $error): string
    {
        error_log('database: ' . $error->getMessage());

        return match ($error->errorInfo[1] ?? $error->getCode()) {
            2002, 2003, 2005 => 'Nothing answers where the database should be.',
            2006, 2013 => 'The database closed the connection.',
            1040, 1203 => 'The database has no connection free.',
            1044, 1045, 1698 => 'The database refuses the site’s user.',
            1049 => 'The server answers, but the site’s database does not exist.',
            1146, 1054 => 'The database answers, but its tables are not the ones of this release.',
            1142, 1290, 1792, 1836 => 'The database answers, but does not let the site write.',
            default => 'The database answers with an error.',
        };
    }

    private function connect(): PDO
    {
        $started = hrtime(true);
        $pdo = new PDO($this->dsn, $this->user, $this->password, [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
            PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
            PDO::ATTR_EMULATE_PREPARES => false,
            PDO::ATTR_TIMEOUT => self::CONNECT_TIMEOUT,
        ]);
        $this->connectMs = (hrtime(true) - $started) / 1e6;

        return $pdo;
    }
}
