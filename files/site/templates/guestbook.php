<?php

declare(strict_types=1);

use Foobar\Entry;
use Foobar\View;

/** @var Entry $entry */
/** @var list<array{name: string, message: string, created_at: string}> $entries */
/** @var array<string, string> $problems */
/** @var string $token */
/** @var bool $signed */
/** @var bool $down */
$attributes = static fn (string $field): string => isset($problems[$field])
    ? "aria-invalid=\"true\" aria-describedby=\"$field-problem $field-limit\""
    : "aria-describedby=\"$field-limit\"";
?>
    <div class="book">
      <section class="write" aria-labelledby="title">
        <h1 id="title">Guestbook</h1>
        <p class="lead">Write a line. It goes into the database, and this page reads it back from there.</p>
<?php if ($signed) : ?>
        <p class="said" role="status">Thank you. Your message is stored.</p>
<?php endif ?>
<?php if (isset($problems['form'])) : ?>
        <p class="said is-problem" role="alert"><?= View::escape($problems['form']) ?></p>
<?php elseif ($problems !== []) : ?>
        <p class="said is-problem" role="alert">Not stored yet: see the note below.</p>
<?php endif ?>
        <form method="post" action="/guestbook" novalidate>
          <input type="hidden" name="token" value="<?= $token ?>">
          <p class="field">
            <label for="name">Name</label>
            <input id="name" name="name" autocomplete="nickname" required data-limit="<?= Entry::LIMITS['name'] ?>" value="<?= View::escape($entry->name) ?>" <?= $attributes('name') ?>>
            <small id="name-limit">Up to <?= Entry::LIMITS['name'] ?> characters</small>
<?php if (isset($problems['name'])) : ?>
            <strong id="name-problem"><?= View::escape($problems['name']) ?></strong>
<?php endif ?>
          </p>
          <p class="field">
            <label for="message">Message</label>
            <textarea id="message" name="message" rows="5" required data-limit="<?= Entry::LIMITS['message'] ?>" <?= $attributes('message') ?>>
<?= View::escape($entry->message) ?></textarea>
            <small id="message-limit">Up to <?= Entry::LIMITS['message'] ?> characters</small>
<?php if (isset($problems['message'])) : ?>
            <strong id="message-problem"><?= View::escape($problems['message']) ?></strong>
<?php endif ?>
          </p>
          <p><button class="button">Sign the guestbook</button></p>
        </form>
      </section>
      <section class="read" aria-labelledby="entries">
        <h2 id="entries">The last ten</h2>
<?php if ($down) : ?>
        <p class="empty">The messages cannot be read just now.</p>
<?php elseif ($entries === []) : ?>
        <p class="empty">Nobody has signed yet. The first line is yours.</p>
<?php endif ?>
        <ol>
<?php foreach ($entries as $row) : ?>
          <li>
            <p class="message" dir="auto"><?= View::escape($row['message']) ?></p>
            <p class="by"><bdi><?= View::escape($row['name']) ?></bdi>
              <time datetime="<?= str_replace(' ', 'T', $row['created_at']) ?>Z"><?= (new DateTimeImmutable($row['created_at'] . ' UTC'))->format('j M Y, H:i') ?> UTC</time></p>
          </li>
<?php endforeach ?>
        </ol>
      </section>
    </div>
