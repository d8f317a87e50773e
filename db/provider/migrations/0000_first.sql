CREATE TABLE `provider` (
	`id` text PRIMARY KEY NOT NULL,
	`registration` text NOT NULL,
	`totals` text NOT NULL,
	`first_seen_ms` integer NOT NULL,
	`last_seen_ms` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `reputation_events` (
	`kind` text NOT NULL,
	`id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`event` text NOT NULL,
	PRIMARY KEY(`kind`, `id`)
) WITHOUT ROWID;
