<?php

declare(strict_types=1);

use Foobar\Hop;
use Foobar\HopState;
use Foobar\View;

/** @var int $status */
/** @var list<Hop> $hops */
/** @var Hop $last */
/** @var float $total */
/** @var float $connect */
/** @var float $queries */
$isBroken = $last->state === HopState::Broken;
$slices = ['Running PHP' => $total - $connect - $queries, 'Connecting' => $connect, 'Queries' => $queries];
$left = 0.0;
?>
    <section class="hero">
<?php if ($isBroken) : ?>
      <h1>It stops at <?= View::escape(lcfirst($last->name)) ?>.</h1>
      <div>
        <p class="lead">Your request got as far as <?= View::escape($hops[2]->name) ?>, which wrote this page to say so.
          <?= View::escape($last->text) ?> Whoever looks after this site finds the cause in its log.</p>
        <p><a class="button" href="/">Try again</a></p>
      </div>
<?php else : ?>
      <h1>There and back in <em><?= View::ms($total) ?></em></h1>
      <p class="lead">You asked one server for this page, and that is how long it took to make it. Every part that your request
        passed through left its evidence below, for this visit alone.</p>
<?php endif ?>
    </section>

    <section aria-labelledby="path">
      <h2 id="path" class="unseen">The path of your request</h2>
      <ol class="route" data-last="<?= $last->state->name ?>">
<?php foreach ($hops as $hop) : ?>
        <li class="hop" data-state="<?= $hop->state->name ?>">
          <p class="sign"><?= $hop->state->value ?></p>
          <h3><?= View::escape($hop->name) ?></h3>
          <p class="role"><?= View::escape($hop->text) ?></p>
          <dl>
<?php foreach ($hop->facts as $label => $value) : ?>
            <div><dt><?= View::escape($label) ?></dt><dd><?= View::escape($value) ?></dd></div>
<?php endforeach ?>
<?php if ($hop->measured !== '') : ?>
            <div data-measure="<?= View::escape($hop->measured) ?>" hidden><dt><?= View::escape($hop->measured) ?></dt><dd></dd></div>
<?php endif ?>
          </dl>
        </li>
<?php endforeach ?>
        <li class="back">
          <h3>Back to you</h3>
          <p><code><?= $status === 200 ? '200 OK' : '503 Service Unavailable' ?></code></p>
          <p data-measure="Page complete" hidden>complete after <code></code></p>
        </li>
      </ol>
    </section>

<?php if ($last->state === HopState::Ok) : ?>
    <section class="time" aria-labelledby="time">
      <h2 id="time">Where the <?= View::ms($total) ?> went</h2>
      <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
<?php foreach (array_values($slices) as $index => $ms) : ?>
        <rect class="slice-<?= $index ?>" x="<?= round($left, 1) ?>" width="<?= round(max(0, $ms / $total * 1000), 1) ?>" height="10"/>
<?php $left += $ms / $total * 1000 ?>
<?php endforeach ?>
      </svg>
      <dl>
<?php foreach (array_keys($slices) as $index => $label) : ?>
        <div class="slice-<?= $index ?>"><dt><?= $label ?></dt><dd><?= View::ms($slices[$label]) ?></dd></div>
<?php endforeach ?>
      </dl>
      <p class="note">From the moment PHP took your request to the moment it wrote this line.</p>
    </section>

<?php endif ?>
<?php if (!$isBroken) : ?>
    <section class="next" aria-label="What next">
<?php if ($last->state === HopState::Ok) : ?>
      <article>
        <h2>Leave your name</h2>
        <p>The guestbook writes to the same database. Say hello, and the next visitor reads it.</p>
        <p><a class="button" href="/guestbook">Sign the guestbook</a></p>
      </article>
<?php endif ?>
      <article>
        <h2>Put your own site here</h2>
        <p>This page came with the server, to show that every part of it works. Yours takes its place with one command.</p>
        <p><code class="command">foobar-provision --app DIR</code></p>
      </article>
      <article>
        <h2>What one server cannot do</h2>
        <p>If it stops, the site stops. When it restarts, the site waits. A crowd larger than the machine has to queue.
          It is also the whole of what there is to understand.</p>
      </article>
    </section>
<?php endif ?>
