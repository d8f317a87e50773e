CREATE TABLE `jobs` (
	`account_id` text NOT NULL,
	`created_ms` integer NOT NULL,
	`id` text NOT NULL,
	`state` text NOT NULL,
	`finished_ms` integer,
	`summary` text NOT NULL,
	PRIMARY KEY(`account_id`, `created_ms`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `providers` (
	`id` text PRIMARY KEY NOT NULL,
	`score` real NOT NULL,
	`provider` text NOT NULL
) WITHOUT ROWID;
