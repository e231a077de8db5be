<?php

declare(strict_types=1);

use Foobar\Env;
use Foobar\View;

/** @var string $title */
/** @var string $content */
/** @var string $page */
$release = Env::get('APP_RELEASE');
$current = static fn (string $link): string => $link === $page ? ' aria-current="page"' : '';
?>
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="theme-color" content="#f4f7f5" media="(prefers-color-scheme: light)">
  <meta name="theme-color" content="#0c1310" media="(prefers-color-scheme: dark)">
  <meta name="description" content="One request, followed through Nginx, PHP-FPM and the database, and back.">
  <title><?= View::escape($title) ?> · foobar.com</title>
  <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="<?= View::asset('site.css') ?>">
  <script src="<?= View::asset('site.js') ?>" defer></script>
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header class="bar">
    <a class="mark" href="/">foobar<span>.com</span></a>
    <nav aria-label="Pages">
      <a href="/"<?= $current('path') ?>>The path</a>
<?php if (Env::get('DB_DATABASE') !== '') : ?>
      <a href="/guestbook"<?= $current('guestbook') ?>>Guestbook</a>
<?php endif ?>
    </nav>
  </header>
  <main id="main">
<?= $content ?>
  </main>
  <footer class="foot">
    <p>Served by one machine.</p>
<?php if ($release !== '') : ?>
    <p>Release <code><?= View::escape($release) ?></code></p>
<?php endif ?>
  </footer>
</body>
</html>
