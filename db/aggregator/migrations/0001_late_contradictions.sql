CREATE TABLE `contradictions` (
	`job_id` text NOT NULL,
	`runner` text NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`job_id`, `runner`)
) WITHOUT ROWID;
