CREATE TABLE `streams` (
	`job_id` text NOT NULL,
	`shard` integer NOT NULL,
	`start` integer NOT NULL,
	`runner` text NOT NULL,
	`lease_id` text NOT NULL,
	`payload` blob NOT NULL,
	PRIMARY KEY(`job_id`, `shard`, `start`)
) WITHOUT ROWID;
