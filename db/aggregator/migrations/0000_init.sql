CREATE TABLE `deliveries` (
	`job_id` text NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`url` text NOT NULL,
	`state` text NOT NULL,
	`body` text NOT NULL,
	`attempts` text NOT NULL,
	`next_ms` integer,
	PRIMARY KEY(`job_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `facts` (
	`job_id` text NOT NULL,
	`seq` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`body` text NOT NULL,
	`payload` blob,
	PRIMARY KEY(`job_id`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`created_ms` integer NOT NULL,
	`finished_ms` integer,
	`outbox` text NOT NULL,
	`idempotency` text,
	`request_sha256` text,
	`record` text NOT NULL,
	`input` blob
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_idempotency` ON `jobs` (`idempotency`) WHERE idempotency IS NOT NULL;