import { cakephp } from './cakephp.ts';
import { codeigniter } from './codeigniter.ts';
import { craft } from './craft.ts';
import { dokuwiki } from './dokuwiki.ts';
import { drupal } from './drupal.ts';
import type { Framework } from './framework.ts';
import { freshrss } from './freshrss.ts';
import { grav } from './grav.ts';
import { joomla } from './joomla.ts';
import { kanboard } from './kanboard.ts';
import { laravel, statamic } from './laravel.ts';
import { magento } from './magento.ts';
import { matomo } from './matomo.ts';
import { mediawiki } from './mediawiki.ts';
import { moodle } from './moodle.ts';
import { mybb } from './mybb.ts';
import { nextcloud } from './nextcloud.ts';
import { october, winter } from './october.ts';
import { opencart } from './opencart.ts';
import { phpbb } from './phpbb.ts';
import { phpmyadmin } from './phpmyadmin.ts';
import { piwigo } from './piwigo.ts';
import { prestashop } from './prestashop.ts';
import { roundcube } from './roundcube.ts';
import { slim } from './slim.ts';
import { shopware, symfony } from './symfony.ts';
import { typo3 } from './typo3.ts';
import { bedrock, wordpress } from './wordpress.ts';
import { yii } from './yii.ts';
import { yourls } from './yourls.ts';

/** All frameworks. The first that recognizes the files is used, so an application precedes the framework that it is made with. */
export const frameworks: readonly Framework[] = [
  bedrock,
  wordpress,
  october,
  winter,
  statamic,
  laravel,
  shopware,
  symfony,
  drupal,
  mediawiki,
  nextcloud,
  moodle,
  phpbb,
  joomla,
  prestashop,
  magento,
  opencart,
  dokuwiki,
  freshrss,
  matomo,
  grav,
  craft,
  typo3,
  cakephp,
  codeigniter,
  yii,
  yourls,
  piwigo,
  mybb,
  phpmyadmin,
  roundcube,
  kanboard,
  slim,
];
