CREATE TABLE "actions" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"chain_id" bigint NOT NULL,
	"venue" text NOT NULL,
	"account" text NOT NULL,
	"market" text NOT NULL,
	"kind" text NOT NULL,
	"sender" text NOT NULL,
	"nonce" bigint,
	"decision" text NOT NULL,
	"decision_hash" text NOT NULL,
	"status" text NOT NULL,
	"outcome" text,
	"created_at" bigint NOT NULL,
	"transaction" text,
	"block_number" bigint,
	"block_hash" text,
	"result" text,
	"ended_at" bigint,
	CONSTRAINT "actions_status" CHECK (status in ('pending', 'mined', 'final', 'dry') and (status = 'dry') = (nonce is null)),
	CONSTRAINT "actions_outcome" CHECK (outcome in ('done', 'reverted', 'lost') and status in ('mined', 'final') or outcome is null)
);
--> statement-breakpoint
CREATE TABLE "guards" (
	"name" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"token" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mark_downs" (
	"account" text NOT NULL,
	"chain_id" bigint NOT NULL,
	"venue" text NOT NULL,
	"sequence" bigint NOT NULL,
	"participant_id" text NOT NULL,
	"credit" numeric(78, 0) NOT NULL,
	"document" text NOT NULL,
	"signatures" text NOT NULL,
	"issued_at" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"status" text NOT NULL,
	"ended_at" bigint,
	CONSTRAINT "mark_downs_account_chain_id_venue_sequence_pk" PRIMARY KEY("account","chain_id","venue","sequence"),
	CONSTRAINT "mark_downs_status" CHECK (status in ('pending', 'accepted', 'void') and credit >= 0 and sequence > 0)
);
--> statement-breakpoint
CREATE TABLE "sends" (
	"hash" text PRIMARY KEY NOT NULL,
	"action_id" bigint NOT NULL,
	"raw" text NOT NULL,
	"max_fee" numeric(78, 0) NOT NULL,
	"max_priority_fee" numeric(78, 0) NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "settlements" ADD COLUMN "document" text;--> statement-breakpoint
ALTER TABLE "settlements" ADD COLUMN "fate" text;--> statement-breakpoint
ALTER TABLE "mark_downs" ADD CONSTRAINT "mark_downs_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sends" ADD CONSTRAINT "sends_action_id_actions_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."actions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "actions_nonce" ON "actions" USING btree ("chain_id","sender","nonce");--> statement-breakpoint
CREATE INDEX "actions_open" ON "actions" USING btree ("chain_id","sender") WHERE status in ('pending', 'mined');--> statement-breakpoint
CREATE INDEX "actions_account" ON "actions" USING btree ("venue","account");--> statement-breakpoint
CREATE INDEX "mark_downs_pending" ON "mark_downs" USING btree ("chain_id","venue") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "sends_action" ON "sends" USING btree ("action_id");