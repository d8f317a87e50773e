CREATE TABLE `accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`created_ms` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `api_keys` (
	`sha256` text PRIMARY KEY NOT NULL,
	`created_ms` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `disabled_webhooks` (
	`url` text PRIMARY KEY NOT NULL,
	`disabled_ms` integer NOT NULL
) WITHOUT ROWID;
