-- How often an address posted of late. The address is a keyed hash, and rows live for about an hour;
-- they are kept apart from the messages, so that no message can be traced to an address.
CREATE TABLE IF NOT EXISTS guestbook_pace (
  address CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  posts INT UNSIGNED NOT NULL,
  started_at DATETIME NOT NULL,
  PRIMARY KEY (address),
  KEY started_at (started_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
