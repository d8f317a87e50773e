CREATE TABLE `payments` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`request_sha256` text NOT NULL,
	`payer` text NOT NULL,
	`unit` text NOT NULL,
	`escrow` text NOT NULL,
	`deadline_ms` integer NOT NULL,
	`amount` integer NOT NULL,
	`quoted` integer NOT NULL,
	`raw` text NOT NULL,
	`signature` text NOT NULL,
	`last_valid_block_height` integer NOT NULL,
	`detail` text,
	`at_ms` integer NOT NULL
) STRICT, WITHOUT ROWID;
