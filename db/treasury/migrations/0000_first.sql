CREATE TABLE `escrows` (
	`escrow` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`opened` text NOT NULL,
	`client` text NOT NULL,
	`voucher` text NOT NULL,
	`limit` integer NOT NULL,
	`deposited` integer NOT NULL,
	`paid` integer NOT NULL,
	`min_bond` integer NOT NULL,
	`fee_bps` integer NOT NULL,
	`deadline_ms` integer NOT NULL,
	`check_ms` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `escrows_check` ON `escrows` (`check_ms`) WHERE check_ms IS NOT NULL;
--> statement-breakpoint
CREATE TABLE `payments` (
	`id` text PRIMARY KEY NOT NULL,
	`place` text NOT NULL,
	`state` text NOT NULL,
	`terms` text NOT NULL,
	`steps` integer NOT NULL,
	`reference` text,
	`detail` text,
	`at_ms` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `payments_open` ON `payments` (`place`) WHERE state = 'open';
--> statement-breakpoint
CREATE TABLE `payouts` (
	`id` text PRIMARY KEY NOT NULL,
	`place` text NOT NULL,
	`state` text NOT NULL,
	`order` text NOT NULL,
	`attempts` integer NOT NULL,
	`next_ms` integer NOT NULL,
	`payment` text,
	`reference` text,
	`detail` text,
	`at_ms` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `payouts_state` ON `payouts` (`state`,`id`);
--> statement-breakpoint
CREATE TABLE `places` (
	`place` text PRIMARY KEY NOT NULL,
	`halted` text,
	`detail` text,
	`failures` integer NOT NULL,
	`next_ms` integer NOT NULL,
	`position` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `results` (
	`payout` text PRIMARY KEY NOT NULL,
	`failures` integer NOT NULL,
	`next_ms` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `steps` (
	`payment` text NOT NULL,
	`n` integer NOT NULL,
	`step` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`payment`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
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
