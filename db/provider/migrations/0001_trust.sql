CREATE TABLE `recalls` (
	`job_id` text PRIMARY KEY NOT NULL,
	`convicted_in` text NOT NULL,
	`thorough` integer NOT NULL,
	`failures` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `__new_reputation_events` (
	`kind` text NOT NULL,
	`id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`event` text NOT NULL,
	PRIMARY KEY(`kind`, `id`, `at_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_reputation_events`("kind", "id", "at_ms", "event") SELECT "kind", "id", "at_ms", "event" FROM `reputation_events` WHERE "kind" = 'uptime';--> statement-breakpoint
DROP TABLE `reputation_events`;--> statement-breakpoint
ALTER TABLE `__new_reputation_events` RENAME TO `reputation_events`;--> statement-breakpoint
ALTER TABLE `provider` ADD `groups` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `provider` ADD `trusted` integer DEFAULT false NOT NULL;
