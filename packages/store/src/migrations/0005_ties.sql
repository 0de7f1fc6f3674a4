CREATE TABLE "ties" (
	"participant_id" text NOT NULL,
	"one" text NOT NULL,
	"other" text NOT NULL,
	"signed" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "ties_participant_id_one_other_pk" PRIMARY KEY("participant_id","one","other")
);
--> statement-breakpoint
ALTER TABLE "ties" ADD CONSTRAINT "ties_participant_id_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."participants"("id") ON DELETE no action ON UPDATE no action;