CREATE TABLE `model_names` (
	`name` text PRIMARY KEY NOT NULL,
	`digest` text NOT NULL,
	`account_id` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `model_names_by_digest` ON `model_names` (`digest`);--> statement-breakpoint
CREATE TABLE `models` (
	`digest` text PRIMARY KEY NOT NULL,
	`manifest` text NOT NULL,
	`created_ms` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `models_by_time` ON `models` (`created_ms`,`digest`);