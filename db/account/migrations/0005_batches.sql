CREATE TABLE `batch_parts` (
	`batch_id` text NOT NULL,
	`n` integer NOT NULL,
	`job_id` text,
	`outcome` text,
	`work` text,
	`lines` text NOT NULL,
	PRIMARY KEY(`batch_id`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `batches` (
	`id` text PRIMARY KEY NOT NULL,
	`record` text NOT NULL,
	`state` text NOT NULL,
	`next_ms` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `files` (
	`id` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`filename` text NOT NULL,
	`bytes` integer NOT NULL,
	`pieces` text NOT NULL,
	`created_ms` integer NOT NULL,
	`expires_ms` integer NOT NULL
) WITHOUT ROWID;
