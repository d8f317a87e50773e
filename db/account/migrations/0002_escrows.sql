CREATE TABLE `escrows` (
	`escrow` text PRIMARY KEY NOT NULL,
	`unit` text NOT NULL,
	`deadline_ms` integer NOT NULL
) WITHOUT ROWID;
