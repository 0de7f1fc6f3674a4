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
ALTER TABLE "mark_downs" ADD CONSTRAINT "mark_downs_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mark_downs_pending" ON "mark_downs" USING btree ("chain_id","venue") WHERE status = 'pending';