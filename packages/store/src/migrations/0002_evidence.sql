CREATE TABLE "evidence" (
	"scope" text NOT NULL,
	"nullifier" text NOT NULL,
	"participant_id" text NOT NULL,
	"claim" text NOT NULL,
	"kind" text NOT NULL,
	"source" text NOT NULL,
	"created_at" bigint NOT NULL,
	"verified_at" bigint NOT NULL,
	"valid_until" bigint NOT NULL,
	"revoked_at" bigint,
	"burned_at" bigint,
	CONSTRAINT "evidence_scope_nullifier_pk" PRIMARY KEY("scope","nullifier"),
	CONSTRAINT "evidence_claim" CHECK (claim in ('uniqueHuman', 'legalRecourse'))
);
--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "evidence_participant" ON "evidence" USING btree ("participant_id");