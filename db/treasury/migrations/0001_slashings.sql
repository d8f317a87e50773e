CREATE TABLE `slashing_steps` (
	`slashing` text NOT NULL,
	`n` integer NOT NULL,
	`step` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`slashing`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `slashings` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`evidence` text NOT NULL,
	`amount` integer,
	`reference` text,
	`detail` text,
	`failures` integer NOT NULL,
	`next_ms` integer NOT NULL,
	`at_ms` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `slashings_open` ON `slashings` (`next_ms`) WHERE state = 'open';