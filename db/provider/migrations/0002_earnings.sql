CREATE TABLE `earnings` (
	`job_id` text PRIMARY KEY NOT NULL,
	`unit` text NOT NULL,
	`escrow` text,
	`micro` integer NOT NULL,
	`fee` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`ripens_ms` integer NOT NULL,
	`state` text NOT NULL,
	`payout` text
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `earnings_state` ON `earnings` (`state`,`ripens_ms`);--> statement-breakpoint
CREATE TABLE `payouts` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`order` text NOT NULL,
	`result` text
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `provider` ADD `payout_changed_ms` integer;--> statement-breakpoint
CREATE TABLE `ledger_accounts` (
	`name` text NOT NULL,
	`unit` text NOT NULL,
	`debits_posted` integer NOT NULL,
	`credits_posted` integer NOT NULL,
	`debits_pending` integer NOT NULL,
	`credits_pending` integer NOT NULL,
	`may_be_negative` integer NOT NULL,
	PRIMARY KEY(`name`, `unit`),
	CONSTRAINT "ledger_accounts_not_below_zero" CHECK(debits_posted >= 0 AND credits_posted >= 0 AND debits_pending >= 0 AND credits_pending >= 0),
	CONSTRAINT "ledger_accounts_exact" CHECK(debits_posted + debits_pending <= 9007199254740991 AND credits_posted + credits_pending <= 9007199254740991),
	CONSTRAINT "ledger_accounts_flag" CHECK(may_be_negative IN (0, 1)),
	CONSTRAINT "ledger_accounts_covered" CHECK(may_be_negative = 1 OR credits_posted - debits_posted - debits_pending >= 0)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `ledger_transfers` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`debit` text NOT NULL,
	`credit` text NOT NULL,
	`unit` text NOT NULL,
	`amount` integer NOT NULL,
	`pending` text,
	`at_ms` integer NOT NULL,
	`memo` text,
	CONSTRAINT "ledger_transfers_amount" CHECK(amount > 0 AND amount <= 9007199254740991),
	CONSTRAINT "ledger_transfers_accounts" CHECK(debit <> credit),
	CONSTRAINT "ledger_transfers_kind" CHECK(kind IN ('post', 'pending', 'commit', 'void')),
	CONSTRAINT "ledger_transfers_settles" CHECK((kind IN ('commit', 'void')) = (pending IS NOT NULL))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `ledger_transfers_pending` ON `ledger_transfers` (`pending`) WHERE pending IS NOT NULL;
--> statement-breakpoint
CREATE TRIGGER `ledger_transfers_no_update` BEFORE UPDATE ON `ledger_transfers` BEGIN
	SELECT RAISE(ABORT, 'the journal of transfers is never changed');
END;
--> statement-breakpoint
CREATE TRIGGER `ledger_transfers_no_delete` BEFORE DELETE ON `ledger_transfers` BEGIN
	SELECT RAISE(ABORT, 'the journal of transfers is never shortened');
END;
--> statement-breakpoint
CREATE TRIGGER `ledger_transfers_no_replace` BEFORE INSERT ON `ledger_transfers`
WHEN EXISTS (SELECT 1 FROM `ledger_transfers` WHERE id = NEW.id OR pending = NEW.pending) BEGIN
	SELECT RAISE(ABORT, 'the journal of transfers has this one already');
END;
