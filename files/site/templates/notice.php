<?php

declare(strict_types=1);

use Foobar\View;

/** @var int $status */
/** @var string $title */
/** @var string $text */
?>
    <section class="notice">
      <p class="status"><?= $status ?></p>
      <h1><?= View::escape($title) ?></h1>
      <p class="lead"><?= View::escape($text) ?></p>
      <p><a class="button" href="/">Go to the home page</a></p>
    </section>
