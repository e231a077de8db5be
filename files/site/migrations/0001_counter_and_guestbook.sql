-- Numbers that requests raise, one row each: 'visits'.
CREATE TABLE IF NOT EXISTS counter (
  name VARCHAR(32) NOT NULL,
  total BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What visitors wrote; created_at is UTC.
CREATE TABLE IF NOT EXISTS guestbook (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(60) NOT NULL,
  message VARCHAR(500) NOT NULL,
  created_at DATETIME NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
