CREATE TABLE "settlements" (
	"id" text PRIMARY KEY NOT NULL,
	"participant_id" text NOT NULL,
	"account" text NOT NULL,
	"venue_chain_id" bigint NOT NULL,
	"venue" text NOT NULL,
	"chain_id" bigint NOT NULL,
	"vault" text NOT NULL,
	"body_hash" text NOT NULL,
	"credit" numeric(78, 0) NOT NULL,
	"deadline" bigint NOT NULL,
	"signatures" text NOT NULL,
	"created_at" bigint NOT NULL,
	"status" text NOT NULL,
	"ended_at" bigint,
	"ended_block" bigint,
	"covered_at" bigint,
	"covered_block" bigint,
	CONSTRAINT "settlements_status" CHECK (status in ('pending', 'paid', 'void') and credit > 0)
);
--> statement-breakpoint
ALTER TABLE "settlements" ADD CONSTRAINT "settlements_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "settlements_participant" ON "settlements" USING btree ("participant_id") WHERE status <> 'void';--> statement-breakpoint
CREATE INDEX "settlements_pending" ON "settlements" USING btree ("chain_id","vault") WHERE status = 'pending';