CREATE TABLE "accounts" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"address" text NOT NULL,
	"chain_id" bigint NOT NULL,
	"participant_id" text NOT NULL,
	"linked_at" bigint NOT NULL,
	"unlinked_at" bigint,
	"relink_at" bigint
);
--> statement-breakpoint
CREATE TABLE "certificates" (
	"account" text NOT NULL,
	"chain_id" bigint NOT NULL,
	"venue" text NOT NULL,
	"market" text NOT NULL,
	"sequence" bigint NOT NULL,
	"participant_id" text NOT NULL,
	"limit_book" text NOT NULL,
	"max_notional" numeric(78, 0) NOT NULL,
	"credit" numeric(78, 0) NOT NULL,
	"im_ppm" bigint NOT NULL,
	"issued_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"epoch" bigint NOT NULL,
	"inputs_hash" text NOT NULL,
	"model_hash" text NOT NULL,
	"params_hash" text NOT NULL,
	"signatures" text NOT NULL,
	"created_at" bigint NOT NULL,
	"dead_at" bigint,
	"dead_block" bigint,
	"dead_reason" text,
	"requirement" numeric(78, 0) GENERATED ALWAYS AS (div(max_notional * im_ppm + 999999, 1000000)) STORED NOT NULL,
	CONSTRAINT "certificates_account_chain_id_venue_market_sequence_pk" PRIMARY KEY("account","chain_id","venue","market","sequence"),
	CONSTRAINT "certificates_bounds" CHECK (least(max_notional, credit) >= 0 and im_ppm >= 0 and expires_at > issued_at and sequence > 0),
	CONSTRAINT "certificates_dead" CHECK (dead_reason in ('expired', 'superseded') and dead_at is not null or dead_reason is null and dead_at is null)
);
--> statement-breakpoint
CREATE TABLE "chains" (
	"chain_id" bigint PRIMARY KEY NOT NULL,
	"number" bigint NOT NULL,
	"hash" text NOT NULL,
	"timestamp" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"chain_id" bigint NOT NULL,
	"block_hash" text NOT NULL,
	"log_index" integer NOT NULL,
	"block_number" bigint NOT NULL,
	"account" text NOT NULL,
	"kind" text NOT NULL,
	"body" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "events_chain_id_block_hash_log_index_pk" PRIMARY KEY("chain_id","block_hash","log_index")
);
--> statement-breakpoint
CREATE TABLE "flags" (
	"subject" text NOT NULL,
	"flag" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "flags_subject_flag_pk" PRIMARY KEY("subject","flag")
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"participant_id" text NOT NULL,
	"key" text NOT NULL,
	"body_hash" text NOT NULL,
	"answer" text NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "idempotency_participant_id_key_pk" PRIMARY KEY("participant_id","key")
);
--> statement-breakpoint
CREATE TABLE "inputs" (
	"hash" text PRIMARY KEY NOT NULL,
	"document" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "keys" (
	"account" text NOT NULL,
	"chain_id" bigint NOT NULL,
	"venue" text NOT NULL,
	"participant_id" text NOT NULL,
	"certificate_credit" numeric(78, 0) DEFAULT 0 NOT NULL,
	"requirement" numeric(78, 0) NOT NULL,
	"potential" numeric(78, 0) NOT NULL,
	"unrealised_loss" numeric(78, 0) NOT NULL,
	"fees" numeric(78, 0) NOT NULL,
	"venue_collateral" numeric(78, 0) NOT NULL,
	"book_credit" numeric(78, 0) NOT NULL,
	"block_number" bigint NOT NULL,
	"read_at" bigint NOT NULL,
	"encumbrance" numeric(78, 0) GENERATED ALWAYS AS (greatest(certificate_credit, requirement + unrealised_loss + fees - venue_collateral, least(potential + unrealised_loss + fees, book_credit))) STORED NOT NULL,
	CONSTRAINT "keys_account_chain_id_venue_pk" PRIMARY KEY("account","chain_id","venue"),
	CONSTRAINT "keys_not_negative" CHECK (least(certificate_credit, requirement, potential - requirement, unrealised_loss, fees, venue_collateral, book_credit) >= 0)
);
--> statement-breakpoint
CREATE TABLE "markets" (
	"chain_id" bigint NOT NULL,
	"market" text NOT NULL,
	"long_interest" numeric(78, 0) DEFAULT 0 NOT NULL,
	"short_interest" numeric(78, 0) DEFAULT 0 NOT NULL,
	"long_headroom" numeric(78, 0) DEFAULT 0 NOT NULL,
	"short_headroom" numeric(78, 0) DEFAULT 0 NOT NULL,
	"damper" text,
	"version" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "markets_chain_id_market_pk" PRIMARY KEY("chain_id","market"),
	CONSTRAINT "markets_not_negative" CHECK (least(long_interest, short_interest, long_headroom, short_headroom) >= 0)
);
--> statement-breakpoint
CREATE TABLE "nonces" (
	"nonce" text PRIMARY KEY NOT NULL,
	"purpose" text NOT NULL,
	"subject" text,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"participant_id" text,
	"kind" text NOT NULL,
	"body" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "participants" (
	"id" text PRIMARY KEY NOT NULL,
	"created_at" bigint NOT NULL,
	"version" bigint DEFAULT 0 NOT NULL,
	"called_at" bigint,
	"called_credit" numeric(78, 0)
);
--> statement-breakpoint
CREATE TABLE "positions" (
	"account" text NOT NULL,
	"chain_id" bigint NOT NULL,
	"venue" text NOT NULL,
	"market" text NOT NULL,
	"side" text NOT NULL,
	"notional" numeric(78, 0) NOT NULL,
	"requirement" numeric(78, 0) NOT NULL,
	"max_notional" numeric(78, 0) DEFAULT 0 NOT NULL,
	"certificate_requirement" numeric(78, 0) DEFAULT 0 NOT NULL,
	"last_sequence" bigint DEFAULT 0 NOT NULL,
	"accepted_sequence" bigint DEFAULT 0 NOT NULL,
	"block_number" bigint NOT NULL,
	"read_at" bigint NOT NULL,
	"long_interest" numeric(78, 0) GENERATED ALWAYS AS (case when side = 'long' then notional else 0 end) STORED NOT NULL,
	"short_interest" numeric(78, 0) GENERATED ALWAYS AS (case when side = 'short' then notional else 0 end) STORED NOT NULL,
	"long_headroom" numeric(78, 0) GENERATED ALWAYS AS (greatest(0, max_notional - case when side = 'long' then notional else 0 end)) STORED NOT NULL,
	"short_headroom" numeric(78, 0) GENERATED ALWAYS AS (greatest(0, max_notional - case when side = 'short' then notional else 0 end)) STORED NOT NULL,
	CONSTRAINT "positions_account_chain_id_venue_market_pk" PRIMARY KEY("account","chain_id","venue","market"),
	CONSTRAINT "positions_side" CHECK (side in ('long', 'short', 'flat') and (side = 'flat') = (notional = 0)),
	CONSTRAINT "positions_not_negative" CHECK (least(notional, requirement, max_notional, certificate_requirement) >= 0)
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"id" text PRIMARY KEY NOT NULL,
	"participant_id" text NOT NULL,
	"chain_id" bigint NOT NULL,
	"vault" text NOT NULL,
	"body_hash" text NOT NULL,
	"credit" numeric(78, 0) NOT NULL,
	"deadline" bigint NOT NULL,
	"signatures" text NOT NULL,
	"created_at" bigint NOT NULL,
	"status" text NOT NULL,
	"settled_at" bigint,
	"settled_block" bigint,
	CONSTRAINT "releases_status" CHECK (status in ('pending', 'used', 'expired') and credit >= 0)
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"participant_id" text NOT NULL,
	"account" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "certificates" ADD CONSTRAINT "certificates_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "certificates" ADD CONSTRAINT "certificates_inputs_hash_inputs_hash_fk" FOREIGN KEY ("inputs_hash") REFERENCES "public"."inputs"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency" ADD CONSTRAINT "idempotency_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "keys" ADD CONSTRAINT "keys_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "positions" ADD CONSTRAINT "positions_chain_id_market_markets_chain_id_market_fk" FOREIGN KEY ("chain_id","market") REFERENCES "public"."markets"("chain_id","market") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_active" ON "accounts" USING btree ("account") WHERE unlinked_at is null;--> statement-breakpoint
CREATE INDEX "accounts_participant" ON "accounts" USING btree ("participant_id");--> statement-breakpoint
CREATE INDEX "accounts_address" ON "accounts" USING btree ("address");--> statement-breakpoint
CREATE INDEX "certificates_live" ON "certificates" USING btree ("account","chain_id","venue") WHERE dead_at is null;--> statement-breakpoint
CREATE INDEX "certificates_participant" ON "certificates" USING btree ("participant_id") WHERE dead_at is null;--> statement-breakpoint
CREATE INDEX "events_account" ON "events" USING btree ("account","at");--> statement-breakpoint
CREATE INDEX "idempotency_age" ON "idempotency" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "keys_participant" ON "keys" USING btree ("participant_id");--> statement-breakpoint
CREATE INDEX "outbox_order" ON "outbox" USING btree ("xid","id");--> statement-breakpoint
CREATE INDEX "outbox_participant" ON "outbox" USING btree ("participant_id","xid","id");--> statement-breakpoint
CREATE INDEX "releases_participant" ON "releases" USING btree ("participant_id") WHERE status <> 'expired';--> statement-breakpoint
CREATE INDEX "releases_pending" ON "releases" USING btree ("chain_id","vault") WHERE status = 'pending';